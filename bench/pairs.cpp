#include "pairs.hpp"

#include <algorithm>
#include <chrono>

#include "cpu_times.hpp"

namespace airssys::bench {
core::Result<std::unique_ptr<Pairs>> Pairs::create(const World& like, unsigned workers, unsigned pairs) {
  constexpr std::uint64_t kAtOnce = 256;
  std::unique_ptr<Pairs> all(new Pairs);
  AIRSSYS_TRY(all->world_, World::create(like.guests(), {.workers = workers, .effort = like.effort()}));
  for (unsigned pair = 1; pair <= pairs; ++pair) {
    all->rings_.push_back(std::make_unique<Ring>(*all->world_, Ring::Shape{.guests = 2, .at_once = kAtOnce, .number = pair}));
    AIRSSYS_TRY(all->rings_.back()->spawn());
  }
  return all;
}

core::Result<Pairs::Rate> Pairs::run(std::uint64_t hops_each) {
  const CpuTimes cpu_before = cpu_times("self");
  for (const auto& ring : rings_) AIRSSYS_TRY(ring->begin(hops_each));
  auto begin = Taken::Clock::time_point::max();
  auto end = Taken::Clock::time_point::min();
  for (const auto& ring : rings_) {
    AIRSSYS_TRY(const Taken taken, ring->wait());
    begin = std::min(begin, taken.begin);
    end = std::max(end, taken.end);
  }
  const auto hops = static_cast<double>(hops_each * rings_.size());
  return Rate{.per_second = hops / std::chrono::duration<double>(end - begin).count(),
              .per_cpu_second = hops * 1e9 / most_used(cpu_before, cpu_times("self"))};
}

}  // namespace airssys::bench
