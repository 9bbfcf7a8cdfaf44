#pragma once

#include <atomic>
#include <cstdint>

#include "airssys/core/message.hpp"

namespace airssys::messaging {

/// Where message ids come from: counted up from a beginning that no earlier run with the same data directory has reached.
/// Handed out in blocks, so that senders rarely meet here. Any thread.
class MessageIds {
 public:
  static constexpr std::uint64_t kBlock = 64;

  /// `first` > 0.
  explicit MessageIds(std::uint64_t first) noexcept : next_(first) {}
  /// The first of `kBlock` ids that are the caller's.
  std::uint64_t take_block() noexcept { return next_.fetch_add(kBlock, std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> next_;
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
