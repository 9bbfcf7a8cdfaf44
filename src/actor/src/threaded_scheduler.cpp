#include "airssys/actor/threaded_scheduler.hpp"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include "airssys/actor/turn_ports.hpp"
#include "airssys/core/assert.hpp"
#include "parking.hpp"
#include "run_queue.hpp"

namespace airssys::actor {

struct ThreadedScheduler::Worker {
  explicit Worker(ThreadedScheduler& scheduler) : owner(&scheduler) {}

  /// Ahead of the queue this often in a row, while others wait there.
  static constexpr int kNextInARow = 4;

  /// Only by the worker itself. False: there is one already.
  bool set_next(ActorRef& actor) noexcept {
    if (next.load(std::memory_order_relaxed) != nullptr) return false;
    // Nobody else puts one in, so that a plain store is enough; it releases the actor to `take_next` on the clock thread.
    next.store(actor.detach(), std::memory_order_release);
    return true;
  }
  /// By the worker, and by the clock thread, which rescues it from one that is held up.
  ActorRef take_next() noexcept {
    // A hint: the clock thread may look too early, and looks again. The exchange below meets `set_next`.
    if (next.load(std::memory_order_relaxed) == nullptr) return {};
    return ActorRef::adopt(next.exchange(nullptr, std::memory_order_acq_rel));
  }

  ThreadedScheduler* owner;
  std::atomic<ActorCell*> next{nullptr};
  int next_in_a_row = 0;
  RunQueue queue;
  std::unique_ptr<TurnRunner> runner;
  std::atomic<std::uint64_t> batches{0};
  std::uint64_t batches_seen = 0;  ///< By the clock thread.
  std::optional<Thread> thread;
};

namespace {

/// The worker that runs on this thread, if it is one.
thread_local void* current_worker = nullptr;

/// Of those whom a turn has woken, who runs next: the first, since its message is in the cache; of those that the turn has
/// made, if there are no others, the newest.
ActorRef& next_of(std::span<ActorRef> woken) noexcept {
  const auto others = std::ranges::find_if_not(woken, [](const ActorRef& actor) { return actor->has_never_run(); });
  return others != woken.end() ? *others : woken.back();
}

}  // namespace

ThreadedScheduler::ThreadedScheduler(Options options)
    : options_(std::move(options)),
      parking_(std::make_unique<Parking>(Parking::Options{
          .workers = options_.workers, .at_rest = options_.at_rest, .wake_watcher = [this] { alarms_->interrupt(); }})) {
  AIRSSYS_ASSERT(options_.workers > 0);
  for (unsigned i = 0; i < options_.workers; ++i) workers_.push_back(std::make_unique<Worker>(*this));
}

ThreadedScheduler::~ThreadedScheduler() {
  stop();
}

void ThreadedScheduler::start(const std::function<std::unique_ptr<TurnRunner>()>& make_runner, TimerQueue& alarms,
                              const core::ClockPort& clock) {
  alarms_ = &alarms;
  for (const auto& worker : workers_) {
    worker->runner = make_runner();
    worker->thread.emplace(options_.worker_stack, [this, &worker = *worker] { work(worker); });
  }
  clock_thread_.emplace(kClockStack, [this, &alarms, &clock] { keep_time(alarms, clock); });
}

void ThreadedScheduler::stop() {
  if (!parking_->close()) return;
  for (const auto& worker : workers_) {
    if (worker->thread) worker->thread->join();
  }
  // Last: until then a guest in a loop needs its ticks to come to an end.
  clock_stopping_.store(true);
  if (alarms_ != nullptr) alarms_->interrupt();
  if (clock_thread_) clock_thread_->join();
  // What is queued will not run; stopping it, here and now, lets go what it holds.
  for (bool found = true; std::exchange(found, false);) {
    for (const auto& worker : workers_) {
      while (ActorRef actor = worker->next.load() != nullptr ? worker->take_next() : worker->queue.pop()) {
        worker->runner->retire(*actor, "the system ended");
        found = true;
      }
    }
  }
}

void ThreadedScheduler::schedule(ActorRef actor) noexcept {
  const auto* self = static_cast<const Worker*>(current_worker);
  if (self != nullptr && self->owner == this) {
    self->runner->wake_after_turn(std::move(actor));
    return;
  }
  const unsigned chosen = next_worker_.fetch_add(1, std::memory_order_relaxed) % options_.workers;
  const RunQueue::Lane lane = actor->has_never_run() ? RunQueue::Lane::arrived : RunQueue::Lane::ready;
  workers_[chosen]->queue.push(lane, std::move(actor));
  parking_->add(1);
  if (parking_->anybody_parked()) parking_->wake_one();
}

void ThreadedScheduler::schedule_after_turn(std::span<ActorRef> actors) noexcept {
  Worker& worker = *static_cast<Worker*>(current_worker);
  // Waking another worker for the first one would cost more than it gains. Should this one stay busy, the clock thread wakes
  // another within a millisecond.
  ActorRef& next = actors.size() == 1 ? actors.front() : next_of(actors);
  const bool is_next = worker.set_next(next);
  if (is_next && actors.size() == 1) return;
  added(actors.size() - (is_next ? 1 : 0), worker.queue.push_woken(actors));
}

void ThreadedScheduler::added(std::size_t actors, std::size_t waiting) noexcept {
  parking_->add(static_cast<int>(actors));
  // Who waits alone is soon its turn; should it not be, the clock thread wakes another worker for it.
  if (waiting > 1 && parking_->anybody_parked()) parking_->wake_one();
}

void ThreadedScheduler::rescue_next_of(Worker& worker) noexcept {
  // Hints, both: a worker that is held up is so for longer than it takes to see them.
  const std::uint64_t batches = worker.batches.load(std::memory_order_relaxed);
  const bool held_up = std::exchange(worker.batches_seen, batches) == batches;
  if (!held_up || worker.next.load(std::memory_order_relaxed) == nullptr) return;
  // Counted before it is taken: there is no moment in which it waits and nobody knows.
  parking_->add(1);
  if (ActorRef actor = worker.take_next()) {
    worker.queue.push_woken(std::span(&actor, 1));
  } else {
    parking_->took_one();
  }
}

bool ThreadedScheduler::on_worker() const noexcept {
  const auto* self = static_cast<const Worker*>(current_worker);
  return self != nullptr && self->owner == this;
}

bool ThreadedScheduler::quiet() const noexcept {
  return parking_->at_rest();
}

std::uint64_t ThreadedScheduler::batches() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& worker : workers_) sum += worker->batches.load(std::memory_order_acquire);
  return sum;
}

void ThreadedScheduler::work(Worker& worker) {
  current_worker = &worker;
  while (!parking_->closed()) {
    ActorRef actor = next_for(worker);
    if (!actor) {
      if (parking_->look_around()) continue;
      parking_->park();
      worker.runner->forget_time();
      continue;
    }
    const TurnRunner::Next next = worker.runner->run(*actor);
    // One writer. Released for `batches`: who sees the number sees what the batch has left.
    worker.batches.store(worker.batches.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    // Behind all others: it has had its batch.
    if (next == TurnRunner::Next::again) added(1, worker.queue.push(RunQueue::Lane::ready, std::move(actor)));
    // The last reference takes along what the host's code gave to the actor, whose destructors may send.
    actor = {};
    worker.runner->hand_over_woken();
  }
  current_worker = nullptr;
}

ActorRef ThreadedScheduler::next_for(Worker& worker) {
  const bool others_first = worker.next_in_a_row >= Worker::kNextInARow;
  if (!others_first) {
    if (ActorRef actor = worker.take_next()) {
      ++worker.next_in_a_row;
      return actor;
    }
  }
  worker.next_in_a_row = 0;
  if (parking_->has_work()) {
    ActorRef actor = worker.queue.pop();
    if (!actor) actor = steal_for(worker);
    if (actor) {
      parking_->took_one();
      return actor;
    }
  }
  return worker.take_next();
}

ActorRef ThreadedScheduler::steal_for(Worker& thief) {
  for (const auto& victim : workers_) {
    if (victim.get() == &thief) continue;
    if (ActorRef actor = thief.queue.pop_half_of(victim->queue)) return actor;
  }
  return {};
}

void ThreadedScheduler::keep_time(TimerQueue& alarms, const core::ClockPort& clock) {
  constexpr core::MonotonicTime kForever{std::chrono::hours(24)};
  while (!clock_stopping_.load()) {
    const core::MonotonicTime now = clock.monotonic();
    alarms.fire(now);
    if (!parking_->all_parked()) {
      ticks_.fetch_add(1, std::memory_order_relaxed);
      if (options_.tick) options_.tick();
      if (options_.workers > 1) {  // Else there is nobody who could take it.
        for (const auto& worker : workers_) rescue_next_of(*worker);
      }
      parking_->wake_one_anyway();
      alarms.wait(core::MonotonicTime{}, kTick);
      continue;
    }
    const bool may_sleep = parking_->watcher_may_sleep();
    const core::MonotonicTime until = alarms.next().value_or(now + kForever);
    if (may_sleep && !clock_stopping_.load()) {
      alarms.wait(until, std::max(core::MonotonicTime{}, until - clock.monotonic()));
    }
    parking_->watcher_is_up();
  }
}

}  // namespace airssys::actor
