#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <utility>

namespace airssys::actor {

/// Where the workers of one pool sleep while there is nothing to do, and how one of them is woken. It knows how much work
/// waits, not where, nor what: whoever has put some into a queue says so with `add`, whoever has taken some out of one with
/// `took`.
///
///   a worker is   goes on to                                               moved on by
///   awake         looking, when it finds nothing to take                   itself, in `look_around`
///   looking       awake, when there is work; parked, after `kAwake`        itself, in `park`
///   parked        woken, one of them at a time, for work; all at the end   `wake_one`, `wake_one_anyway`, `close`
///   woken         awake, if there still is work; parked again, if not      itself, in `park`
///
/// Work that waits while somebody sleeps has somebody on the way. Both sides write first and look afterwards, all in the one
/// order of sequential consistency: who adds counts the work and then looks whether anybody is parked; who parks counts itself
/// and then looks whether there is work. So one of the two sees the other. The same with `waking_`, which has only one woken at
/// a time: who is about to look for work takes it back before, so that who comes after the look notifies again.
///
/// Beside the workers there may be one watcher, a thread that has to be up while any of them is: it says when it is about to
/// sleep, and the worker that gets up then wakes it.
class Parking {
 public:
  struct Options {
    unsigned workers = 1;
    /// Called by the last worker that was awake, when it parks and no work waits; under a lock: must not block, nor call this.
    std::function<void()> at_rest{};
    /// Called by a worker that gets up while the watcher sleeps. Without a lock.
    std::function<void()> wake_watcher{};
  };

  /// How long a worker that has nothing to do looks for work before it sleeps: a few times what the kernel takes to put it to
  /// sleep and to wake it, which the one who wakes pays, too.
  static constexpr std::chrono::microseconds kAwake{30};

  explicit Parking(Options options) : options_(std::move(options)) {}
  Parking(const Parking&) = delete;
  Parking& operator=(const Parking&) = delete;

  // ---- work; any thread ----

  /// So much more waits. After it is where workers look for it, so that none who sees the count looks in vain; or before, if
  /// nobody else may take it: then a worker looks once more than it had to.
  void add(int work) noexcept {
    // Meets the look at `work_` in `park`: see above, with `anybody_parked`.
    work_.fetch_add(work, std::memory_order_seq_cst);
  }
  /// One has been taken, by a worker that is awake; or what was added before did not come.
  void took_one() noexcept {
    // Releases, for the look at `work_` in `at_rest`: who sees this take sees that its worker is up.
    work_.fetch_sub(1, std::memory_order_seq_cst);
  }
  /// Outdated at once. A hint: before a worker sleeps, `park` looks in earnest.
  bool has_work() const noexcept { return work_.load(std::memory_order_relaxed) > 0; }
  /// Somebody sleeps who could come for what was added before.
  bool anybody_parked() const noexcept {
    // Meets `parked_` in `park`, after `add`.
    return parked_.load(std::memory_order_seq_cst) > 0;
  }
  /// Wakes somebody for what was added before; nobody, while another is on the way.
  void wake_one() noexcept;
  /// The same whatever is believed of others: by the watcher, which looks now and then whether work waits while somebody
  /// sleeps.
  void wake_one_anyway() noexcept;

  // ---- workers ----

  /// Nothing to take: looks for work for a while. False: none has come.
  bool look_around() const noexcept;
  /// Sleeps until there is work, or the end. Wakes another before it returns, if there is work for more.
  void park();

  // ---- the end, and who looks on; any thread ----

  /// All get up and nobody sleeps any more. False: it was closed before.
  bool close() noexcept;
  bool closed() const noexcept {
    // A worker that sees it late runs once more.
    return closed_.load(std::memory_order_relaxed);
  }
  /// All are parked and no work waits. Outdated at once.
  bool at_rest() const noexcept {
    // In this order, after `took_one` and before what its worker does: no look between the two takes both for rest.
    return work_.load(std::memory_order_seq_cst) == 0 && all_parked();
  }
  bool all_parked() const noexcept { return parked_.load(std::memory_order_seq_cst) == options_.workers; }

  // ---- the watcher; one thread ----

  /// It is about to sleep. False: somebody is up, and it had better be, too. `watcher_is_up` is next in any case.
  bool watcher_may_sleep() noexcept;
  void watcher_is_up() noexcept;

 private:
  /// With the lock held.
  void note_parked();
  void notify_one() noexcept;

  const Options options_;
  // Two lines of their own: of everybody who adds and takes, and of all that come to rest.
  alignas(64) std::atomic<int> work_{0};
  alignas(64) std::atomic<unsigned> parked_{0};
  std::atomic<bool> waking_{false};  ///< Somebody was notified who is not there yet.
  std::atomic<bool> watcher_sleeps_{false};
  std::atomic<bool> closed_{false};
  std::mutex mutex_;
  std::condition_variable work_came_;
};

}  // namespace airssys::actor
