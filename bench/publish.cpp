#include <fmt/format.h>

#include <array>
#include <optional>
#include <string>

#include "benches.hpp"
#include "fan_out.hpp"
#include "flow.hpp"
#include "measure.hpp"

namespace airssys::bench {
namespace {

core::Result<std::vector<Row>> run(World& world, const std::string& name, std::uint64_t leaves, std::optional<double> target) {
  FanOut fan_out(world, leaves);
  AIRSSYS_TRY(fan_out.spawn());
  Flow flow(world, {.pair = 2});
  AIRSSYS_TRY(flow.spawn());
  const std::uint64_t count = world.effort().of(16'384, 512);
  const std::array<Batch, 2> batches{[&] { return fan_out.run(count); },
                                     [&]() -> core::Result<double> {
                                       AIRSSYS_TRY(const Taken taken, flow.run(count));
                                       return taken.nanoseconds / static_cast<double>(count);
                                     }};
  AIRSSYS_TRY(const auto medians, alternate(batches, world.effort().rounds()));
  AIRSSYS_TRY(world.settle());
  return std::vector{compared(name, medians[0], "ns", "hop/64", medians[1], target)};
}

}  // namespace

std::vector<Bench> publish_benches() {
  std::vector<Bench> all;
  for (const std::uint64_t leaves : {1UL, 10UL, 100UL, 1'000UL}) {
    const std::string name = fmt::format("publish/{}", leaves);
    const auto target = leaves == 1'000 ? std::optional(1.0) : std::nullopt;
    all.push_back({name, "a delivery of an event of 64 bytes that a guest published, handled by one of so many guests",
                   [=](World& world) { return run(world, name, leaves, target); }});
  }
  return all;
}

}  // namespace airssys::bench
