#include "airssys/actor/recent_deaths.hpp"

#include <utility>

namespace airssys::actor {
namespace {

template <typename Counts>
std::uint32_t count_in(const Counts& counts, std::uint64_t who) {
  const auto found = counts.find(who);
  return found == counts.end() ? 0 : found->second;
}

}  // namespace

void RecentDeaths::see(core::MonotonicTime now) {
  const std::int64_t period = now / kPeriod;
  if (period == period_) return;
  before_ = period == period_ + 1 ? std::move(now_) : Counts();
  now_ = Counts();
  period_ = period;
}

std::uint32_t RecentDeaths::add(std::uint64_t who, core::MonotonicTime now) {
  see(now);
  const std::uint32_t earlier = of(who);
  if (now_.size() < most_ || now_.contains(who)) ++now_[who];
  return earlier + 1;
}

std::uint32_t RecentDeaths::of(std::uint64_t who) const {
  return count_in(now_, who) + count_in(before_, who);
}

}  // namespace airssys::actor
