#include "plots.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "fan_out.hpp"
#include "flow.hpp"
#include "measure.hpp"
#include "pairs.hpp"
#include "report/chart.hpp"
#include "ring.hpp"

namespace airssys::bench {
namespace {

constexpr std::size_t kBody = 64;
constexpr int kRounds = 9;

/// One point: sets up what it needs, measures, and leaves the world as it was. Nanoseconds of a hop, and of the floor's.
using Measure = std::function<core::Result<std::vector<double>>(World&, std::uint64_t x)>;

core::Result<double> bare_hop(World& world, std::size_t body_bytes, std::uint64_t hops) {
  AIRSSYS_TRY(Floor * floor, world.floor());
  AIRSSYS_TRY(const Taken taken, world.on_worker([&] { floor->hops(body_bytes, hops); }));
  return taken.nanoseconds / static_cast<double>(hops);
}

core::Result<std::vector<double>> flow_point(World& world, const Flow::Shape& shape) {
  Flow flow(world, shape);
  AIRSSYS_TRY(flow.spawn());
  const std::uint64_t hops = Flow::batch(shape.body_bytes, world.effort());
  const std::array<Batch, 2> batches{[&]() -> core::Result<double> {
                                       AIRSSYS_TRY(const Taken taken, flow.run(hops));
                                       return taken.nanoseconds / static_cast<double>(hops);
                                     },
                                     [&] { return bare_hop(world, shape.body_bytes, hops); }};
  AIRSSYS_TRY(auto medians, alternate(batches, world.effort().rounds(kRounds)));
  AIRSSYS_TRY(world.settle());
  return medians;
}

core::Result<std::vector<double>> body_point(World& world, std::uint64_t bytes) {
  return flow_point(world, {.body_bytes = bytes});
}

core::Result<std::vector<double>> depth_point(World& world, std::uint64_t depth) {
  return flow_point(world, {.body_bytes = kBody, .per_turn = depth});
}

core::Result<std::vector<double>> actors_point(World& world, std::uint64_t guests) {
  // In the fast profile 20,000 guests are more than the kernel has mappings for.
  Ring ring(world, {.guests = guests, .profile = core::Profile::dense});
  AIRSSYS_TRY(ring.spawn());
  const std::uint64_t rounds = std::max<std::uint64_t>(8, world.effort().of(32'768, 64) / guests);
  const std::array<Batch, 1> batches{[&]() -> core::Result<double> {
    AIRSSYS_TRY(ring.begin(rounds));
    AIRSSYS_TRY(const Taken taken, ring.wait());
    return taken.nanoseconds / static_cast<double>(rounds * guests);
  }};
  AIRSSYS_TRY(auto medians, alternate(batches, world.effort().rounds(kRounds)));
  AIRSSYS_TRY(world.settle());
  return medians;
}

core::Result<std::vector<double>> fan_out_point(World& world, std::uint64_t guests) {
  FanOut fan_out(world, guests);
  AIRSSYS_TRY(fan_out.spawn());
  const std::array<Batch, 1> batches{[&] { return fan_out.run(world.effort().of(32'768, 64)); }};
  AIRSSYS_TRY(auto medians, alternate(batches, world.effort().rounds(kRounds)));
  AIRSSYS_TRY(world.settle());
  return medians;
}

core::Result<std::vector<double>> workers_point(World& world, std::uint64_t workers) {
  AIRSSYS_TRY(const auto pairs, Pairs::create(world, static_cast<unsigned>(workers), static_cast<unsigned>(workers)));
  const std::uint64_t hops = world.effort().of(16'384, 512);
  const std::array<Batch, 1> batches{[&]() -> core::Result<double> {
    AIRSSYS_TRY(const Pairs::Rate rate, pairs->run(hops));
    return 1e9 / rate.per_second;
  }};
  AIRSSYS_TRY(auto medians, alternate(batches, world.effort().rounds(kRounds)));
  AIRSSYS_TRY(pairs->settle());
  return medians;
}

struct Plot {
  std::string file;
  std::string title;
  std::string x_label;
  std::vector<std::string> series;
  std::vector<std::uint64_t> xs;
  Measure measure;
};

std::vector<Plot> plots(bool tiny) {
  const auto few = [tiny](std::vector<std::uint64_t> xs) {
    if (tiny) xs.resize(2);
    return xs;
  };
  return {{"actors.svg",
           "A hop, 8 under way in a ring of guests (dense profile)",
           "guests in the ring",
           {"hop"},
           few({10, 30, 100, 300, 1'000, 3'000, 10'000, 20'000}),
           actors_point},
          {"body.svg",
           "A hop, and the same component calls bare",
           "bytes of the body",
           {"hop", "floor"},
           few({0, 16, 64, 256, 1'024, 4'096, 16'384, 65'536}),
           body_point},
          {"workers.svg",
           "Pairs of guests, one for each worker: all their hops together",
           "workers and pairs",
           {"time by hops"},
           few({1, 2, 3, 4}),
           workers_point},
          {"fan_out.svg",
           "The same message to many guests, for each of them",
           "guests that get it",
           {"delivery"},
           few({1, 3, 10, 30, 100, 300, 1'000}),
           fan_out_point},
          {"depth.svg",
           "A hop, by how many messages are sent in a turn and wait together",
           "messages that wait",
           {"hop", "floor"},
           few({1, 2, 4, 8, 16, 32, 64, 128, 256, 512}),
           depth_point}};
}

core::Result<void> draw(World& world, const std::filesystem::path& folder, const Plot& plot) {
  Chart chart{.title = plot.title, .x_label = plot.x_label, .y_label = "ns", .x_scale = Chart::Scale::logarithmic};
  for (const std::string& name : plot.series) chart.series.push_back({.name = name, .points = {}});
  for (const std::uint64_t x : plot.xs) {
    AIRSSYS_TRY(const std::vector<double> values, plot.measure(world, x));
    std::string text;
    for (std::size_t i = 0; i < values.size(); ++i) {
      chart.series[i].points.push_back({static_cast<double>(x), values[i]});
      text += fmt::format("  {} {:.1f} ns", plot.series[i], values[i]);
    }
    fmt::print("{:<12} {:>6}{}\n", plot.file, x, text);
    std::fflush(stdout);
  }
  return write_chart(folder / plot.file, chart);
}

}  // namespace

core::Result<void> plot_all(World& world, const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) {
    return std::unexpected(core::Error(core::ErrorCode::io, "bench", fmt::format("{}: {}", folder.string(), failed.message())));
  }
  for (const Plot& plot : plots(world.effort().tiny)) AIRSSYS_TRY(draw(world, folder, plot));
  return {};
}

}  // namespace airssys::bench
