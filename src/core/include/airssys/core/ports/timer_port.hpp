#pragma once

#include <cstdint>
#include <expected>
#include <optional>

#include "airssys/core/message.hpp"
#include "airssys/core/ports/turn_token.hpp"

namespace airssys::core {

enum class TimerError : std::uint8_t { invalid, limit_reached, unavailable };

/// `airssys:core/timers`. One timer per tag; arming again replaces it. Effects of the turn. On the thread that runs it.
class TimerPort {
 public:
  virtual ~TimerPort() = default;

  virtual std::expected<void, TimerError> arm(TurnToken turn, Tag tag, std::uint64_t delay_ms,
                                              std::optional<std::uint64_t> period_ms) = 0;
  /// True: it was armed.
  virtual bool disarm(TurnToken turn, Tag tag) = 0;
};

}  // namespace airssys::core
