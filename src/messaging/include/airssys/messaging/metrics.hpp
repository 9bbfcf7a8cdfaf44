#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

#include "airssys/actor/actor_cell.hpp"
#include "airssys/core/block_cache.hpp"
#include "airssys/core/message.hpp"

namespace airssys::messaging {

inline constexpr std::size_t kSendErrorKinds = 12;

/// What was asked of messaging and stands. Values, like all below: what had been counted at one moment, each number exact as
/// soon as nothing is under way.
struct ServiceStats {
  std::uint64_t sent = 0;             ///< Messages that left: sends, requests, and each copy of an event.
  std::uint64_t broadcasts = 0;       ///< Calls; their messages are in `sent`.
  std::uint64_t published = 0;        ///< Events; their copies are in `sent`.
  std::uint64_t requests_opened = 0;  ///< Of `sent`.
  std::uint64_t cancelled = 0;
  std::uint64_t timeouts = 0;
  std::array<std::uint64_t, kSendErrorKinds> refused{};  ///< Calls, by `SendErrorKind`; of a broadcast, targets.

  friend bool operator==(const ServiceStats&, const ServiceStats&) noexcept = default;
};

/// How senders found their targets.
struct RouterStats {
  std::uint64_t introductions = 0;  ///< Grants and registry asked, since the sender did not know (any more).

  friend bool operator==(const RouterStats&, const RouterStats&) noexcept = default;
};

/// What became of the outcomes of requests.
struct ResponseStats {
  std::uint64_t routed = 0;    ///< Came home to a request that was open.
  std::uint64_t errors = 0;    ///< Of these, those that are no reply.
  std::uint64_t orphaned = 0;  ///< Nobody waited for them any more.
  std::uint64_t refused = 0;   ///< Replies that did not fit their requester's budget, and arrived as `reply_refused`.

  friend bool operator==(const ResponseStats&, const ResponseStats&) noexcept = default;
};

/// What became of messages at those whom they were for. `sent` of the service is the sum of these, of what waits, and of the
/// messages among the dead letters.
struct ReceptionStats {
  std::uint64_t handled = 0;  ///< Their turn stands.
  std::uint64_t refused = 0;  ///< Requests whose turn was undone; their requester was told.
  std::uint64_t put_off = 0;  ///< Turns that were busy.

  friend bool operator==(const ReceptionStats&, const ReceptionStats&) noexcept = default;
};

/// What messaging has counted since the system began.
struct MessagingStats {
  ServiceStats service;
  RouterStats router;
  ResponseStats responses;
  ReceptionStats reception;

  friend bool operator==(const MessagingStats&, const MessagingStats&) noexcept = default;
};

/// What one sender has counted: its own, so that counting costs nothing that is shared. Written by whoever runs the sender.
struct Tally {
  explicit Tally(const actor::ActorCounters* counters) noexcept : actor(counters) {}
  ~Tally() { delete more_.load(std::memory_order_relaxed); }
  Tally(const Tally&) = delete;
  Tally& operator=(const Tally&) = delete;

  /// What most senders never do, counted from the first time on.
  struct More {
    actor::Count host_sent;  ///< Of a sender that runs no turns.
    actor::Count broadcasts;
    actor::Count published;
    actor::Count requests_opened;
    actor::Count cancelled;
    actor::Count timeouts;
    actor::Count routed;
    actor::Count errors;
  };
  /// Only by whoever runs the sender.
  More& more() {
    More* const there = more_.load(std::memory_order_relaxed);
    return there != nullptr ? *there : make_more();
  }

  actor::Count introductions;
  const actor::ActorCounters* actor;  ///< Null: it has none.

 private:
  /// What an actor's own counters had when they were last taken into the sum of the retired.
  struct Taken : core::BlockAllocated {
    std::uint64_t sent = 0;
    std::uint64_t messages = 0;
    std::uint64_t refused = 0;
    std::uint64_t busy = 0;
  };

  More& make_more();
  void add_to(MessagingStats& sum) const noexcept;
  /// From here on it has only what comes.
  void begin_anew() noexcept;

  std::atomic<More*> more_{nullptr};
  friend class MessagingMetrics;
  Tally* previous_ = nullptr;
  Tally* next_ = nullptr;
  std::unique_ptr<Taken> taken_;  ///< Null: nothing.
};

/// The sum of all tallies, and what is too rare to be worth one. Any thread.
class MessagingMetrics {
 public:
  MessagingMetrics() = default;
  MessagingMetrics(const MessagingMetrics&) = delete;
  MessagingMetrics& operator=(const MessagingMetrics&) = delete;

  void refused(core::SendErrorKind kind) noexcept { add(refused_[static_cast<std::size_t>(kind)]); }
  void response_orphaned() noexcept { add(orphaned_); }
  void reply_refused() noexcept { add(replies_refused_); }
  /// Of requests made from outside of turns.
  void host_response(bool error) noexcept {
    add(host_routed_);
    if (error) add(host_errors_);
  }
  void host_timeout() noexcept { add(host_timeouts_); }

  void enlist(Tally& tally) noexcept;
  /// Takes what it has into the sum of those that are gone; again, what has come since. It may die then.
  void retire(Tally& tally) noexcept;

  MessagingStats stats() const noexcept;

 private:
  using Counter = std::atomic<std::uint64_t>;
  static void add(Counter& counter) noexcept { counter.fetch_add(1, std::memory_order_relaxed); }

  std::array<Counter, kSendErrorKinds> refused_{};
  Counter orphaned_{0};
  Counter replies_refused_{0};
  Counter host_routed_{0};
  Counter host_errors_{0};
  Counter host_timeouts_{0};

  /// Actors that come and go on several workers seldom meet at a lock.
  struct Shard {
    mutable std::mutex mutex;
    Tally* first = nullptr;
    MessagingStats retired;
  };
  static constexpr std::size_t kShards = 16;

  Shard& shard_of(const Tally& tally) noexcept { return shards_[reinterpret_cast<std::uintptr_t>(&tally) / 512 % kShards]; }

  std::array<Shard, kShards> shards_;
};

}  // namespace airssys::messaging
