#include <fmt/format.h>

#include <array>
#include <limits>
#include <memory>
#include <utility>

#include "airssys/actor/native_actor.hpp"
#include "benches.hpp"
#include "measure.hpp"

namespace airssys::bench {
namespace {

using namespace literals;

constexpr std::string_view kBegin = "begin";
constexpr std::string_view kParent = "bench/parent/1";
constexpr std::string_view kFragile = "bench/fragile/1";

// ---- spawn: the parent, in a turn of its own, stops the last child, spawns the next and sends to it; the child, a
// forwarder, sends the message back with the turn that handled it, which is the parent's next turn.

struct Family {
  World& world;
  system::ComponentRef component;
  std::uint64_t spawns;    ///< Of a round.
  std::uint64_t born = 0;  ///< Of all rounds: names are not used again.
  std::uint64_t until = 0;
  StopWatch watch{};
};

class Parent final : public actor::NativeActor {
 public:
  explicit Parent(Family& family) : family_(family) {}

  core::Result<core::Response> handle_message(actor::Turn& turn, const core::MessageView& message) override {
    if (message.text() == kBegin) {
      family_.until = family_.born + family_.spawns;
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
    AIRSSYS_TRY(
        family_.world.system().spawn(family_.component, {.address = child(), .config = {{"to", std::string(kParent)}}}));
    AIRSSYS_TRY(turn.send(child(), first_));
    return core::done();
  }

 private:
  core::Address child() const { return core::make_checked_address(fmt::format("bench/child/{}", family_.born)); }

  Family& family_;
  const core::Payload first_ = core::raw("first");
};

/// A batch of spawns, in us for each.
core::Result<double> spawn_round(Family& family) {
  AIRSSYS_TRY(family.world.tell(kParent, kBegin));
  AIRSSYS_TRY(const Taken taken, family.watch.wait());
  return taken.nanoseconds / static_cast<double>(family.spawns) / 1000;
}

core::Result<std::unique_ptr<Family>> start_family(World& world) {
  AIRSSYS_TRY(system::ComponentRef component, world.guest("forwarder"));
  std::unique_ptr<Family> family(
      new Family{.world = world, .component = std::move(component), .spawns = world.effort().of(500, 20)});
  AIRSSYS_TRY(world.spawn_native(kParent, [&family = *family] { return std::make_unique<Parent>(family); }));
  return family;
}

core::Result<std::vector<Row>> run_spawn(World& world) {
  AIRSSYS_TRY(Floor * floor, world.floor());
  AIRSSYS_TRY(const auto family, start_family(world));
  const std::array<Batch, 2> batches{[&] { return spawn_round(*family); },
                                     [&]() -> core::Result<double> {
                                       AIRSSYS_TRY(const Taken taken, world.on_worker([&] { floor->spawns(family->spawns); }));
                                       return taken.nanoseconds / static_cast<double>(family->spawns) / 1000;
                                     }};
  AIRSSYS_TRY(const auto medians, alternate(batches, world.effort().rounds()));
  AIRSSYS_TRY(world.settle());
  return std::vector{compared("spawn", medians[0], "us", "bare instantiate, call, free", medians[1], 1.5)};
}

// ---- restart: the provoker sends a batch of messages, each of which traps; the mailbox is kept, so the actor goes from one
// trap through its restart to the next.

struct Misery {
  World& world;
  std::uint64_t wanted;  ///< In a round; fewer than a mailbox holds.
  std::uint64_t restarts = 0;
  StopWatch watch{};
};

class Provoker final : public actor::NativeActor {
 public:
  explicit Provoker(Misery& misery) : misery_(misery) {}

  core::Result<core::Response> handle_message(actor::Turn& turn, const core::MessageView&) override {
    for (std::uint64_t i = 0; i < misery_.wanted; ++i) AIRSSYS_TRY(turn.send("bench/fragile/1"_address, poison_));
    misery_.restarts = 0;
    misery_.watch.start();
    return core::done();
  }

 private:
  Misery& misery_;
  const core::Payload poison_ = core::raw("unreachable");
};

core::Result<std::vector<Row>> run_restart(World& world) {
  Misery misery{.world = world, .wanted = world.effort().of(64, 8)};
  AIRSSYS_TRY(Floor * floor, world.floor());
  const core::RestartPolicy at_once{.max_restarts = std::numeric_limits<std::uint32_t>::max(),
                                    .window = std::chrono::milliseconds(1),
                                    .backoff = std::chrono::milliseconds(0),
                                    .backoff_max = std::chrono::milliseconds(0)};
  AIRSSYS_TRY(world.spawn(kFragile, "trapping", {}, at_once));
  AIRSSYS_TRY(world.spawn_native("bench/provoker/1", [&misery] { return std::make_unique<Provoker>(misery); }));
  world.restarts().on_restart = [&misery] {
    if (++misery.restarts != misery.wanted) return;
    misery.watch.lap();
    misery.watch.finish();
  };
  AIRSSYS_TRY(const auto family, start_family(world));
  const auto us_each = [&](const Taken& taken) { return taken.nanoseconds / static_cast<double>(misery.wanted) / 1000; };
  const std::array<Batch, 3> batches{[&]() -> core::Result<double> {
                                       AIRSSYS_TRY(world.tell("bench/provoker/1", kBegin));
                                       AIRSSYS_TRY(const Taken taken, misery.watch.wait());
                                       return us_each(taken);
                                     },
                                     [&] { return spawn_round(*family); },
                                     [&]() -> core::Result<double> {
                                       AIRSSYS_TRY(const Taken taken, world.on_worker([&] { floor->restarts(misery.wanted); }));
                                       return us_each(taken);
                                     }};
  const auto medians = alternate(batches, world.effort().rounds());
  const auto settled = world.settle();
  world.restarts().on_restart = {};
  if (!medians) return std::unexpected(medians.error());
  AIRSSYS_TRY(settled);
  return std::vector{compared("restart", (*medians)[0], "us", "spawn", (*medians)[1], 2),
                     compared("restart", (*medians)[0], "us", "bare trap, free, instantiate", (*medians)[2], std::nullopt)};
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
