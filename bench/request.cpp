#include <array>
#include <utility>

#include "benches.hpp"
#include "dialogue.hpp"
#include "measure.hpp"

namespace airssys::bench {
namespace {

core::Result<std::vector<Row>> run(World& world) {
  const std::uint64_t requests = world.effort().of(8'192, 256);
  const auto ns_each = [requests](const Taken& taken) { return taken.nanoseconds / static_cast<double>(requests); };
  Dialogue dialogue(world, requests);
  AIRSSYS_TRY(dialogue.spawn());
  AIRSSYS_TRY(Floor * floor, world.floor());
  const std::array<Batch, 2> batches{[&]() -> core::Result<double> {
                                       AIRSSYS_TRY(const Taken taken, dialogue.run());
                                       return ns_each(taken);
                                     },
                                     [&]() -> core::Result<double> {
                                       AIRSSYS_TRY(const Taken taken,
                                                   world.on_worker([&] { floor->requests(Dialogue::kBody, requests); }));
                                       return ns_each(taken);
                                     }};
  AIRSSYS_TRY(const auto medians, alternate(batches, world.effort().rounds()));
  AIRSSYS_TRY(world.settle());
  return std::vector{compared("request/64", medians[0], "ns", "its two bare entries", medians[1], 1.5)};
}

}  // namespace

std::vector<Bench> request_benches() {
  return {{"request/64",
           "a request of 64 bytes from guest to guest, replied to, the reply handled, which makes the next; 64 under way",
           run}};
}

}  // namespace airssys::bench
