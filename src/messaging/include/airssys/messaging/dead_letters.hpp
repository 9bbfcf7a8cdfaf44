#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "airssys/actor/observer.hpp"

namespace airssys::messaging {

/// A message that was accepted and not handled.
struct DeadLetter {
  std::uint64_t id = 0;
  actor::DeadReason reason{};
  std::string sender;
  std::string target;
  core::Codec codec{};
  core::Body body;
};

/// The last of them, bounded by count and bytes (the oldest go first); all of them counted by reason. Any thread.
class DeadLetters final : public actor::DeadLetterSink {
 public:
  static constexpr std::size_t kMost = 1000;
  static constexpr core::Bytes kMostBytes = core::Bytes{4} << 20;
  using Counts = std::array<std::uint64_t, actor::kDeadReasons>;  ///< By DeadReason.

  void bury(actor::EnvelopePtr envelope, const core::Address& target, actor::DeadReason reason) noexcept override;

  std::vector<DeadLetter> letters() const;
  Counts counts() const noexcept;
  std::uint64_t total() const noexcept;

 private:
  mutable std::mutex mutex_;
  std::deque<DeadLetter> letters_;
  core::Bytes bytes_ = 0;
  std::array<std::atomic<std::uint64_t>, actor::kDeadReasons> counts_{};
};

}  // namespace airssys::messaging
