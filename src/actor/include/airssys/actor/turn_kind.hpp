#pragma once

#include <cstdint>
#include <string_view>

#include "airssys/core/turn_result.hpp"

namespace airssys::actor {

/// What a turn is for: which of the actor's functions is called.
enum class TurnKind : std::uint8_t {
  initialize,  ///< A new instance.
  message,     ///< `handle-message`: a send, a request, an event.
  reply,       ///< `handle-reply`: the outcome of a request of its own.
  timer,       ///< `handle-timer`.
  stop,        ///< The last turn.
};
/// As in the contract: "initialize", "handle-message" ... Static storage.
std::string_view name_of(TurnKind kind) noexcept;

/// How a turn ended; what follows is in the table of `TurnRunner`.
enum class TurnEnding : std::uint8_t {
  stands,   ///< It returned: all it did becomes real.
  refused,  ///< It said no: nothing of it happened, and what it was for is done with.
  busy,     ///< It asks to be called again later: nothing of it happened.
  died,     ///< A trap, a limit, an internal failure: nothing of it happened, and the instance is gone.
};

/// The one place where this is decided, for every kind of turn. An instance that fails in `initialize`, with whatever word, is
/// of no use.
inline TurnEnding classify(TurnKind kind, const core::TurnResult& result) noexcept {
  using Kind = core::TurnResult::Kind;
  if (result.kind == Kind::returned) [[likely]] {
    return TurnEnding::stands;
  }
  if (result.kind == Kind::trapped || kind == TurnKind::initialize || result.failure.kind == core::FailureKind::internal) {
    return TurnEnding::died;
  }
  return result.failure.kind == core::FailureKind::busy ? TurnEnding::busy : TurnEnding::refused;
}

}  // namespace airssys::actor
