#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <mutex>

namespace airssys::core {

/// Readers lock one of several mutexes, each thread mostly its own; a writer locks all. So readers share no line of memory,
/// which a reader-writer lock has them pass from core to core, and no stream of them keeps a writer out. For what workers read
/// all the time and an operator changes now and then. Known as a big-reader lock (Linux's `lglock`) or a distributed one.
///
/// A resource. Any thread; not recursive. For writers it is a `BasicLockable`: use `std::lock_guard`.
class BigReaderLock {
 public:
  BigReaderLock() = default;
  BigReaderLock(const BigReaderLock&) = delete;
  BigReaderLock& operator=(const BigReaderLock&) = delete;

  /// Shared: holds up writers, and the readers that have the same slot.
  [[nodiscard]] std::unique_lock<std::mutex> lock_for_reading() { return std::unique_lock(slots_[slot_of_thread()].mutex); }

  void lock() {
    for (Slot& slot : slots_) slot.mutex.lock();
  }
  void unlock() noexcept {
    for (Slot& slot : slots_) slot.mutex.unlock();
  }

 private:
  static constexpr std::size_t kSlots = 8;
  struct alignas(64) Slot {
    std::mutex mutex;
  };

  static std::size_t slot_of_thread() noexcept {
    static std::atomic<std::size_t> threads{0};
    thread_local const std::size_t slot = threads.fetch_add(1, std::memory_order_relaxed) % kSlots;
    return slot;
  }

  std::array<Slot, kSlots> slots_;
};

}  // namespace airssys::core
