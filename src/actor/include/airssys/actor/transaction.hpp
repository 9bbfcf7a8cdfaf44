#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "airssys/actor/actor_cell.hpp"
#include "airssys/actor/commit.hpp"
#include "airssys/actor/turn.hpp"
#include "airssys/actor/turn_clock.hpp"
#include "airssys/core/message.hpp"
#include "airssys/core/ports/host_ports.hpp"
#include "airssys/core/ports/turn_token.hpp"

namespace airssys::actor {

/// What operators read of a denial; `what` is "send to demo/b/1", "publish on words.new" ...
std::string denial_text(std::string_view from, std::string_view what);

/// A turn as the layers see it that carry it out: what it has done so far, and what it may still do. Its end is the `Commit`
/// that it fills. One per runner, used again for each of its turns. Only on the thread that runs the turn, only until it ends.
class Transaction final : public Turn {
 public:
  /// What the host serves. Borrowed.
  Transaction(core::HostPorts& ports, const core::ClockPort& clock, core::RandomPort& random) noexcept
      : ports_(ports), clock_(clock), random_(random) {}

  static Transaction& of(core::TurnToken token) noexcept { return *static_cast<Transaction*>(token.turn); }
  static Transaction& of(Turn& turn) noexcept { return static_cast<Transaction&>(turn); }
  static const Transaction& of(const Turn& turn) noexcept { return static_cast<const Transaction&>(turn); }

  // ---- what it belongs to ----

  ActorCell& cell() const noexcept { return *commit_.actor; }
  const core::Address& self() const noexcept { return cell().address(); }
  TurnKind kind() const noexcept { return commit_.turn; }
  /// The message in hand; null in `initialize`, `handle_timer`, `handle_reply` and `stop`.
  const Envelope* message() const noexcept { return message_; }
  std::uint64_t now_ms() const noexcept { return wall_ms_; }
  /// The monotonic clock at the start of the turn, or a little before; what is measured from here on counts from
  /// `now_at_most`, so that nothing comes too early.
  core::MonotonicTime now() const noexcept { return now_; }
  core::MonotonicTime now_at_most() const noexcept { return now_ + slack_; }
  /// Of what caused it. 0: none.
  core::MonotonicTime deadline() const noexcept { return deadline_; }
  /// Of this turn; made when first asked for.
  const core::TraceContext& trace() noexcept {
    if (!trace_.is_set()) begin_trace();
    return trace_;
  }
  const core::TraceContext& trace_so_far() const noexcept { return trace_; }
  /// For a message of this turn: its trace. How much of it is recorded is settled when the turn ends.
  core::TraceContext trace_of_message() noexcept { return trace().next(); }
  /// As W3C's `traceparent`. Valid until the next turn.
  std::string_view traceparent() noexcept;
  /// Of its messages; see `Envelope::distance`.
  std::uint16_t distance() const noexcept { return distance_; }
  std::uint64_t random_u64() noexcept { return random_.next_u64(); }
  core::HostPorts& ports() const noexcept { return ports_; }
  const core::ClockPort& clock() const noexcept { return clock_; }

  // ---- what it does ----

  /// Room for `effects` more effects of `bytes` together under the limits; else the limit that is reached.
  std::optional<core::TurnLimit> room_for(std::size_t effects, std::size_t bytes) const noexcept;
  /// Room for `copies` more messages of broadcasts and events, beside what counts as effects: each costs `kCopyPrice` of the
  /// limit `turn_cpu`. The first broadcast or event of a turn always has it. Else the limit that is reached.
  std::optional<core::TurnLimit> room_for_copies(std::size_t copies) const noexcept;
  void add_copies(std::size_t copies) noexcept { copies_ += copies; }
  /// About what carrying one out costs; to a target that is met for the first time, or has no room, it is two or three.
  static constexpr std::chrono::microseconds kCopyPrice{1};
  /// Counts as `effects` effects of `bytes` together: 0 for all but the first of a broadcast's.
  void add_effect(EnvelopePtr effect, std::size_t effects, std::size_t bytes);
  /// The turn was denied something: `what` as in `denial_text`. Told to operators if the turn fails.
  void note_denial(std::string_view what) { denied_.assign(what); }
  /// The last denial. Empty: none.
  const std::string& denied() const noexcept { return denied_; }
  /// An edge along which there was no room; a turn that ends `busy` is tried again when there is.
  void note_refusal(Edge& edge);
  std::vector<EdgePtr> take_refusals() noexcept { return std::move(refused_); }
  void stop_self() noexcept { stops_ = true; }
  bool stops_itself() const noexcept { return stops_; }

  /// Whether a timer would be armed, and how many there would be, if the turn ended well now.
  bool armed(core::Tag tag) const noexcept;
  std::size_t timers_after() const noexcept;
  /// `armed`: what `armed` says of its tag.
  void change_timer(const TimerChange& change, bool armed);
  /// Changes of timers that it would make: at most one for each that is armed and each that will be.
  std::size_t timer_changes() const noexcept { return commit_.timers.size(); }

  // ---- for the runner ----

  /// Nothing of the turn before is left.
  void begin(ActorCell& cell, TurnKind kind, const Moment& now) noexcept {
    commit_.actor = &cell;
    commit_.turn = kind;
    message_ = nullptr;
    now_ = now.monotonic;
    slack_ = now.slack;
    deadline_ = {};
    trace_ = {};
    wall_ms_ = now.wall_ms;
    denied_.clear();
    stops_ = false;
    distance_ = 0;
    if (budget_.looks != 0) budget_ = {};
  }
  /// The commit that it has come to so far.
  Commit& commit() noexcept { return commit_; }
  /// What is in hand. Borrowed for the turn.
  void has_in_hand(const Envelope& message) noexcept {
    message_ = &message;
    deadline_ = message.deadline;
  }
  void has_deadline(core::MonotonicTime deadline) noexcept { deadline_ = deadline; }
  void has_distance(std::uint16_t distance) noexcept { distance_ = distance; }
  /// What caused it. It has a span if its trace is recorded, or once somebody asks for it.
  void belongs_to(const core::TraceContext& cause) noexcept {
    // Member by member: a copy in one piece would be read back before its parts have been stored.
    trace_.trace_high = cause.trace_high;
    trace_.trace_low = cause.trace_low;
    trace_.span = 0;
    trace_.recorded = cause.recorded;
    if (cause.is_recorded()) [[unlikely]] {
      name_span();
    }
  }
  /// Nothing caused it, and a trace that is recorded begins with it.
  void begin_recorded_trace() noexcept;
  /// It stands: deals what of its trace may still be recorded out to its effects, its timers, and its answer if it `answers`.
  void share_record(bool answers) noexcept;
  /// Its commit has been released: nothing of it counts against the next turn's limits.
  void forget_effects() noexcept {
    effect_count_ = 0;
    effect_bytes_ = 0;
    copies_ = 0;
  }
  void forget_refusals() noexcept { refused_.clear(); }
  void forget_timers() noexcept {
    commit_.timers.clear();
    timers_more_ = 0;
  }
  /// It does not stand: nothing that it did happens.
  void drop_effects() noexcept;

  // The running guest's budget; see `TurnPorts::ticks_used_up`.
  struct Budget {
    core::MonotonicTime cpu_first_look{};
    core::MonotonicTime wall_first_look{};
    std::uint32_t looks = 0;
    core::MonotonicTime to_end_since{};  ///< When it was first seen that the turn is to end. 0: it is not.
    std::string_view stopped_because{};  ///< What stopped the turn; empty: nothing. Static storage.
    bool is_cut = false;                 ///< It was stopped since others wanted it to end, whatever it was about.
  };
  Budget& budget() noexcept { return budget_; }
  const Budget& budget() const noexcept { return budget_; }

 private:
  void name_span() noexcept;
  void begin_trace() noexcept;

  core::HostPorts& ports_;
  const core::ClockPort& clock_;
  core::RandomPort& random_;
  Commit commit_;
  const Envelope* message_ = nullptr;
  core::MonotonicTime now_{};
  core::MonotonicTime slack_{};
  core::MonotonicTime deadline_{};
  core::TraceContext trace_;
  std::uint64_t wall_ms_ = 0;
  std::size_t effect_count_ = 0;
  std::size_t effect_bytes_ = 0;
  std::size_t copies_ = 0;
  std::ptrdiff_t timers_more_ = 0;  ///< How many more timers there would be, if the turn ended well now.
  std::vector<EdgePtr> refused_;
  std::string denied_;
  bool stops_ = false;
  std::uint16_t distance_ = 0;
  Budget budget_;
  std::array<char, 55> traceparent_{};
};

}  // namespace airssys::actor
