#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "airssys/actor/actor_cell.hpp"
#include "airssys/actor/ending.hpp"
#include "airssys/actor/inspections.hpp"
#include "airssys/actor/registry.hpp"
#include "airssys/actor/scheduler.hpp"
#include "airssys/actor/stopped_actors.hpp"
#include "airssys/actor/supervisors.hpp"
#include "airssys/actor/timer_queue.hpp"
#include "airssys/core/error.hpp"

namespace airssys::actor {

/// All actors of one system: makes them, finds them, orders them to stop. Any thread.
class ActorSystem {
 public:
  using MakeCorrespondence = std::function<std::unique_ptr<Correspondence>(ActorCell&)>;

  /// `scheduler` is borrowed and outlives this.
  explicit ActorSystem(Scheduler& scheduler) : scheduler_(scheduler) {}
  ~ActorSystem();

  /// Before the first spawn: what messaging keeps per actor.
  void use(MakeCorrespondence make) { make_correspondence_ = std::move(make); }

  /// Puts an actor under its address and has it started; `initialize` runs on a worker, messages wait meanwhile.
  /// `ErrorCode::already_exists` if the address is taken.
  core::Result<ActorRef> spawn(core::ActorSpec spec, std::unique_ptr<Behaviour> behaviour);
  /// The same in two steps, so that actors which know each other can all be there before the first of them runs: until it is
  /// started, messages wait.
  core::Result<ActorRef> place(core::ActorSpec spec, std::unique_ptr<Behaviour> behaviour);
  static void start(ActorCell& actor) noexcept { actor.signal(Signal::start); }
  /// Has it run its last turn; what is queued goes to the dead letters, and it stays among the stopped ones.
  /// `ErrorCode::not_found`.
  core::Result<void> stop(std::string_view address);
  /// Gives an actor a new instance, as after a crash, without counting one: address, mailbox and grants stay, the requests it
  /// has in hand end as `interrupted`. One that has stopped is brought back under its address. `ErrorCode::not_found`.
  core::Result<void> restart(std::string_view address);
  /// Forgets one that has stopped. `ErrorCode::not_found`; `already_exists`: it runs.
  core::Result<void> remove(std::string_view address);
  /// The end of the system: `stop` for all, and whoever stops from here on is not kept.
  void stop_all();
  /// The same for the guests alone: the host's own actors outlive them, and what guests send in their last turns reaches these.
  void stop_guests();
  /// Outdated at once.
  bool has_guests() const;

  /// Every actor is: see `ActorCell`. Outdated at once.
  bool idle() const;
  bool done() const;
  bool owes_nothing() const;

  Registry& registry() noexcept { return registry_; }
  const Registry& registry() const noexcept { return registry_; }
  TimerQueue& alarms() noexcept { return alarms_; }
  StoppedActors& stopped() noexcept { return stopped_; }
  const StoppedActors& stopped() const noexcept { return stopped_; }
  Supervisors& supervisors() noexcept { return supervisors_; }
  Inspections& inspections() noexcept { return inspections_; }
  Ending& ending() noexcept { return ending_; }
  const Ending& ending() const noexcept { return ending_; }

 private:
  core::Result<void> bring_back(const StoppedActor& stopped);

  Scheduler& scheduler_;
  Supervisors supervisors_;
  Registry registry_;
  TimerQueue alarms_;
  StoppedActors stopped_;
  Inspections inspections_;
  Ending ending_;
  MakeCorrespondence make_correspondence_;
  std::atomic<std::uint64_t> spawned_{0};
};

}  // namespace airssys::actor
