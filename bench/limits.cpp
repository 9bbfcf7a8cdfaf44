#include <array>
#include <string>
#include <utility>

#include "benches.hpp"
#include "flow.hpp"
#include "measure.hpp"

namespace airssys::bench {
namespace {

constexpr std::size_t kBody = 64;
constexpr double kEach = 1.10;
constexpr double kTogether = 1.15;

/// A bare hop with every limit on, beside one without some.
core::Result<std::vector<Row>> run_bare(World& world, const std::string& name, const std::string& reference,
                                        FloorOptions options, double target) {
  AIRSSYS_TRY(Floor * on, world.floor());
  options.guests = {"forwarder"};
  AIRSSYS_TRY(const auto off, Floor::create(world.guests(), options));
  const std::uint64_t hops = Flow::batch(kBody, world.effort());
  const auto hop = [&](Floor& floor) -> core::Result<double> {
    AIRSSYS_TRY(const Taken taken, world.on_worker([&] { floor.hops(kBody, hops); }));
    return taken.nanoseconds / static_cast<double>(hops);
  };
  const std::array<Batch, 2> batches{[&] { return hop(*on); }, [&] { return hop(*off); }};
  AIRSSYS_TRY(const auto medians, alternate(batches, world.effort().rounds()));
  return std::vector{compared(name, medians[0], "ns", reference, medians[1], target)};
}

/// A hop over metered edges beside one over edges without a rate.
core::Result<std::vector<Row>> run_rate(World& world) {
  Flow metered(world, {.body_bytes = kBody, .space = "metered"});
  Flow plain(world, {.body_bytes = kBody});
  AIRSSYS_TRY(metered.spawn());
  AIRSSYS_TRY(plain.spawn());
  const std::uint64_t hops = Flow::batch(kBody, world.effort());
  const auto hop = [hops](Flow& flow) -> core::Result<double> {
    AIRSSYS_TRY(const Taken taken, flow.run(hops));
    return taken.nanoseconds / static_cast<double>(hops);
  };
  const std::array<Batch, 2> batches{[&] { return hop(metered); }, [&] { return hop(plain); }};
  AIRSSYS_TRY(const auto medians, alternate(batches, world.effort().rounds()));
  AIRSSYS_TRY(world.settle());
  return std::vector{compared("limits_cost/rate", medians[0], "ns", "hop/64 without a rate", medians[1], kEach)};
}

}  // namespace

std::vector<Bench> limits_benches() {
  return {{"limits_cost/epoch", "a bare hop of 64 bytes with the limit on time; beside it compiled without looks at the epoch",
           [](World& world) {
             return run_bare(world, "limits_cost/epoch", "floor/64 without epochs", {.without_epochs = true}, kEach);
           }},
          {"limits_cost/memory", "a bare hop of 64 bytes with the limits on memory and tables; beside it without",
           [](World& world) {
             return run_bare(world, "limits_cost/memory", "floor/64 without memory limits", {.without_memory_limits = true},
                             kEach);
           }},
          {"limits_cost/rate", "hop/64 where each send takes from a rate that is never reached", run_rate},
          {"limits_cost/together", "a bare hop of 64 bytes with the limits on time, memory and tables; beside it with none",
           [](World& world) {
             return run_bare(world, "limits_cost/together", "floor/64 without limits",
                             {.without_epochs = true, .without_memory_limits = true}, kTogether);
           }}};
}

}  // namespace airssys::bench
