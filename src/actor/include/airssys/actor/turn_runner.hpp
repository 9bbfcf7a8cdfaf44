#pragma once

#include <chrono>
#include <memory>
#include <string_view>
#include <vector>

#include "airssys/actor/observer.hpp"
#include "airssys/actor/registry.hpp"
#include "airssys/actor/timer_queue.hpp"
#include "airssys/actor/turn.hpp"
#include "airssys/core/ports/clock_port.hpp"
#include "airssys/core/ports/host_ports.hpp"
#include "airssys/security/token_bucket.hpp"

namespace airssys::actor {

/// What the runner needs of the world; borrowed, outlives it.
struct RunnerServices {
  core::HostPorts& ports;
  const core::ClockPort& clock;
  core::RandomPort& random;
  DeadLetterSink& dead_letters;
  ActorEvents& events;
  Registry& registry;
  TimerQueue& alarms;
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

  /// Runs one batch. The caller holds the actor: nobody else runs it.
  Next run(ActorCell& actor);

  /// Stops an actor that nobody runs or will run any more, without its last turn: for the end of a system.
  void retire(ActorCell& actor, std::string_view why);

  /// At most this many turns, or about this long, before others get their chance.
  static constexpr int kBatchTurns = 256;
  static constexpr std::chrono::microseconds kBatchTime{1000};
  static constexpr std::chrono::seconds kBusyTimeMax{30};

 private:
  enum class Step { turned, nothing, suspended };

  Step step(ActorCell& actor);
  Step start(ActorCell& actor);
  Step run_reply(ActorCell& actor, Arrival arrival);
  Step run_timer(ActorCell& actor, const Firing& firing);
  Step run_message(ActorCell& actor, EnvelopePtr envelope);
  Step run_envelope(ActorCell& actor, EnvelopePtr envelope);
  void stop(ActorCell& actor, std::string_view why);
  void drain_stopped(ActorCell& actor);

  Turn& begin(ActorCell& actor);
  void commit(Turn& turn);
  void abort(Turn& turn) noexcept;
  void finish_message(ActorCell& actor, EnvelopePtr envelope, TurnResult result);
  void answer(ActorCell& actor, Envelope& request, core::Response response);
  void put_off(ActorCell& actor, EnvelopePtr envelope);
  void wait_for_room(ActorCell& actor);
  void bury_arrival(ActorCell& actor, Arrival arrival, DeadReason reason);
  void end_instance(ActorCell& actor, core::RequestErrorKind owed, DeadReason reason);
  void give_up(ActorCell& actor, EnvelopePtr envelope, DeadReason reason, core::RequestErrorKind kind, core::Failure failure);
  void crash(ActorCell& actor, std::string_view turn_name, const Envelope* message, const TurnResult& result);
  Next rest(ActorCell& actor);
  Next suspend(ActorCell& actor, core::MonotonicTime until);
  void set_alarm(ActorCell& actor, core::MonotonicTime when);
  void note_obligations(ActorCell& actor) noexcept;

  /// Looking frames up in debug information takes milliseconds: a crash loop must not spend a worker's time on it.
  static constexpr core::Rate kCrashesLocated{10};

  RunnerServices services_;
  std::unique_ptr<Turn> turn_;
  security::TokenBucket may_locate_;
  core::MonotonicTime now_{};
};

}  // namespace airssys::actor
