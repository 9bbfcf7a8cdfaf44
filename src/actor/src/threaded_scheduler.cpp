#include "airssys/actor/threaded_scheduler.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "airssys/actor/turn_ports.hpp"
#include "airssys/core/assert.hpp"
#include "parking.hpp"

namespace airssys::actor {

/// A ring of references under a lock that is held for a few instructions.
class ThreadedScheduler::RunQueue {
 public:
  std::size_t push(ActorRef actor) {
    const std::lock_guard lock(mutex_);
    if (size_ == ring_.size()) grow();
    ring_[place(size_++)] = std::move(actor);
    return size_;
  }
  ActorRef pop() {
    const std::lock_guard lock(mutex_);
    if (size_ == 0) return {};
    ActorRef actor = std::move(ring_[first_]);
    first_ = place(1);
    --size_;
    return actor;
  }
  /// The first half, oldest first, as far as `loot` has room; how many.
  std::size_t pop_half(std::span<ActorRef> loot) {
    const std::lock_guard lock(mutex_);
    const std::size_t count = std::min((size_ + 1) / 2, loot.size());
    for (std::size_t i = 0; i < count; ++i) loot[i] = std::move(ring_[place(i)]);
    first_ = place(count);
    size_ -= count;
    return count;
  }
  std::size_t push_all(std::span<ActorRef> actors) {
    const std::lock_guard lock(mutex_);
    while (size_ + actors.size() > ring_.size()) grow();
    for (ActorRef& actor : actors) ring_[place(size_++)] = std::move(actor);
    return size_;
  }

 private:
  /// Its size is a power of two.
  std::size_t place(std::size_t after_first) const noexcept { return (first_ + after_first) & (ring_.size() - 1); }
  void grow() {
    std::vector<ActorRef> larger(ring_.size() * 2);
    for (std::size_t i = 0; i < size_; ++i) larger[i] = std::move(ring_[place(i)]);
    ring_ = std::move(larger);
    first_ = 0;
  }

  std::mutex mutex_;
  std::vector<ActorRef> ring_ = std::vector<ActorRef>(64);
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

struct ThreadedScheduler::Worker {
  explicit Worker(ThreadedScheduler& scheduler) : owner(&scheduler) {}

  /// Ahead of the queue this often in a row, while others wait there.
  static constexpr int kNextInARow = 4;
  /// At once: each theft makes the robbed one wait.
  static constexpr std::size_t kMostStolen = 16;

  /// Only by the worker itself. False: there is one already.
  bool set_next(ActorRef& actor) noexcept {
    if (next.load(std::memory_order_relaxed) != nullptr) return false;
    // Nobody else puts one in, so that a plain store is enough.
    next.store(actor.detach(), std::memory_order_release);
    return true;
  }
  /// By the worker, and by the clock thread, which rescues it from one that is held up.
  ActorRef take_next() noexcept {
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
  workers_[chosen]->queue.push(std::move(actor));
  parking_->add(1);
  if (parking_->anybody_parked()) parking_->wake_one();
}

void ThreadedScheduler::schedule_after_turn(std::span<ActorRef> actors) noexcept {
  Worker& worker = *static_cast<Worker*>(current_worker);
  // Waking another worker for the first one would cost more than it gains. Should this one stay busy, the clock thread wakes
  // another within a millisecond.
  if (worker.set_next(actors.front())) actors = actors.subspan(1);
  if (!actors.empty()) added(actors.size(), worker.queue.push_all(actors));
}

void ThreadedScheduler::added(std::size_t actors, std::size_t waiting) noexcept {
  parking_->add(static_cast<int>(actors));
  // Who waits alone is soon its turn; should it not be, the clock thread wakes another worker for it.
  if (waiting > 1 && parking_->anybody_parked()) parking_->wake_one();
}

void ThreadedScheduler::rescue_next_of(Worker& worker) noexcept {
  const std::uint64_t batches = worker.batches.load(std::memory_order_relaxed);
  const bool held_up = std::exchange(worker.batches_seen, batches) == batches;
  if (!held_up || worker.next.load(std::memory_order_relaxed) == nullptr) return;
  // Counted before it is taken: there is no moment in which it waits and nobody knows.
  parking_->add(1);
  if (ActorRef actor = worker.take_next()) {
    worker.queue.push(std::move(actor));
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
    worker.batches.store(worker.batches.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    // Behind all others: it has had its batch.
    if (next == TurnRunner::Next::again) added(1, worker.queue.push(std::move(actor)));
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
  std::array<ActorRef, Worker::kMostStolen> loot;
  for (const auto& victim : workers_) {
    if (victim.get() == &thief) continue;
    const std::size_t count = victim->queue.pop_half(loot);
    if (count > 1) thief.queue.push_all(std::span(loot).subspan(1, count - 1));
    if (count > 0) return std::move(loot[0]);
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
