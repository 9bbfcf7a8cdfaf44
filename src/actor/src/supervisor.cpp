#include "airssys/actor/supervisor.hpp"

#include <algorithm>

namespace airssys::actor {

std::optional<RestartHistory::Restart> RestartHistory::next(core::MonotonicTime now, std::uint64_t chance,
                                                            std::uint64_t turns) {
  if (past_ == nullptr) past_ = std::make_unique<Past>();
  // The start of the instance that has died is one of them.
  const bool success = turns > past_->turns + 1;
  past_->turns = turns;
  std::vector<core::MonotonicTime>& restarts = past_->restarts;
  if (success) {
    std::erase_if(restarts, [&](core::MonotonicTime restart) { return restart + policy_.window_time() <= now; });
  }
  if (restarts.size() >= policy_.max_restarts) return std::nullopt;
  restarts.push_back(now);
  const core::MonotonicTime pause = policy_.pause_before(restarts.size());
  const auto spread = static_cast<std::int64_t>(chance % 256) * pause.count() / 1024;
  return Restart{.at = now + pause + core::MonotonicTime(spread), .count = static_cast<std::uint32_t>(restarts.size())};
}

bool RestartHistory::within_window(core::MonotonicTime now) const noexcept {
  return past_ == nullptr || past_->restarts.empty() || past_->restarts.front() + policy_.window_time() > now;
}

}  // namespace airssys::actor
