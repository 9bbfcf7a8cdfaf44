#include "airssys/core/restart_policy.hpp"

#include <algorithm>

namespace airssys::core {
namespace {

/// In milliseconds, and no more than a day, so that whatever an embedder asks for fits into nanoseconds.
MonotonicTime at_most_a_day(std::chrono::milliseconds time) noexcept {
  return std::clamp<std::chrono::milliseconds>(time, std::chrono::milliseconds(0), std::chrono::hours(24));
}

}  // namespace

MonotonicTime RestartPolicy::pause_before(std::size_t count) const noexcept {
  const MonotonicTime most = at_most_a_day(backoff_max);
  MonotonicTime pause = std::min(at_most_a_day(backoff), most);
  // A day is reached after 47 doublings of a nanosecond, and a pause of nothing stays one.
  for (std::size_t i = 1; i < count && pause < most && pause.count() != 0; ++i) pause = std::min(pause * 2, most);
  return pause;
}

MonotonicTime RestartPolicy::window_time() const noexcept {
  return at_most_a_day(window);
}

bool RestartPolicy::outlasts_its_window() const noexcept {
  MonotonicTime sum{};
  for (std::size_t count = 1; count <= max_restarts && sum < window_time(); ++count) sum += pause_before(count);
  return sum >= window_time() && max_restarts > 0;
}

}  // namespace airssys::core
