#include <fmt/format.h>

#include <array>
#include <utility>

#include "benches.hpp"
#include "flow.hpp"
#include "measure.hpp"
#include "pairs.hpp"

namespace airssys::bench {
namespace {

constexpr std::size_t kBody = 64;

core::Result<double> bare_hop(World& world, std::size_t body_bytes, std::uint64_t hops) {
  AIRSSYS_TRY(Floor * floor, world.floor());
  AIRSSYS_TRY(const Taken taken, world.on_worker([&] { floor->hops(body_bytes, hops); }));
  return taken.nanoseconds / static_cast<double>(hops);
}

core::Result<std::vector<Row>> run_hop(World& world, const std::string& name, std::size_t body_bytes) {
  Flow flow(world, {.body_bytes = body_bytes});
  AIRSSYS_TRY(flow.spawn());
  const std::uint64_t hops = Flow::batch(body_bytes, world.effort());
  const std::array<Batch, 2> batches{[&]() -> core::Result<double> {
                                       AIRSSYS_TRY(const Taken taken, flow.run(hops));
                                       return taken.nanoseconds / static_cast<double>(hops);
                                     },
                                     [&] { return bare_hop(world, body_bytes, hops); }};
  AIRSSYS_TRY(const auto medians, alternate(batches, world.effort().rounds()));
  AIRSSYS_TRY(world.settle());
  return std::vector{compared(name, medians[0], "ns", fmt::format("floor/{}", body_bytes), medians[1], 1.5)};
}

core::Result<std::vector<Row>> run_floor(World& world) {
  const std::uint64_t hops = Flow::batch(kBody, world.effort());
  const std::array<Batch, 1> batches{[&] { return bare_hop(world, kBody, hops); }};
  AIRSSYS_TRY(const auto medians, alternate(batches, world.effort().rounds()));
  return std::vector{Row{.row = "floor", .value = medians[0], .unit = "ns"}};
}

core::Result<std::vector<Row>> run_allocations(World& world) {
  Flow flow(world, {.body_bytes = kBody});
  AIRSSYS_TRY(flow.spawn());
  const std::uint64_t hops = Flow::batch(kBody, world.effort());
  AIRSSYS_TRY(Taken taken, flow.run(hops));
  // In the steady state: until then tables and free lists grow.
  for (int batch = 0; batch < 4; ++batch) {
    AIRSSYS_TRY(const Taken next, flow.run(hops));
    if (next.allocations < taken.allocations) taken = next;
  }
  AIRSSYS_TRY(Floor * floor, world.floor());
  AIRSSYS_TRY(world.on_worker([&] { floor->hops(kBody, hops); }));
  AIRSSYS_TRY(const Taken bare, world.on_worker([&] { floor->hops(kBody, hops); }));
  AIRSSYS_TRY(world.settle());
  const auto per_hop = [hops](const Taken& batch) {
    return static_cast<double>(batch.allocations) / static_cast<double>(hops);
  };
  return std::vector{Row{.row = "allocations_per_hop",
                         .value = per_hop(taken),
                         .unit = "allocations",
                         .reference = "floor/64",
                         .reference_value = per_hop(bare),
                         .target = 1}};
}

core::Result<std::vector<Row>> run_workers(World& world) {
  constexpr unsigned kPairs = 2;
  AIRSSYS_TRY(const auto two, Pairs::create(world, 2, kPairs));
  AIRSSYS_TRY(const auto one, Pairs::create(world, 1, kPairs));
  const std::uint64_t hops = world.effort().of(16'384, 512);
  std::vector<double> cpu_of_two;
  std::vector<double> cpu_of_one;
  const auto batch = [hops](Pairs& pairs, std::vector<double>& cpu) -> core::Result<double> {
    AIRSSYS_TRY(const Pairs::Rate rate, pairs.run(hops));
    cpu.push_back(rate.per_cpu_second);
    return rate.per_second;
  };
  const std::array<Batch, 2> batches{[&] { return batch(*two, cpu_of_two); }, [&] { return batch(*one, cpu_of_one); }};
  AIRSSYS_TRY(const auto medians, alternate(batches, world.effort().rounds()));
  AIRSSYS_TRY(two->settle());
  AIRSSYS_TRY(one->settle());
  const std::string name = "hop_workers/2";
  return std::vector{compared(name, medians[0], "hops/s", "one worker", medians[1], 1.8),
                     compared(name, median(std::move(cpu_of_two)), "hops/CPU s", "one worker, CPU of the busiest",
                              median(std::move(cpu_of_one)), std::nullopt)};
}

}  // namespace

std::vector<Bench> hop_benches() {
  std::vector<Bench> all;
  all.push_back(
      {"floor", "a bare hop of 64 bytes: component call A, whose import copies the body, component call B", run_floor});
  for (const std::size_t bytes : {0UL, 64UL, 1024UL, 65536UL}) {
    const std::string name = fmt::format("hop/{}", bytes);
    all.push_back({name,
                   "a message of so many bytes from guest a to guest b, handled there; making it for a, which a native "
                   "actor does, is included",
                   [=](World& world) { return run_hop(world, name, bytes); }});
  }
  all.push_back(
      {"allocations_per_hop", "every allocation of the worker's thread, C++ and Rust, for one hop/64", run_allocations});
  all.push_back({"hop_workers/2",
                 "hops of 64 bytes of two independent pairs at once, in a second, on two workers; beside it the same on one",
                 run_workers});
  return all;
}

}  // namespace airssys::bench
