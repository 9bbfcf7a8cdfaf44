#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <mutex>
#include <utility>

#include "airssys/core/message.hpp"

namespace airssys::messaging {

/// Where message ids come from: counted up from a beginning that no earlier run with the same data directory has reached.
/// Handed out in blocks, so that senders rarely meet here; a sender that ends keeps what it has not used. Any thread.
///
/// A run begins with a range of its own. When that is used up, by very many messages or very many senders, another is
/// reserved, so that the next run begins beyond it: 2^24 ranges make up all ids.
class MessageIds {
 public:
  static constexpr std::uint64_t kBlock = 64;
  static constexpr std::uint64_t kRange = std::uint64_t{1} << 40;

  /// Sees to it that no later run uses the next `kRange` ids. False: it could not, and is asked again with the next block;
  /// meanwhile ids go on. Seldom called, under a lock; may write a file.
  using Reserve = std::function<bool()>;

  /// `first` > 0. Without `reserve` there is no other run to be careful of.
  explicit MessageIds(std::uint64_t first, Reserve reserve = nullptr)
      : MessageIds(first, reserve ? first + kRange : std::numeric_limits<std::uint64_t>::max(), std::move(reserve)) {}
  /// Those before `end` are reserved already.
  MessageIds(std::uint64_t first, std::uint64_t end, Reserve reserve) : next_(first), end_(end), reserve_(std::move(reserve)) {}

  /// The first of `kBlock` ids that are the caller's.
  std::uint64_t take_block() noexcept {
    const std::uint64_t block = next_.fetch_add(kBlock, std::memory_order_relaxed);
    if (block + kBlock > end_.load(std::memory_order_relaxed)) [[unlikely]] {
      reserve_until(block + kBlock);
    }
    return block;
  }

 private:
  void reserve_until(std::uint64_t until) noexcept {
    const std::lock_guard lock(mutex_);
    while (end_.load(std::memory_order_relaxed) < until && reserve_()) end_.fetch_add(kRange, std::memory_order_relaxed);
  }

  std::atomic<std::uint64_t> next_;
  std::atomic<std::uint64_t> end_;
  std::mutex mutex_;
  const Reserve reserve_;
};

/// One sender's share of them. Not for two threads at once.
class MessageIdBlock {
 public:
  core::MessageId next(MessageIds& ids) noexcept {
    if (next_ == end_) {
      next_ = ids.take_block();
      end_ = next_ + MessageIds::kBlock;
    }
    return core::MessageId{next_++};
  }

 private:
  std::uint64_t next_ = 0;
  std::uint64_t end_ = 0;
};

}  // namespace airssys::messaging
