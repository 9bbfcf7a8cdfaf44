#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "airssys/core/block_cache.hpp"
#include "airssys/core/intrusive_ptr.hpp"
#include "airssys/core/limits.hpp"

namespace airssys::actor {

class ActorCell;
class EdgePtr;

/// From one sender to one target: who they are, and how much of the target's mailbox the sender holds.
///
/// A mailbox has one size for all who may send to it. So that one sender can't take it all, an edge may hold at most as many
/// messages, and bytes, as are still free: alone it gets half, of two each gets a third, and whoever comes late finds room.
/// Eight messages, and one body, are granted in any case. (Dynamic thresholds: Choudhury and Hahne, "Dynamic queue length
/// thresholds for shared-memory packet switches", 1998.)
///
/// Owned by its sender's books (`EdgePtr`) and by each message that has its permit along it; so a message needs no reference
/// of its own to sender or target. What was taken and what was given back are counted apart, each with one writer at a time or
/// few, so that a permit is taken without a locked step; what is held is their difference, exact whatever has overflowed. Both
/// are words of this form:
///
///   63..35 messages   34..1 bytes   0: of what was given back: no owner is left
class Edge : public core::BlockAllocated {
 public:
  static constexpr std::uint32_t kMessagesAlways = 8;

  static EdgePtr make(core::IntrusivePtr<ActorCell> sender, core::IntrusivePtr<ActorCell> target);
  Edge(const Edge&) = delete;
  Edge& operator=(const Edge&) = delete;

  ActorCell& sender() const noexcept { return *sender_; }
  ActorCell& target() const noexcept { return *target_; }

  /// A permit for one message of `bytes` in the target's mailbox, within the share. One thread at a time: whoever runs the
  /// sender. False: no room, nothing taken.
  bool try_acquire(std::size_t bytes) noexcept;
  /// Gives the permits of that many messages back, `bytes` together. Any thread that keeps the target alive. The edge may be
  /// gone afterwards.
  void release(std::uint32_t messages, std::size_t bytes) noexcept;
  /// A fair part of the share is free: worth trying again. Any thread.
  bool has_fair_share() const noexcept;

  /// Nobody has any use for it but its one owner. Only by that owner.
  bool is_idle() const noexcept { return owners_.load(std::memory_order_acquire) == 1 && held() == 0; }
  /// What is held now. Any thread; outdated at once.
  std::uint32_t messages() const noexcept { return messages_of(held()); }
  core::Bytes bytes() const noexcept { return bytes_of(held()); }
  /// Permits that were ever taken along it, modulo 2^29. Any thread; outdated at once.
  std::uint32_t taken() const noexcept { return messages_of(taken_.load(std::memory_order_relaxed)); }

 private:
  friend class EdgePtr;

  static constexpr std::uint64_t kNoOwner = 1;
  static constexpr std::uint64_t kOneByte = 2;
  static constexpr int kMessageShift = 35;
  static constexpr std::uint64_t kOneMessage = std::uint64_t{1} << kMessageShift;
  static constexpr std::uint32_t kMostMessages = (1U << 20) - 1;
  static constexpr core::Bytes kMostBytes = kOneMessage / kOneByte - 1;
  static std::uint64_t word_of(std::uint32_t messages, core::Bytes bytes) noexcept {
    return messages * kOneMessage + bytes * kOneByte;
  }
  static std::uint32_t messages_of(std::uint64_t word) noexcept { return static_cast<std::uint32_t>(word >> kMessageShift); }
  static core::Bytes bytes_of(std::uint64_t word) noexcept { return word % kOneMessage / kOneByte; }

  Edge(core::IntrusivePtr<ActorCell> sender, core::IntrusivePtr<ActorCell> target) noexcept;
  ~Edge();

  /// What is held, while there is an owner. Given back comes first: who sees that a message has been given back sees that it
  /// was taken.
  std::uint64_t held(std::memory_order order = std::memory_order_acquire) const noexcept {
    const std::uint64_t back = given_back_.load(order);
    return taken_.load(std::memory_order_relaxed) - back;
  }
  /// The last owner has gone.
  void abandon() noexcept;

  friend class Mailbox;

  const core::IntrusivePtr<ActorCell> sender_;
  const core::IntrusivePtr<ActorCell> target_;
  std::atomic<std::uint32_t> owners_{1};
  bool sender_waits_ = false;            ///< For room. For the target's mailbox, under its lock.
  std::atomic<std::uint64_t> taken_{0};  ///< Written by whoever runs the sender.
  std::atomic<std::uint64_t> given_back_{0};
};

/// Permits that are to be given back, collected while messages of one edge follow each other: two atomic steps for a few
/// messages instead of two for each. Where the mailbox is small, each goes back at once. One thread, which keeps the target
/// alive until it has called `flush`.
class PermitsBack {
 public:
  PermitsBack() = default;
  PermitsBack(const PermitsBack&) = delete;
  PermitsBack& operator=(const PermitsBack&) = delete;

  void add(Edge& edge, std::size_t bytes) noexcept;
  void flush() noexcept {
    if (edge_ != nullptr) hand_over();
  }

 private:
  static constexpr std::uint32_t kMost = 8;
  static constexpr std::uint32_t kPartOfMailbox = 64;

  void hand_over() noexcept;

  Edge* edge_ = nullptr;
  std::uint32_t messages_ = 0;
  std::size_t bytes_ = 0;
  std::uint32_t most_ = 0;  ///< For this edge.
  core::Bytes most_bytes_ = 0;
};

/// Owns an edge together with its messages and other owners. Null is allowed.
class EdgePtr {
 public:
  EdgePtr() noexcept = default;
  EdgePtr(EdgePtr&& other) noexcept : edge_(std::exchange(other.edge_, nullptr)) {}
  EdgePtr& operator=(EdgePtr&& other) noexcept {
    std::swap(edge_, other.edge_);
    return *this;
  }
  ~EdgePtr() {
    if (edge_ != nullptr) reset();
  }

  /// One more owner. Only while there is one.
  static EdgePtr share(Edge& edge) noexcept;

  void reset() noexcept;
  Edge* get() const noexcept { return edge_; }
  Edge& operator*() const noexcept { return *edge_; }
  Edge* operator->() const noexcept { return edge_; }
  explicit operator bool() const noexcept { return edge_ != nullptr; }

 private:
  friend class Edge;
  explicit EdgePtr(Edge* edge) noexcept : edge_(edge) {}

  Edge* edge_ = nullptr;
};

}  // namespace airssys::actor
