#include "airssys/actor/supervisor.hpp"

#include <algorithm>

namespace airssys::actor {

std::optional<RestartHistory::Restart> RestartHistory::next(core::MonotonicTime now, std::uint64_t chance) {
  std::erase_if(recent_, [&](core::MonotonicTime restart) { return restart + policy_.window <= now; });
  if (recent_.size() >= policy_.max_restarts) return std::nullopt;
  recent_.push_back(now);
  const auto doublings = std::min<std::size_t>(recent_.size() - 1, 30);
  const core::MonotonicTime first = policy_.backoff;
  const core::MonotonicTime delay = std::min<core::MonotonicTime>(first * (std::int64_t{1} << doublings), policy_.backoff_max);
  const auto spread = static_cast<std::int64_t>(chance % 256) * delay.count() / 1024;
  return Restart{.at = now + delay + core::MonotonicTime(spread),
                 .count_in_window = static_cast<std::uint32_t>(recent_.size())};
}

}  // namespace airssys::actor
