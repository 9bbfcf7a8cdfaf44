#pragma once

#include <cstdint>
#include <vector>

#include "airssys/actor/scheduler.hpp"
#include "airssys/actor/turn_runner.hpp"

namespace airssys::actor {

/// The same system on one thread, by hand: nothing runs until `run_one` or `run_until_idle` is called, and the order of the
/// runnable is drawn from a seed. One seed, one order. Single-threaded; `schedule` too.
class ManualScheduler final : public Scheduler {
 public:
  explicit ManualScheduler(std::uint64_t seed) noexcept : state_(seed) {}
  /// Before anything runs. Borrowed.
  void use(TurnRunner& runner) noexcept { runner_ = &runner; }
  /// At the end: who is runnable is retired instead of run.
  void stop();

  void schedule(ActorRef actor) noexcept override { runnable_.push_back(std::move(actor)); }

  /// Runs one batch of one runnable actor, chosen by chance. False: nobody is runnable.
  bool run_one();
  /// Until nobody is runnable. Returns the batches; asserts that there are fewer than `batches_max`.
  std::size_t run_until_idle(std::size_t batches_max = 1'000'000);

 private:
  std::uint64_t draw() noexcept;

  std::uint64_t state_;
  TurnRunner* runner_ = nullptr;
  std::vector<ActorRef> runnable_;
};

}  // namespace airssys::actor
