#include "airssys/actor/supervisor.hpp"

#include <algorithm>

namespace airssys::actor {
namespace {

/// In milliseconds, and no more than a day, so that whatever an embedder asks for fits into nanoseconds.
core::MonotonicTime at_most_a_day(std::chrono::milliseconds time) noexcept {
  return std::clamp<std::chrono::milliseconds>(time, std::chrono::milliseconds(0), std::chrono::hours(24));
}

}  // namespace

core::MonotonicTime RestartPolicy::pause_before(std::size_t count) const noexcept {
  const core::MonotonicTime most = at_most_a_day(backoff_max);
  core::MonotonicTime pause = std::min(at_most_a_day(backoff), most);
  // A day is reached after 47 doublings of a nanosecond, and a pause of nothing stays one.
  for (std::size_t i = 1; i < count && pause < most && pause.count() != 0; ++i) pause = std::min(pause * 2, most);
  return pause;
}

bool RestartPolicy::outlasts_its_window() const noexcept {
  const core::MonotonicTime window_time = at_most_a_day(window);
  core::MonotonicTime sum{};
  for (std::size_t count = 1; count <= max_restarts && sum < window_time; ++count) sum += pause_before(count);
  return sum >= window_time && max_restarts > 0;
}

std::optional<RestartHistory::Restart> RestartHistory::next(core::MonotonicTime now, std::uint64_t chance,
                                                            std::uint64_t turns) {
  if (past_ == nullptr) past_ = std::make_unique<Past>();
  // The start of the instance that has died is one of them.
  const bool success = turns > past_->turns + 1;
  past_->turns = turns;
  std::vector<core::MonotonicTime>& restarts = past_->restarts;
  if (success) {
    std::erase_if(restarts, [&](core::MonotonicTime restart) { return restart + at_most_a_day(policy_.window) <= now; });
  }
  if (restarts.size() >= policy_.max_restarts) return std::nullopt;
  restarts.push_back(now);
  const core::MonotonicTime pause = policy_.pause_before(restarts.size());
  const auto spread = static_cast<std::int64_t>(chance % 256) * pause.count() / 1024;
  return Restart{.at = now + pause + core::MonotonicTime(spread), .count = static_cast<std::uint32_t>(restarts.size())};
}

bool RestartHistory::within_window(core::MonotonicTime now) const noexcept {
  return past_ == nullptr || past_->restarts.empty() || past_->restarts.front() + at_most_a_day(policy_.window) > now;
}

}  // namespace airssys::actor
