#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "airssys/actor/commit_sink.hpp"
#include "airssys/actor/edge.hpp"
#include "airssys/actor/ending.hpp"
#include "airssys/actor/inspections.hpp"
#include "airssys/actor/observer.hpp"
#include "airssys/actor/registry.hpp"
#include "airssys/actor/scheduler.hpp"
#include "airssys/actor/stopped_actors.hpp"
#include "airssys/actor/timer_queue.hpp"
#include "airssys/actor/trace_recorder.hpp"
#include "airssys/actor/transaction.hpp"
#include "airssys/actor/turn_clock.hpp"
#include "airssys/actor/turn_kind.hpp"
#include "airssys/core/ports/clock_port.hpp"
#include "airssys/core/ports/host_ports.hpp"

namespace airssys::actor {

class CrashWriter;

/// What the runner needs of the world; borrowed, outlives it.
struct RunnerServices {
  core::HostPorts& ports;
  const core::ClockPort& clock;
  core::RandomPort& random;
  CommitDoor& door;
  ActorEvents& events;
  Registry& registry;
  TimerQueue& alarms;
  TraceSink& traces;
  Scheduler& scheduler;
  StoppedActors& stopped;
  Inspections& inspections;
  Ending& ending;
  /// Moves on about every millisecond while somebody runs; the clocks are read again when it has. Null: for each turn.
  const std::atomic<std::uint64_t>* ticks = nullptr;
};

/// Runs actors: takes what has come for one of them, turn after turn, for a bounded batch, and carries out how each turn
/// ended. One per worker; not shared.
///
///   how a turn ends        its effects   the message             the requester
///   returned               commit        done with               gets the response
///   rejected, invalid      dropped       done with, or buried    failed(..)
///   busy                   dropped       stays at the head       waits
///   internal, trap, limit  dropped       buried                  failed(internal); the instance is replaced
class TurnRunner {
 public:
  enum class Next {
    asleep,     ///< Nothing to do: a message or a signal will schedule it.
    suspended,  ///< Waits for a signal: a time, room somewhere, or an order.
    again,      ///< Its batch is over and there is more: schedule it again.
  };

  explicit TurnRunner(RunnerServices services);
  TurnRunner(const TurnRunner&) = delete;
  TurnRunner& operator=(const TurnRunner&) = delete;
  ~TurnRunner();

  /// Runs one batch. The caller holds the actor: nobody else runs it.
  Next run(ActorCell& actor);
  /// By the scheduler, for an actor woken on this thread in the middle of a batch: it is handed over when the turn in hand has
  /// ended, together with others that it wakes. So an actor that a turn makes and sends to is run once for both.
  void wake_after_turn(ActorRef actor) { woken_.push_back(std::move(actor)); }
  /// By the scheduler, too, after whatever may have woken somebody outside of a batch.
  void hand_over_woken() noexcept {
    if (woken_.empty()) return;
    services_.scheduler.schedule_after_turn(woken_);
    woken_.clear();
  }

  /// Time may have passed since the last batch while nobody ticked: to be called after a pause.
  void forget_time() noexcept { clock_.forget(); }

  /// Stops an actor that nobody runs or will run any more, without its last turn: for the end of a system. One that has
  /// stopped is rid of what came too late.
  void retire(ActorCell& actor, std::string_view why);

  /// At most this many turns, or about this long, before others get their chance.
  static constexpr int kBatchTurns = 256;
  static constexpr std::chrono::microseconds kBatchTime{1000};

 private:
  /// sliced: others are next, though there is more to do.
  enum class Step { turned, sliced, nothing, suspended };
  Next run_batch(ActorCell& actor);
  using Watch = TraceRecorder::Watch;

  Step step(ActorCell& actor);
  /// What is not in the mailbox: outcomes that ran out of time, timers, what was put off. Each kind has its turn, and then the
  /// messages have theirs, however much of the others is due. Nothing: the messages' turn.
  std::optional<Step> step_before_messages(ActorCell& actor);
  std::optional<Step> step_outcome(ActorCell& actor);
  std::optional<Step> step_timer(ActorCell& actor);
  /// One waits, and has waited for long enough.
  static bool message_is_next(ActorCell& actor) noexcept;
  Step start(ActorCell& actor);
  Step run_reply(ActorCell& actor, Arrival&& arrival);
  Step run_timer(ActorCell& actor, Timers::Due due);
  Step run_message(ActorCell& actor, EnvelopePtr envelope);
  Step run_envelope(ActorCell& actor, EnvelopePtr envelope);
  void stop(ActorCell& actor, StopCause cause, std::string_view why);
  void drain_stopped(ActorCell& actor);
  /// By order: nothing of it is counted as a crash.
  void restart(ActorCell& actor);
  void show_books(ActorCell& actor);
  /// A failure's words, and what the turn in hand was denied: for operators, never for who asked.
  std::string with_denial(std::string_view why) const;

  Transaction& begin(ActorCell& actor, TurnKind kind);
  void begin_trace(Transaction& turn);
  Watch watch(Transaction& turn, const core::TraceContext& cause, core::MessageId message) {
    if (!turn.trace_so_far().is_recorded()) [[likely]] {
      return std::nullopt;
    }
    return begin_record(turn, cause, message);
  }
  TurnRecord begin_record(const Transaction& turn, const core::TraceContext& cause, core::MessageId message) const;
  void note(Watch& watch, const TurnResult& result) const {
    if (watch) [[unlikely]] {
      end_record(*watch, result);
    }
  }
  void end_record(TurnRecord& record, const TurnResult& result) const;
  /// A response that can't be, or not now, is a failure of the turn.
  static void check_response(ActorCell& actor, Envelope& request, TurnResult& result);

  /// What follows from how the turn ended.
  void conclude(Transaction& turn, TurnResult& result) {
    const TurnEnding ending = classify(turn.kind(), result);
    if (ending == TurnEnding::stands) [[likely]] {
      return stand(turn, result.response);
    }
    if (ending == TurnEnding::busy && put_off(turn)) return;
    undo(turn, result, ending);
  }
  void stand(Transaction& turn, core::Response& response);
  void undo(Transaction& turn, TurnResult& result, TurnEnding ending);
  /// What it had in hand is tried again later. False: it has been for long enough.
  bool put_off(Transaction& turn);
  bool put_off_message(Transaction& turn);
  bool may_be_put_off(const ActorCell& actor, core::MonotonicTime& first_attempt) const noexcept;
  void wait_for_room(Transaction& turn);
  static void apply_timers(Transaction& turn);
  void abort(Transaction& turn) noexcept;
  void crash(Transaction& turn, const TurnResult& result);
  /// What a crash comes to if the turn was cut short: it is nobody's fault that counts, and what was ordered follows.
  void end_cut(Transaction& turn, CrashReport& report);
  /// How what the turn had in hand ends, in its commit.
  void give_up_in_hand(Transaction& turn, TurnResult& result, TurnEnding ending);
  /// How what the commit has consumed ends: a request with an outcome, anything else as a dead letter.
  static void give_up(Commit& commit, DeadReason reason, core::RequestErrorKind kind, core::Failure failure);
  /// The message that an arrival was, for its dead letter.
  static EnvelopePtr outcome_again(Arrival arrival);

  /// The commit of what has no turn, empty.
  Commit& without_turn(ActorCell& actor) noexcept;
  void end_without_turn(ActorCell& actor, EnvelopePtr consumed, DeadReason reason);
  /// Drops the instance. What it owed ends in the commit.
  void end_instance(Commit& commit, core::RequestErrorKind owed, DeadReason reason);
  /// A slice of what the actor's last turn has left to do. False: nothing.
  bool carry_on(ActorCell& actor);
  /// What an actor's turns have left to do when there is no time for it any more.
  void give_up_put_by(ActorCell& actor);

  Next rest(ActorCell& actor);
  Next suspend(ActorCell& actor, core::MonotonicTime until);
  /// `kNever`: it needs none.
  void set_alarm(ActorCell& actor, core::MonotonicTime when);
  /// A reply of that many bytes waits no longer. Given back with others: while the actor runs, as much as that part of its
  /// limit may look taken and is not.
  void reply_taken(ActorCell& actor, core::Bytes bytes) noexcept;
  void give_reply_bytes_back(ActorCell& actor) noexcept;
  /// Before others may run it: gives back and shows what it has become.
  void leave(ActorCell& actor) noexcept;

  static constexpr core::Bytes kPartOfReplyBytes = 64;
  static constexpr core::MonotonicTime kNever = core::MonotonicTime::max();
  /// An alarm that is no longer needed, or not yet, may ring for nothing within this time: mostly another is needed by then,
  /// and to move it would cost every request a lock.
  static constexpr std::chrono::minutes kAlarmMayBeEarly{1};
  /// Envelopes that may be taken out of a mailbox without a turn, as replies that nobody waits for, before timers have their
  /// turn again.
  static constexpr std::uint8_t kLooksForMessages = 64;

  RunnerServices services_;
  const std::unique_ptr<Transaction> turn_;
  Commit aside_;  ///< Of what has no turn.
  // In the hand of the turn, by its kind.
  Arrival* arrival_ = nullptr;
  Timers::Due* due_ = nullptr;
  std::vector<ActorRef> woken_;
  PermitsBack permits_back_;          ///< Of the actor that is run.
  core::Bytes reply_bytes_back_ = 0;  ///< Likewise.
  const std::unique_ptr<CrashWriter> crash_writer_;
  TurnClock clock_;
  TraceRecorder traces_;
};

}  // namespace airssys::actor
