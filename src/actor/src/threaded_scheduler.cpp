#include "airssys/actor/threaded_scheduler.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "airssys/actor/turn_ports.hpp"
#include "airssys/core/assert.hpp"

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

ThreadedScheduler::ThreadedScheduler(Options options) : options_(std::move(options)) {
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
  if (stopping_.exchange(true)) return;
  {
    const std::lock_guard lock(park_mutex_);
    work_came_.notify_all();
  }
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
  queued_.fetch_add(1, std::memory_order_seq_cst);
  if (parked_.load(std::memory_order_seq_cst) > 0) wake_one();
}

void ThreadedScheduler::schedule_after_turn(std::span<ActorRef> actors) noexcept {
  Worker& worker = *static_cast<Worker*>(current_worker);
  // Waking another worker for the first one would cost more than it gains. Should this one stay busy, the clock thread wakes
  // another within a millisecond.
  if (worker.set_next(actors.front())) actors = actors.subspan(1);
  if (!actors.empty()) enqueue(worker, actors);
}

void ThreadedScheduler::enqueue(Worker& worker, std::span<ActorRef> actors) noexcept {
  const std::size_t waiting = worker.queue.push_all(actors);
  queued_.fetch_add(static_cast<int>(actors.size()), std::memory_order_seq_cst);
  // Who waits alone is soon its turn; should it not be, the clock thread wakes another worker for it.
  if (waiting > 1 && parked_.load(std::memory_order_seq_cst) > 0) wake_one();
}

void ThreadedScheduler::rescue_next_of(Worker& worker) noexcept {
  const std::uint64_t batches = worker.batches.load(std::memory_order_relaxed);
  const bool held_up = std::exchange(worker.batches_seen, batches) == batches;
  if (!held_up || worker.next.load(std::memory_order_relaxed) == nullptr) return;
  // Counted before it is taken: there is no moment in which it waits and nobody knows.
  queued_.fetch_add(1, std::memory_order_seq_cst);
  if (ActorRef actor = worker.take_next()) {
    worker.queue.push(std::move(actor));
  } else {
    queued_.fetch_sub(1, std::memory_order_seq_cst);
  }
}

bool ThreadedScheduler::on_worker() const noexcept {
  const auto* self = static_cast<const Worker*>(current_worker);
  return self != nullptr && self->owner == this;
}

bool ThreadedScheduler::quiet() const noexcept {
  return queued_.load(std::memory_order_seq_cst) == 0 && parked_.load(std::memory_order_seq_cst) == options_.workers;
}

std::uint64_t ThreadedScheduler::batches() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& worker : workers_) sum += worker->batches.load(std::memory_order_acquire);
  return sum;
}

void ThreadedScheduler::work(Worker& worker) {
  current_worker = &worker;
  while (!stopping_.load(std::memory_order_relaxed)) {
    ActorRef actor = next_for(worker);
    if (!actor) {
      if (work_comes_soon()) continue;
      park(worker);
      worker.runner->forget_time();
      // One wakes the next, as long as there is work for more.
      if (queued_.load(std::memory_order_seq_cst) > 1 && parked_.load(std::memory_order_seq_cst) > 0) wake_one();
      continue;
    }
    const TurnRunner::Next next = worker.runner->run(*actor);
    worker.batches.store(worker.batches.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    // Behind all others: it has had its batch.
    if (next == TurnRunner::Next::again) enqueue(worker, std::span(&actor, 1));
    // The last reference takes along what the host's code gave to the actor, whose destructors may send.
    actor = {};
    worker.runner->hand_over_woken();
  }
  current_worker = nullptr;
}

bool ThreadedScheduler::work_comes_soon() const noexcept {
  using Clock = std::chrono::steady_clock;
  for (const auto until = Clock::now() + kAwake; Clock::now() < until;) {
    for (int looks = 0; looks < 16; ++looks) {
      if (queued_.load(std::memory_order_relaxed) > 0) return true;
#if defined(__x86_64__)
      __builtin_ia32_pause();
#endif
    }
  }
  return false;
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
  if (queued_.load(std::memory_order_seq_cst) > 0) {
    ActorRef actor = worker.queue.pop();
    if (!actor) actor = steal_for(worker);
    if (actor) {
      queued_.fetch_sub(1, std::memory_order_seq_cst);
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

void ThreadedScheduler::park(Worker&) {
  std::unique_lock lock(park_mutex_);
  const bool last = parked_.fetch_add(1, std::memory_order_seq_cst) + 1 == options_.workers;
  if (last && options_.at_rest && queued_.load(std::memory_order_seq_cst) == 0) options_.at_rest();
  // Whoever was being woken may have been awake by himself: nobody is on the way from here on. Before each look at what is
  // queued, so that who comes after the look wakes somebody.
  waking_.store(false, std::memory_order_seq_cst);
  while (queued_.load(std::memory_order_seq_cst) == 0 && !stopping_.load()) {
    work_came_.wait(lock);
    waking_.store(false, std::memory_order_seq_cst);
  }
  parked_.fetch_sub(1, std::memory_order_seq_cst);
  lock.unlock();
  if (clock_sleeps_.load(std::memory_order_seq_cst)) alarms_->interrupt();
}

void ThreadedScheduler::wake_one() noexcept {
  // One at a time: until it is there, it takes as long for one as for many.
  if (waking_.exchange(true, std::memory_order_seq_cst)) return;
  const std::lock_guard lock(park_mutex_);
  work_came_.notify_one();
}

void ThreadedScheduler::keep_time(TimerQueue& alarms, const core::ClockPort& clock) {
  constexpr core::MonotonicTime kForever{std::chrono::hours(24)};
  while (!clock_stopping_.load()) {
    const core::MonotonicTime now = clock.monotonic();
    alarms.fire(now);
    if (parked_.load(std::memory_order_seq_cst) < options_.workers) {
      ticks_.fetch_add(1, std::memory_order_relaxed);
      if (options_.tick) options_.tick();
      if (options_.workers > 1) {  // Else there is nobody who could take it.
        for (const auto& worker : workers_) rescue_next_of(*worker);
      }
      if (queued_.load(std::memory_order_relaxed) > 0 && parked_.load(std::memory_order_relaxed) > 0) {
        waking_.store(false, std::memory_order_seq_cst);
        wake_one();
      }
      alarms.wait(core::MonotonicTime{}, kTick);
      continue;
    }
    clock_sleeps_.store(true, std::memory_order_seq_cst);
    const core::MonotonicTime until = alarms.next().value_or(now + kForever);
    if (parked_.load(std::memory_order_seq_cst) == options_.workers && !clock_stopping_.load()) {
      alarms.wait(until, std::max(core::MonotonicTime{}, until - clock.monotonic()));
    }
    clock_sleeps_.store(false, std::memory_order_seq_cst);
  }
}

}  // namespace airssys::actor
