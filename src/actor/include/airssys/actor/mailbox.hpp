#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "airssys/actor/edge.hpp"
#include "airssys/actor/envelope.hpp"
#include "airssys/core/intrusive_ptr.hpp"
#include "airssys/core/limits.hpp"

namespace airssys::actor {

/// Somebody who was refused and wants to know of room.
class RoomWaiter : public core::RefCounted<RoomWaiter> {
 public:
  virtual ~RoomWaiter() = default;
  /// There is room, or there may be. Any thread; must not block.
  virtual void room_available() noexcept = 0;
};

/// An actor's queue: many producers, one consumer, bounded by count and bytes.
///
/// Room is taken before a message exists (`try_acquire`), so that a full mailbox is the sender's error at the call and a
/// commit can't fail; how much of the room one sender gets is `Edge`'s business. The queue itself is a stack of chains that
/// producers push to with one compare-and-swap and the consumer takes whole (as CAF's LIFO inbox does); the same word says
/// whether the actor is asleep, so that the producer whose push woke it, and nobody else, schedules it.
///
///   asleep   the consumer has nothing to do and is not scheduled
///   awake    it is scheduled or running; the stack may be empty
class Mailbox {
 public:
  Mailbox(std::uint32_t messages, core::Bytes bytes) noexcept : messages_max_(messages), bytes_max_(bytes) {}
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;
  ~Mailbox();

  /// Room for one message of `bytes`. Any thread. False: full, nothing taken.
  bool try_acquire(std::size_t bytes) noexcept;
  /// Gives the room of that many messages back, `bytes` together, and tells those who wait for some. Any thread.
  void release(std::uint32_t messages, std::size_t bytes) noexcept;
  /// A quarter of the mailbox is free. Any thread; outdated at once.
  bool has_fair_room() const noexcept { return has_fair_room(used_.load(std::memory_order_relaxed)); }
  /// `waiter` is told, once, when a fair part of the mailbox is free, and of its share along `edge` if that is not null;
  /// now, if it is. Any thread.
  void wait_for_room(core::IntrusivePtr<RoomWaiter> waiter, EdgePtr edge);

  /// `waiter` waits no longer, along whatever edge; it may be told a last time meanwhile. Any thread.
  void wait_no_longer(const RoomWaiter& waiter) noexcept;
  /// How many wait. Any thread; outdated at once.
  std::size_t waiters() const noexcept;

  /// Tells all who wait, room or not: the actor has stopped.
  void dismiss_waiters() noexcept;

  /// Any thread. True: the actor slept, and the caller must schedule it.
  bool push(EnvelopePtr envelope) noexcept { return push(EnvelopeChain(std::move(envelope))); }
  /// The same for many, in one step.
  bool push(EnvelopeChain&& chain) noexcept;
  /// Wakes a sleeping actor without a message. Any thread. True: it slept, and the caller must schedule it.
  bool wake() noexcept;

  /// Consumer only: moves what has come to the end of `queue`. False: nothing.
  bool take_into(EnvelopeQueue& queue) noexcept;
  /// Consumer only: goes to sleep. False: something has come meanwhile.
  bool try_sleep() noexcept;

  /// Messages and bytes for which room is taken. Any thread; outdated at once.
  /// Acquires: who looks whether anything is left looks at counts after it, and they must not be older.
  std::uint32_t messages() const noexcept { return count_of(used_.load(std::memory_order_acquire)); }
  core::Bytes bytes() const noexcept { return bytes_of(used_.load(std::memory_order_relaxed)); }
  bool asleep() const noexcept { return head_.load(std::memory_order_acquire) == asleep_mark(); }
  std::uint32_t messages_max() const noexcept { return messages_max_; }
  core::Bytes bytes_max() const noexcept { return bytes_max_; }
  std::uint32_t messages_free() const noexcept { return messages_max_ - messages(); }
  core::Bytes bytes_free() const noexcept { return bytes_max_ - bytes(); }

 private:
  // Both counts live in one word, so that taking room is one atomic step: 24 bits of messages, 40 of bytes.
  static constexpr int kByteBits = 40;
  static constexpr std::uint64_t kOneMessage = std::uint64_t{1} << kByteBits;
  static std::uint32_t count_of(std::uint64_t used) noexcept { return static_cast<std::uint32_t>(used >> kByteBits); }
  static core::Bytes bytes_of(std::uint64_t used) noexcept { return used & (kOneMessage - 1); }
  /// The mailbox's own address: no envelope can have it.
  Envelope* asleep_mark() const noexcept { return reinterpret_cast<Envelope*>(const_cast<Mailbox*>(this)); }
  bool has_fair_room(std::uint64_t used) const noexcept;
  void tell_waiters() noexcept;

  struct Waiting {
    core::IntrusivePtr<RoomWaiter> who;
    EdgePtr edge;
  };
  // With the lock of the waiters held.
  /// False: it waits already. Of an edge's own sender the edge knows, so that thousands need not be looked through.
  bool begins_to_wait(const RoomWaiter& waiter, Edge* edge) const noexcept;
  /// Those from `first` on wait no longer.
  std::vector<Waiting> take_waiters(std::vector<Waiting>::iterator first) noexcept;

  std::atomic<Envelope*> head_{asleep_mark()};
  std::atomic<std::uint64_t> used_{0};
  std::atomic<bool> has_waiters_{false};
  const std::uint32_t messages_max_;
  const core::Bytes bytes_max_;
  mutable std::mutex waiters_mutex_;
  std::vector<Waiting> waiters_;
};

}  // namespace airssys::actor
