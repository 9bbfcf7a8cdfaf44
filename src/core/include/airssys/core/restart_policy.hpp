#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "airssys/core/ports/clock_port.hpp"

namespace airssys::core {

/// How often an actor whose instances die may be restarted, and how soon: what a supervisor goes by. A value.
struct RestartPolicy {
  std::uint32_t max_restarts = 5;  ///< Within `window`, or in a row; one more and the actor is stopped for good.
  std::chrono::milliseconds window{60'000};
  std::chrono::milliseconds backoff{100};  ///< Before the first restart; doubles with each within the window.
  std::chrono::milliseconds backoff_max{10'000};

  /// Before restart `count` of those that count; 1 is the first. Never more than `backoff_max`, and that no more than a day.
  MonotonicTime pause_before(std::size_t count) const noexcept;
  /// `window`, and no more than a day, so that whatever an embedder asks for fits into nanoseconds.
  MonotonicTime window_time() const noexcept;
  /// The window is over before so many restarts can have been made: within it nobody gives up, however often an instance dies.
  bool outlasts_its_window() const noexcept;

  friend bool operator==(const RestartPolicy&, const RestartPolicy&) noexcept = default;
};

}  // namespace airssys::core
