#pragma once

#include <optional>
#include <string_view>

#include "airssys/core/ports/turn_token.hpp"

namespace airssys::core {

/// `airssys:core/config`: the actor's own settings. On the thread that runs the turn; views valid as long as the actor.
class ConfigPort {
 public:
  virtual ~ConfigPort() = default;
  virtual std::optional<std::string_view> get(TurnToken turn, std::string_view key) = 0;
};

}  // namespace airssys::core
