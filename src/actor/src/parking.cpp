#include "parking.hpp"

namespace airssys::actor {

void Parking::wake_one() noexcept {
  // One at a time: until it is there, it takes as long for one as for many. Meets the two places in `park` that take it back.
  if (waking_.exchange(true, std::memory_order_seq_cst)) return;
  notify_one();
}

void Parking::wake_one_anyway() noexcept {
  if (!has_work() || !anybody_parked()) return;
  waking_.store(true, std::memory_order_relaxed);  // As `wake_one`; that nobody looks what it was needs no order.
  notify_one();
}

void Parking::notify_one() noexcept {
  // Under the lock: between a worker's look at `work_` and its sleep there is no moment for this to get lost in.
  const std::lock_guard lock(mutex_);
  work_came_.notify_one();
}

bool Parking::look_around() const noexcept {
  using Clock = std::chrono::steady_clock;
  for (const auto until = Clock::now() + kAwake; Clock::now() < until;) {
    for (int looks = 0; looks < 16; ++looks) {
      if (has_work()) return true;
#if defined(__x86_64__)
      __builtin_ia32_pause();
#endif
    }
  }
  return false;
}

void Parking::note_parked() {
  // Before each look at `work_`, for `anybody_parked` after `add`.
  const bool last = parked_.fetch_add(1, std::memory_order_seq_cst) + 1 == options_.workers;
  if (last && options_.at_rest && work_.load(std::memory_order_seq_cst) == 0) options_.at_rest();
}

void Parking::park() {
  std::unique_lock lock(mutex_);
  note_parked();
  // Whoever was being woken may have been awake by himself: nobody is on the way from here on. Before each look at `work_`, so
  // that `wake_one` after an `add` that this look misses notifies.
  waking_.store(false, std::memory_order_seq_cst);
  // `closed_` is set under the lock.
  while (work_.load(std::memory_order_seq_cst) == 0 && !closed()) {
    work_came_.wait(lock);
    waking_.store(false, std::memory_order_seq_cst);
  }
  // Before the look at `watcher_sleeps_`: meets `watcher_may_sleep`.
  parked_.fetch_sub(1, std::memory_order_seq_cst);
  lock.unlock();
  if (watcher_sleeps_.load(std::memory_order_seq_cst) && options_.wake_watcher) options_.wake_watcher();
  // One wakes the next, as long as there is work for more.
  if (work_.load(std::memory_order_seq_cst) > 1 && anybody_parked()) wake_one();
}

bool Parking::close() noexcept {
  const std::lock_guard lock(mutex_);
  work_came_.notify_all();
  return !closed_.exchange(true, std::memory_order_relaxed);
}

bool Parking::watcher_may_sleep() noexcept {
  // Before the look at `parked_`: meets the end of `park`, where it is the other way round. One of the two sees the other.
  watcher_sleeps_.store(true, std::memory_order_seq_cst);
  return all_parked();
}

void Parking::watcher_is_up() noexcept {
  // A worker that sees it late wakes one who is up.
  watcher_sleeps_.store(false, std::memory_order_relaxed);
}

}  // namespace airssys::actor
