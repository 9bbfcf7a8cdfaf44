#include "airssys/core/restart_policy.hpp"

#include <algorithm>

namespace airssys::core {
namespace {

/// A pause that was doubled so often is the longest there is.
constexpr std::size_t kDoublings = 48;

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
  const std::size_t one_by_one = std::min<std::size_t>(max_restarts, kDoublings);
  MonotonicTime sum{};
  for (std::size_t count = 1; count <= one_by_one && sum < window_time(); ++count) sum += pause_before(count);
  if (sum >= window_time()) return max_restarts > 0;
  const MonotonicTime longest = pause_before(kDoublings);
  if (longest.count() == 0) return false;
  const auto others = static_cast<std::int64_t>(max_restarts - one_by_one);
  return others >= (window_time() - sum + longest - MonotonicTime(1)) / longest;
}

}  // namespace airssys::core
