#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "airssys/core/message.hpp"
#include "airssys/core/ports/clock_port.hpp"
#include "airssys/core/shares.hpp"

namespace airssys::messaging {

/// Sends from outside that carry a key happen once: who does not know whether his send arrived says it again with the same
/// key and gets the id of the first. Kept in memory for 24 hours, 10,000 of the system: beyond, the oldest of the sender who
/// has most go first. Any thread.
class IdempotencyKeys {
 public:
  static constexpr std::size_t kMost = 10'000;
  static constexpr std::size_t kKeyBytesMax = 255;
  static constexpr std::chrono::hours kKept{24};

  /// What a key stands for: a second send with it must be the same.
  struct Use {
    std::string_view sender;
    std::string_view key;
    std::string_view to;
    const core::Payload& payload;
  };

  /// The id of the message that was sent with this key; nothing if none was. An error: the key is empty or too long, or was
  /// used for another message.
  std::expected<std::optional<core::MessageId>, core::SendError> find(const Use& use, core::MonotonicTime now);
  void remember(const Use& use, core::MessageId id, core::MonotonicTime now);
  std::size_t size() const;

 private:
  struct Entry {
    std::string name;
    std::size_t fingerprint;
    core::MessageId id;
    core::MonotonicTime since;
  };
  static std::string name_of(const Use& use);
  void forget_old(core::MonotonicTime now);
  void forget(core::Shares::ItemNumber number);

  mutable std::mutex mutex_;
  std::unordered_map<std::string, core::Shares::ItemNumber> numbers_;
  std::map<core::Shares::ItemNumber, Entry> entries_;  ///< Oldest first.
  core::Shares shares_;
  core::Shares::ItemNumber last_ = 0;
};

}  // namespace airssys::messaging
