#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "airssys/core/message.hpp"

namespace airssys::messaging {

/// What messaging has counted since the system began. A value.
struct MessagingStats {
  std::uint64_t requests_opened = 0;
  std::uint64_t responses_routed = 0;    ///< Outcomes that reached their requester's mailbox.
  std::uint64_t responses_orphaned = 0;  ///< Outcomes that nobody waited for any more.
  std::uint64_t error_responses = 0;     ///< Of the routed, those that are no reply.
  std::uint64_t replies_refused = 0;     ///< Replies that did not fit their requester's budget.
  std::uint64_t timeouts = 0;
  std::uint64_t cancelled = 0;
  std::array<std::uint64_t, 12> refused{};  ///< By `SendErrorKind`.

  friend bool operator==(const MessagingStats&, const MessagingStats&) noexcept = default;
};

/// The live counters behind MessagingStats. Any thread. Counted where an event happens exactly once.
class MessagingMetrics {
 public:
  void refused(core::SendErrorKind kind) noexcept { add(refused_[static_cast<std::size_t>(kind)]); }
  void request_opened() noexcept { add(requests_opened_); }
  void response_routed(bool error) noexcept {
    add(responses_routed_);
    if (error) add(error_responses_);
  }
  void response_orphaned() noexcept { add(responses_orphaned_); }
  void reply_refused() noexcept { add(replies_refused_); }
  void timed_out() noexcept { add(timeouts_); }
  void cancelled() noexcept { add(cancelled_); }

  MessagingStats stats() const noexcept;

 private:
  using Counter = std::atomic<std::uint64_t>;
  static void add(Counter& counter) noexcept { counter.fetch_add(1, std::memory_order_relaxed); }

  Counter requests_opened_{0};
  Counter responses_routed_{0};
  Counter responses_orphaned_{0};
  Counter error_responses_{0};
  Counter replies_refused_{0};
  Counter timeouts_{0};
  Counter cancelled_{0};
  std::array<Counter, 12> refused_{};
};

}  // namespace airssys::messaging
