#include "flows.hpp"

#include <algorithm>
#include <chrono>

namespace airssys::bench {

core::Result<std::unique_ptr<Flows>> Flows::create(const World& like, unsigned workers, unsigned pairs) {
  std::unique_ptr<Flows> all(new Flows);
  AIRSSYS_TRY(all->world_, World::create(like.guests(), {.workers = workers, .effort = like.effort()}));
  for (unsigned pair = 1; pair <= pairs; ++pair) {
    all->flows_.push_back(std::make_unique<Flow>(*all->world_, Flow::Shape{.pair = pair}));
    AIRSSYS_TRY(all->flows_.back()->spawn());
  }
  return all;
}

core::Result<double> Flows::run(std::uint64_t hops_each) {
  for (const auto& flow : flows_) AIRSSYS_TRY(flow->begin(hops_each));
  auto begin = Taken::Clock::time_point::max();
  auto end = Taken::Clock::time_point::min();
  for (const auto& flow : flows_) {
    AIRSSYS_TRY(const Taken taken, flow->wait());
    begin = std::min(begin, taken.begin);
    end = std::max(end, taken.end);
  }
  const double seconds = std::chrono::duration<double>(end - begin).count();
  return static_cast<double>(hops_each * flows_.size()) / seconds;
}

}  // namespace airssys::bench
