#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "airssys/actor/behaviour.hpp"
#include "airssys/actor/correspondence.hpp"
#include "airssys/actor/count.hpp"
#include "airssys/actor/mailbox.hpp"
#include "airssys/actor/supervisor.hpp"
#include "airssys/actor/timers.hpp"
#include "airssys/core/actor_counts.hpp"
#include "airssys/core/actor_spec.hpp"
#include "airssys/core/address.hpp"
#include "airssys/core/block_cache.hpp"
#include "airssys/core/intrusive_ptr.hpp"
#include "airssys/core/limits.hpp"
#include "airssys/core/ports/clock_port.hpp"

namespace airssys::actor {

class Scheduler;

/// Where an actor is in its life.
enum class ActorState : std::uint8_t {
  starting,  ///< Before its first instance, or between a death and the restart.
  running,   ///< Has an instance.
  stopped,   ///< For good. What still arrives goes to the dead letters.
};
std::string_view name_of(ActorState state) noexcept;

/// Why a sleeping or suspended actor is woken without a message.
enum class Signal : std::uint32_t {
  stop = 1,
  timer = 2,
  room = 4,
  start = 8,
  end = 16,         ///< Its own `stop_self`.
  restart = 32,     ///< A new instance, by order: its address and its mailbox stay.
  look = 64,        ///< Somebody wants to see its books: `Inspections`.
  withdrawn = 128,  ///< Somebody waits no longer for an answer that it owes.
};

/// The limits of one actor. Most have the same as many others: the first `kShared` different sets of a process are kept for
/// ever and shared, uncounted, since a count would be written by all workers; any other set is its actor's own.
class SharedLimits {
 public:
  static constexpr std::size_t kShared = 64;

  explicit SharedLimits(const core::Limits& limits);
  SharedLimits(const SharedLimits&) = delete;
  SharedLimits& operator=(const SharedLimits&) = delete;
  ~SharedLimits();
  const core::Limits& operator*() const noexcept { return *values_; }
  const core::Limits* operator->() const noexcept { return values_; }

 private:
  const core::Limits* values_;
};

/// What an actor has logged lately: the last lines, for its crash report, and how many in this second.
struct ActorLog {
  std::vector<std::string> recent;
  std::uint64_t second = 0;  ///< Of which the two below are.
  std::uint32_t lines = 0;   ///< A long one counts several times.
  std::uint32_t dropped = 0;
};

/// What the turns of one actor count, written by whoever runs it. `core::ActorCounts` says what each is.
struct ActorCounters {
  Count handled;
  Count messages;
  Count refused;
  Count failed;
  Count trapped;
  Count restarts;
  Count busy;
  Count sent;

  /// As they stand; what other layers count is left at 0. Any thread.
  core::ActorCounts read() const noexcept;
};

/// One actor: its name, mailbox, behaviour and books. Shared by reference count: senders' edges, messages under way and the
/// registry hold it. What is marked [run] belongs to whoever runs the actor; the scheduler sees to it that this is one
/// thread at a time.
class ActorCell final : public RoomWaiter, public core::BlockAllocated {
 public:
  ActorCell(core::ActorSpec spec, std::unique_ptr<Behaviour> behaviour, Scheduler& scheduler, std::uint64_t number = 0);
  ~ActorCell() override;

  const core::Address& address() const noexcept { return address_; }
  /// Unlike any other's of this process; in a simulated run the same each time.
  std::uint64_t number() const noexcept { return number_; }
  const core::Limits& limits() const noexcept { return *limits_; }
  const core::ConfigValues& config() const noexcept;
  /// What it was made from, with the limits that it has: from this the next actor at its address is made.
  core::ActorSpec spec() const;
  Mailbox& mailbox() noexcept { return mailbox_; }
  const Mailbox& mailbox() const noexcept { return mailbox_; }
  const ActorCounters& counters() const noexcept { return counters_; }
  /// A turn of it stands, by which so many messages have left: seen before its message gives its permit back. Only by whoever
  /// runs it.
  void count_turn(std::size_t sent, bool of_message) noexcept {
    if (sent != 0) counters_.sent.add(sent);
    counters_.handled.add();
    if (of_message) counters_.messages.add();
  }
  ActorState state() const noexcept { return state_.load(std::memory_order_acquire); }
  bool stopped() const noexcept { return state() == ActorState::stopped; }
  /// It waits for its first start. Only by who schedules or runs it.
  bool has_never_run() const noexcept {
    return state_.load(std::memory_order_relaxed) == ActorState::starting && next_start_.reason == core::StartReason::first;
  }
  /// Immutable facts of the behaviour. Any thread.
  const Behaviour& behaviour() const noexcept { return *behaviour_; }
  /// Nothing of what it was sent is left to do, and none of its requests is open. What timers will bring, and a restart, is yet
  /// to come and nothing that anybody has accepted. Any thread; outdated at once.
  bool idle() const noexcept { return rests() && (outlook_.load(std::memory_order_acquire) & kOwesNow) == 0; }
  /// Idle, and nothing is promised for later either: no timer that fires once is armed, no restart is due. A periodic timer
  /// promises nothing, since it never ends. Any thread; outdated at once.
  bool done() const noexcept { return mailbox_.asleep() && outlook_.load(std::memory_order_acquire) == 0; }
  /// Nothing that was accepted is left to do here: no message waits or is in hand, and none of its requests is open. It may run
  /// nevertheless, for a timer. Any thread; outdated at once.
  bool owes_nothing() const noexcept {
    return mailbox_.messages() == 0 && (outlook_.load(std::memory_order_acquire) & kOwesNow) == 0;
  }
  /// The turn in hand has opened a request, or left something to be carried out: seen before its message gives its permit back.
  /// Only by whoever runs it.
  void note_owes() noexcept {
    const std::uint32_t outlook = outlook_.load(std::memory_order_relaxed);
    if ((outlook & kOwesNow) == 0) outlook_.store(outlook | kOwesNow, std::memory_order_release);
  }
  /// Armed timers. Only while nobody runs it.
  std::size_t timers() const noexcept { return timers_.size(); }
  /// Bytes of linear memory after the last turn. Any thread.
  core::Bytes memory_bytes() const noexcept { return memory_bytes_.load(std::memory_order_relaxed); }
  /// Replies that wait here for their turn, in bytes. Any thread.
  std::atomic<core::Bytes>& waiting_reply_bytes() noexcept { return waiting_reply_bytes_; }

  /// Puts a message in and sees to it that the actor runs. Any thread. The room was acquired before, or none is needed.
  void deliver(EnvelopePtr envelope) { deliver(EnvelopeChain(std::move(envelope))); }
  /// The same for many.
  void deliver(EnvelopeChain&& chain);
  /// Any thread.
  void signal(Signal signal) noexcept;
  void room_available() noexcept override { signal(Signal::room); }
  /// It ends after the turn in hand, and nothing that comes later changes that. Any thread.
  void order_stop() noexcept {
    is_to_stop_.store(true, std::memory_order_relaxed);
    signal(Signal::stop);
  }
  bool is_to_stop() const noexcept { return is_to_stop_.load(std::memory_order_relaxed); }

  /// The caller runs it from now on, alone, and nobody schedules it any more: for the end of a system, whose threads have
  /// ended.
  void take_over() noexcept {
    mailbox_.wake();
    suspended_.store(false, std::memory_order_seq_cst);
  }

  /// Set once, before the actor is published.
  void attach(std::unique_ptr<Correspondence> correspondence) { correspondence_ = std::move(correspondence); }
  /// Set once, before the actor is published. Where nobody runs it, none is needed.
  void attach(std::shared_ptr<Supervisor> supervisor) { supervisor_ = std::move(supervisor); }
  Correspondence& correspondence() noexcept { return *correspondence_; }
  const Correspondence& correspondence() const noexcept { return *correspondence_; }
  Supervisor& supervisor() const noexcept { return *supervisor_; }
  /// As its supervisor knows it.
  Child child() const noexcept { return {.number = number_, .turns = &counters_.handled}; }

 private:
  friend class TurnRunner;
  friend class Transaction;
  friend class ActorSystem;
  friend class TurnPorts;
  friend class TimerQueue;
  friend class Registry;

  static constexpr std::uint32_t kNoAlarm = ~std::uint32_t{0};
  // Of `outlook_`.
  static constexpr std::uint32_t kOwesNow = 1;
  static constexpr std::uint32_t kPromises = 2;

  /// Asleep; or suspended, with nothing that waits for its end. A reply that waits belongs to a request that is open.
  bool rests() const noexcept {
    return mailbox_.asleep() || (suspended_.load(std::memory_order_acquire) && mailbox_.messages() == 0);
  }

  // In the order of who writes it, with what is seldom touched between: senders must not wait for lines of memory that the
  // actor's turns write, nor turns for those that senders write. First what senders read and hardly anybody writes.
  const core::Address address_;
  const std::uint64_t number_;
  const SharedLimits limits_;
  Scheduler& scheduler_;
  std::unique_ptr<Behaviour> behaviour_;
  std::unique_ptr<Correspondence> correspondence_;
  std::atomic<ActorState> state_{ActorState::starting};
  std::atomic<bool> suspended_{false};   ///< Awake, but waiting for a signal.
  std::atomic<bool> is_to_stop_{false};  ///< By order, for good.
  std::atomic<std::uint32_t> signals_{0};

  const std::unique_ptr<const core::ConfigValues> config_;  ///< Null: none.

  // For the registry, under the lock of its shard.
  ActorCell* next_in_registry_ = nullptr;
  std::size_t address_hash_ = 0;

  std::shared_ptr<Supervisor> supervisor_;

  // What senders write; at its end is what is seldom touched.
  Mailbox mailbox_;

  // What is written by the turns.
  /// What is owed and promised, as it was at the end of the last batch. At first, its start.
  std::atomic<std::uint32_t> outlook_{kOwesNow};
  std::atomic<core::Bytes> memory_bytes_{0};
  std::atomic<core::Bytes> waiting_reply_bytes_{0};
  ActorCounters counters_;

  // [run]
  EnvelopeQueue queue_;
  Timers timers_;
  core::Start next_start_;
  core::MonotonicTime restart_at_{};                  ///< While starting: not before.
  core::MonotonicTime retry_at_{};                    ///< After `busy`: not before, unless a target has room. 0: not waiting.
  std::atomic<std::uint32_t> alarm_place_{kNoAlarm};  ///< Of the timer queue: changed under its lock.
  std::uint8_t retries_ = 0;
  std::uint8_t looks_for_messages_ = 0;          ///< Before anything else has its turn again; see `step_before_messages`.
  bool timers_first_ = false;                    ///< Before outcomes that are not in the mailbox.
  core::MonotonicTime alarm_at_{};               ///< What the timer queue knows of. 0: nothing.
  std::unique_ptr<Arrival> put_off_arrival_;     ///< An outcome whose turn was busy; before anything else.
  std::unique_ptr<Timers::Due> put_off_firing_;  ///< A firing whose turn was busy.
  std::unique_ptr<ActorLog> log_;                ///< Null: it has never written a line.
};

using ActorRef = core::IntrusivePtr<ActorCell>;

}  // namespace airssys::actor
