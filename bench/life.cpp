#include <fmt/format.h>

#include <limits>
#include <memory>
#include <utility>

#include "airssys/actor/native_actor.hpp"
#include "measure.hpp"
#include "row.hpp"

namespace airssys::bench {
namespace {

using namespace literals;

constexpr std::string_view kBegin = "begin";
constexpr std::string_view kParent = "bench/parent/1";
constexpr std::uint64_t kSpawns = 500;
constexpr std::string_view kFragile = "bench/fragile/1";
constexpr std::uint64_t kRestarts = 64;

// ---- spawn: the parent, in a turn of its own, stops the last child, spawns the next and sends to it; the child, a
// forwarder, sends the message back with the turn that handled it, which is the parent's next turn.

struct Family {
  World& world;
  system::ComponentRef component;
  std::uint64_t born = 0;  ///< Of all rounds: names are not used again.
  std::uint64_t until = 0;
  StopWatch watch{};
};

class Parent final : public actor::NativeActor {
 public:
  explicit Parent(Family& family) : family_(family) {}

  core::Result<core::Response> handle_message(actor::Turn& turn, const core::MessageView& message) override {
    if (message.text() == kBegin) {
      family_.until = family_.born + kSpawns;
      family_.watch.start();
    } else {
      AIRSSYS_TRY(family_.world.system().stop_actor(child()));
    }
    if (family_.born == family_.until) {
      family_.watch.lap();
      family_.watch.finish();
      return core::done();
    }
    ++family_.born;
    AIRSSYS_TRY(family_.world.system().spawn(
        {.address = child(), .component = family_.component, .config = {{"to", std::string(kParent)}}}));
    AIRSSYS_TRY(turn.send(child(), first_));
    return core::done();
  }

 private:
  core::Address child() const { return core::make_checked_address(fmt::format("bench/child/{}", family_.born)); }

  Family& family_;
  const core::Payload first_ = core::raw("first");
};

core::Result<Row> run_spawn(World& world) {
  AIRSSYS_TRY(system::ComponentRef component, world.guest("forwarder"));
  Family family{.world = world, .component = std::move(component)};
  AIRSSYS_TRY(world.spawn_native(kParent, [&family] { return std::make_unique<Parent>(family); }));
  const auto batch = [&]() -> core::Result<double> {
    AIRSSYS_TRY(world.tell(kParent, kBegin));
    AIRSSYS_TRY(const Taken taken, family.watch.wait());
    return taken.nanoseconds / static_cast<double>(kSpawns) / 1000;
  };
  const auto bare = [&]() -> core::Result<double> {
    AIRSSYS_TRY(const Taken taken, world.on_worker([&] { world.floor().spawns(kSpawns); }));
    return taken.nanoseconds / static_cast<double>(kSpawns) / 1000;
  };
  AIRSSYS_TRY(const Medians medians, alternate(batch, bare));
  AIRSSYS_TRY(world.settle());
  return Row{.row = "spawn",
             .value = medians.value,
             .unit = "us",
             .reference = "bare instantiate, call, free",
             .reference_value = medians.reference,
             .ratio = medians.value / medians.reference,
             .target = 1.5};
}

// ---- restart: the provoker sends a batch of messages, each of which traps; the mailbox is kept, so the actor goes from one
// trap through its restart to the next.

struct Misery {
  World& world;
  std::uint64_t restarts = 0;
  StopWatch watch{};
};

class Provoker final : public actor::NativeActor {
 public:
  explicit Provoker(Misery& misery) : misery_(misery) {}

  core::Result<core::Response> handle_message(actor::Turn& turn, const core::MessageView&) override {
    for (std::uint64_t i = 0; i < kRestarts; ++i) AIRSSYS_TRY(turn.send("bench/fragile/1"_address, poison_));
    misery_.restarts = 0;
    misery_.watch.start();
    return core::done();
  }

 private:
  Misery& misery_;
  const core::Payload poison_ = core::raw("unreachable");
};

core::Result<Row> run_restart(World& world) {
  Misery misery{.world = world};
  const actor::RestartPolicy at_once{.max_restarts = std::numeric_limits<std::uint32_t>::max(),
                                     .window = std::chrono::milliseconds(1),
                                     .backoff = std::chrono::milliseconds(0),
                                     .backoff_max = std::chrono::milliseconds(0)};
  AIRSSYS_TRY(world.spawn(kFragile, "trapping", {}, at_once));
  AIRSSYS_TRY(world.spawn_native("bench/provoker/1", [&misery] { return std::make_unique<Provoker>(misery); }));
  world.restarts().on_restart = [&misery] {
    if (++misery.restarts != kRestarts) return;
    misery.watch.lap();
    misery.watch.finish();
  };
  const auto batch = [&]() -> core::Result<double> {
    AIRSSYS_TRY(world.tell("bench/provoker/1", kBegin));
    AIRSSYS_TRY(const Taken taken, misery.watch.wait());
    return taken.nanoseconds / static_cast<double>(kRestarts) / 1000;
  };
  const auto bare = [&]() -> core::Result<double> {
    AIRSSYS_TRY(const Taken taken, world.on_worker([&] { world.floor().restarts(kRestarts); }));
    return taken.nanoseconds / static_cast<double>(kRestarts) / 1000;
  };
  const auto medians = alternate(batch, bare);
  const auto settled = world.settle();
  world.restarts().on_restart = {};
  if (!medians) return std::unexpected(medians.error());
  AIRSSYS_TRY(settled);
  return Row{.row = "restart",
             .value = medians->value,
             .unit = "us",
             .reference = "bare trap, free, instantiate",
             .reference_value = medians->reference,
             .ratio = medians->value / medians->reference};
}

}  // namespace

std::vector<Bench> life_benches() {
  return {
      {"spawn",
       "from a loaded component to the first message handled, the actor before it stopped; asked for by a native actor",
       run_spawn},
      {"restart", "from the message that traps to `running` again, without backoff, the crash report included", run_restart}};
}

}  // namespace airssys::bench
