#include <fmt/format.h>

#include <memory>
#include <utility>

#include "airssys/actor/native_actor.hpp"
#include "measure.hpp"
#include "row.hpp"

namespace airssys::bench {
namespace {

using namespace literals;

// source (native) --k messages a turn--> a (guest) --each--> b (guest)
//    |                                                          its turns that stand are what is counted
//    +--one a turn--> relay (native) --back--> source: its next turn
//
// The worker's queue takes the four in turn, so that by the source's next turn a and b are through with the last k, no
// mailbox overflows and nobody ever waits. The source's and the relay's turns are part of what is measured.

constexpr std::string_view kA = "bench/a/1";
constexpr std::string_view kB = "bench/b/1";
constexpr std::string_view kSource = "bench/source/1";
constexpr std::string_view kRelay = "bench/relay/1";
constexpr std::string_view kBegin = "begin";

/// One round of messages; set up by the host, worked off by the source.
struct Flow {
  World& world;
  core::Payload payload;
  std::uint64_t per_turn;
  std::uint64_t total = 0;
  std::uint64_t sent = 0;
  std::uint64_t handled_before = 0;
  StopWatch watch{};
};

class Source final : public actor::NativeActor {
 public:
  explicit Source(Flow& flow) : flow_(flow) {}

  core::Result<core::Response> handle_message(actor::Turn& turn, const core::MessageView& message) override {
    if (message.text() == kBegin) {
      flow_.sent = 0;
      flow_.handled_before = flow_.world.handled(kB);
      flow_.watch.start();
    }
    if (flow_.sent == flow_.total && is_over()) return core::done();
    for (std::uint64_t i = 0; i < flow_.per_turn && flow_.sent < flow_.total; ++i, ++flow_.sent) {
      AIRSSYS_TRY(turn.send(a_, flow_.payload));
    }
    AIRSSYS_TRY(turn.send(relay_, nothing_));
    return core::done();
  }

 private:
  /// The time is taken first, then compared with what b has handled: if something is missing, the next look takes it anew.
  bool is_over() {
    flow_.watch.lap();
    if (flow_.world.handled(kB) - flow_.handled_before < flow_.total) return false;
    flow_.watch.finish();
    return true;
  }

  Flow& flow_;
  const core::Address a_ = "bench/a/1"_address;
  const core::Address relay_ = "bench/relay/1"_address;
  const core::Payload nothing_{};
};

class Relay final : public actor::NativeActor {
 public:
  core::Result<core::Response> handle_message(actor::Turn& turn, const core::MessageView&) override {
    AIRSSYS_TRY(turn.send(source_, nothing_));
    return core::done();
  }

 private:
  const core::Address source_ = "bench/source/1"_address;
  const core::Payload nothing_{};
};

constexpr std::size_t kLargeBody = 16 * 1024;

/// As many as a mailbox takes with room to spare, in messages and in bytes.
std::uint64_t per_turn(std::size_t body_bytes) noexcept {
  return body_bytes < kLargeBody ? 256 : 16;
}

std::uint64_t batch_size(std::size_t body_bytes) noexcept {
  return body_bytes < kLargeBody ? 16'384 : 1'024;
}

core::Result<void> set_up(World& world, Flow& flow) {
  AIRSSYS_TRY(world.spawn(kB, "forwarder"));
  AIRSSYS_TRY(world.spawn(kA, "forwarder", {{"to", std::string(kB)}}));
  AIRSSYS_TRY(world.spawn_native(kRelay, [] { return std::make_unique<Relay>(); }));
  return world.spawn_native(kSource, [&flow] { return std::make_unique<Source>(flow); });
}

core::Result<Taken> run_batch(World& world, Flow& flow, std::uint64_t hops) {
  flow.total = hops;
  AIRSSYS_TRY(world.tell(kSource, kBegin));
  return flow.watch.wait();
}

core::Result<Row> run_hop(World& world, const std::string& name, std::size_t body_bytes) {
  Flow flow{.world = world, .payload = core::raw(std::string(body_bytes, 'x')), .per_turn = per_turn(body_bytes)};
  AIRSSYS_TRY(set_up(world, flow));
  const std::uint64_t hops = batch_size(body_bytes);
  const auto count = static_cast<double>(hops);
  AIRSSYS_TRY(const Medians medians, alternate(
                                         [&]() -> core::Result<double> {
                                           AIRSSYS_TRY(const Taken taken, run_batch(world, flow, hops));
                                           return taken.nanoseconds / count;
                                         },
                                         [&]() -> core::Result<double> {
                                           AIRSSYS_TRY(const Taken taken,
                                                       world.on_worker([&] { world.floor().hops(body_bytes, hops); }));
                                           return taken.nanoseconds / count;
                                         }));
  AIRSSYS_TRY(world.settle());
  return Row{.row = name,
             .value = medians.value,
             .unit = "ns",
             .reference = fmt::format("floor/{}", body_bytes),
             .reference_value = medians.reference,
             .ratio = medians.value / medians.reference,
             .target = 1.5};
}

core::Result<Row> run_floor(World& world) {
  constexpr std::size_t kBody = 64;
  const std::uint64_t hops = batch_size(kBody);
  std::vector<double> batches;
  for (int i = 0; i < kBatches; ++i) {
    AIRSSYS_TRY(const Taken taken, world.on_worker([&] { world.floor().hops(kBody, hops); }));
    batches.push_back(taken.nanoseconds / static_cast<double>(hops));
  }
  return Row{.row = "floor", .value = median(std::move(batches)), .unit = "ns"};
}

core::Result<Row> run_allocations(World& world) {
  constexpr std::size_t kBody = 64;
  Flow flow{.world = world, .payload = core::raw(std::string(kBody, 'x')), .per_turn = per_turn(kBody)};
  AIRSSYS_TRY(set_up(world, flow));
  const std::uint64_t hops = batch_size(kBody);
  const auto count = static_cast<double>(hops);
  AIRSSYS_TRY(run_batch(world, flow, hops));
  AIRSSYS_TRY(const Taken taken, run_batch(world, flow, hops));
  AIRSSYS_TRY(world.on_worker([&] { world.floor().hops(kBody, hops); }));
  AIRSSYS_TRY(const Taken bare, world.on_worker([&] { world.floor().hops(kBody, hops); }));
  AIRSSYS_TRY(world.settle());
  return Row{.row = "allocations_per_hop",
             .value = static_cast<double>(taken.allocations) / count,
             .unit = "allocations",
             .reference = "floor/64",
             .reference_value = static_cast<double>(bare.allocations) / count,
             .target = 1};
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
  return all;
}

}  // namespace airssys::bench
