#pragma once

#include <cstdint>

#include "airssys/core/message.hpp"

namespace airssys::core {

/// How one call of an actor's code ended; what it means for the turn is the runner's business.
struct TurnResult {
  enum class Kind : std::uint8_t {
    returned,  ///< `response` has its answer.
    failed,    ///< `failure` has its reason; the instance lives.
    trapped,   ///< The instance is dead; its trap says why.
  };
  Kind kind = Kind::returned;
  Response response{};
  Failure failure{};
};

}  // namespace airssys::core
