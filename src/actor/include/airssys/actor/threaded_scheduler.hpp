#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "airssys/actor/scheduler.hpp"
#include "airssys/actor/thread.hpp"
#include "airssys/actor/timer_queue.hpp"
#include "airssys/actor/turn_runner.hpp"

namespace airssys::actor {

class Parking;

/// A fixed number of workers, each with a queue of its own, parked when there is nothing to do. Who has nothing takes half of
/// another's queue, 16 actors at most, as those of Go and Tokio do: to take one at a time would have both meet at every turn.
/// What a turn wakes first is its worker's own next, ahead of the queue, a few times in a row at most: it finds its message in
/// the cache, and nobody else has to be woken for it. Actors that a turn has made run depth first, newest first, so that a tree
/// of actors need not be there as a whole before its first leaf has run. And one clock thread, which fires alarms, ticks the
/// engine every millisecond while somebody runs, and sleeps otherwise.
class ThreadedScheduler final : public Scheduler {
 public:
  struct Options {
    unsigned workers = 2;
    std::function<void()> tick;  ///< Called every millisecond while a worker runs. May be empty.
    /// Called when the last worker that was awake has found nothing to do, on it and under a lock: must not block, nor call the
    /// scheduler but for `quiet` and `batches`. May be empty.
    std::function<void()> at_rest{};
    /// Of each worker, whatever the process inherited: what a guest may use, and 1 MiB at least for the host.
    core::Bytes worker_stack = core::Bytes{2} << 20;
  };

  explicit ThreadedScheduler(Options options);
  ~ThreadedScheduler() override;

  /// Starts the threads. Once. `make_runner` is called for each worker, before its thread starts.
  void start(const std::function<std::unique_ptr<TurnRunner>()>& make_runner, TimerQueue& alarms, const core::ClockPort& clock);
  /// Ends the threads after the turns in hand, a guest in a loop with its budget or when `Ending` says so. Actors that are
  /// queued are retired instead of run. Idempotent.
  void stop();

  void schedule(ActorRef actor) noexcept override;
  void schedule_after_turn(std::span<ActorRef> actors) noexcept override;

  /// True on one of this scheduler's workers: there, blocking on the system is a mistake.
  bool on_worker() const noexcept;
  /// Nobody runs and nobody is queued. Outdated at once.
  bool quiet() const noexcept;
  unsigned workers() const noexcept { return options_.workers; }
  /// Moves on with each tick; for those who need not look at a clock each time.
  const std::atomic<std::uint64_t>& ticks() const noexcept { return ticks_; }
  /// Batches run so far: two looks with the same number and nobody running saw a quiet system.
  std::uint64_t batches() const noexcept;

 private:
  struct Worker;

  /// The clock thread runs no guest.
  static constexpr core::Bytes kClockStack = core::Bytes{512} << 10;

  void work(Worker& worker);
  void keep_time(TimerQueue& alarms, const core::ClockPort& clock);
  /// So many more wait in its worker's queue, `waiting` together.
  void added(std::size_t actors, std::size_t waiting) noexcept;
  ActorRef next_for(Worker& worker);
  void rescue_next_of(Worker& worker) noexcept;
  ActorRef steal_for(Worker& thief);

  const Options options_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::optional<Thread> clock_thread_;
  TimerQueue* alarms_ = nullptr;
  const std::unique_ptr<Parking> parking_;
  std::atomic<bool> clock_stopping_{false};
  std::atomic<unsigned> next_worker_{0};
  alignas(64) std::atomic<std::uint64_t> ticks_{0};  ///< A line of its own: everybody reads it, the clock thread writes.
};

}  // namespace airssys::actor
