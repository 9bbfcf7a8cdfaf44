/// Timers: one per tag; arming again replaces it. They fire as `handle_timer`, which the actor must have.
#pragma once

#include <airssys/guest/values.hpp>
#include <chrono>

namespace airssys::guest {

struct TimerError {
  enum Code : std::uint8_t { invalid, limit_reached, unavailable };
  Code code = unavailable;

  friend bool operator==(const TimerError& error, Code code) noexcept { return error.code == code; }
};

std::string_view name_of(TimerError::Code code) noexcept;
std::unexpected<Failure> failed(const TimerError& error);

/// Once after `delay`, or then again every `period`.
inline std::expected<void, TimerError> arm(std::uint64_t tag, std::chrono::milliseconds delay,
                                           std::optional<std::chrono::milliseconds> period = {}) {
  abi::TimerResult result;
  abi::airssys_timer_arm(tag, static_cast<std::uint64_t>(delay.count()), period ? 1 : 0,
                         period ? static_cast<std::uint64_t>(period->count()) : 0, &result);
  if (result.failed != 0) return std::unexpected(TimerError{static_cast<TimerError::Code>(result.error)});
  return {};
}
/// True: it was armed.
inline bool disarm(std::uint64_t tag) {
  return abi::airssys_timer_disarm(tag) != 0;
}

}  // namespace airssys::guest
