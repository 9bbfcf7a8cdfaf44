#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "airssys/actor/commit_sink.hpp"
#include "airssys/actor/dead_letter_sink.hpp"
#include "airssys/actor/registry.hpp"
#include "airssys/core/error.hpp"
#include "airssys/core/ports/clock_port.hpp"
#include "airssys/core/shares.hpp"

namespace airssys::messaging {

/// A message that was accepted and not handled: all that is needed to understand it, and to put it back. A value.
struct DeadLetter {
  std::uint64_t number = 0;  ///< Its own, from 1 on: an event's copies share a message id.
  std::uint64_t time_ms = 0;
  std::uint64_t id = 0;  ///< Of the message; of a reply: of its request.
  actor::EnvelopeKind kind{};
  actor::DeadReason reason{};
  std::string why;  ///< The words of whoever refused it or failed over it; may be empty.
  std::string sender;
  std::string target;
  std::string topic;  ///< Of an event.
  std::uint32_t attempt = 1;
  std::uint64_t sent_at_ms = 0;
  core::TraceContext trace;
  core::Codec codec{};
  core::Body body;
  actor::ActorRef from;  ///< The sender. Null: a reply that came too late.
};
std::string_view name_of(actor::EnvelopeKind kind) noexcept;

/// The last of them, bounded by count and bytes; all of them counted by reason. When there are too many, the oldest of whoever
/// has most go first (`Shares`), so that one actor can't push out what is others'. Any thread.
class DeadLetters final : public actor::DeadLetterSink {
 public:
  static constexpr std::size_t kMost = 1000;
  static constexpr core::Bytes kMostBytes = core::Bytes{4} << 20;
  using Counts = std::array<std::uint64_t, actor::kDeadReasons>;  ///< By DeadReason.

  /// Whose time letters bear; borrowed, outlives this. Before the first letter; without one their time is 0.
  void use(const core::ClockPort& clock) noexcept { clock_ = &clock; }

  void bury(actor::EnvelopePtr envelope, const core::Address& target, actor::DeadReason reason,
            std::string_view why = {}) noexcept override;

  /// Oldest first.
  std::vector<DeadLetter> letters() const;
  /// `not_found`: there is none, or none any more.
  core::Result<DeadLetter> find(std::uint64_t number) const;
  /// Puts the message back into its target's mailbox, as it was, as one attempt more, and forgets the letter. No grant is
  /// asked: the message was accepted once, and it is the operator who sends it again. On failure the letter stays, and the
  /// error says why and what to do: `not_found` (the letter, or its target), `rejected` (a reply, or a request: nobody waits
  /// for them any more), `mailbox_full`, `too_large`, `codec_not_accepted`.
  core::Result<void> retry(std::uint64_t number, const actor::Registry& registry, actor::CommitDoor& door);
  /// Forgets the letter. `not_found`.
  core::Result<void> drop(std::uint64_t number);
  /// Forgets all, and with them their senders. Not counted as forgotten.
  void clear();

  Counts counts() const noexcept;
  std::uint64_t total() const noexcept;
  /// Letters that the bound pushed out.
  std::uint64_t forgotten() const noexcept { return forgotten_.load(std::memory_order_relaxed); }
  /// Letters that became messages again; they are still in the counts by reason.
  std::uint64_t retried() const noexcept { return retried_.load(std::memory_order_relaxed); }

 private:
  using Letters = std::map<std::uint64_t, DeadLetter>;

  /// With the lock held.
  core::Result<Letters::const_iterator> look_up(std::uint64_t number) const;
  void erase(Letters::const_iterator letter);

  const core::ClockPort* clock_ = nullptr;
  mutable std::mutex mutex_;
  Letters letters_;  ///< By number.
  core::Shares shares_;
  core::Bytes bytes_ = 0;
  std::uint64_t last_number_ = 0;
  std::atomic<std::uint64_t> forgotten_{0};
  std::atomic<std::uint64_t> retried_{0};
  std::array<std::atomic<std::uint64_t>, actor::kDeadReasons> counts_{};
};

}  // namespace airssys::messaging
