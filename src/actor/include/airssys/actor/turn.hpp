#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "airssys/actor/actor_cell.hpp"
#include "airssys/actor/turn_clock.hpp"
#include "airssys/core/block_cache.hpp"
#include "airssys/core/ports/host_ports.hpp"
#include "airssys/core/ports/turn_token.hpp"

namespace airssys::actor {

/// What operators read of a denial; `what` is "send to demo/b/1", "publish on words.new" ...
std::string denial_text(std::string_view from, std::string_view what);

/// A turn: one call into an actor, as a transaction. Everything the actor does goes through here and becomes real when the
/// turn ends well (`commit`, by the runner), together and in order, or never happened.
///
/// The first half is what native actors use; guests reach the same through the host's ports. The second half is for the
/// layers that carry effects out. Only on the thread that runs the turn, only until it ends.
class Turn {
 public:
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  const core::Address& self() const noexcept { return cell_->address(); }
  /// Wall clock at the start of the turn, milliseconds since 1970; stands still within it.
  std::uint64_t now_ms() const noexcept { return wall_ms_; }
  /// Each number comes from the host's chance, so that none of them tells of another.
  std::uint64_t random_u64() noexcept;

  core::Result<void> send(const core::Address& to, core::Payload payload);
  /// One body to at most 1,000 targets, as one effect of the turn. Who could not be sent to: index into `to`, and why.
  core::Result<std::vector<std::pair<std::uint32_t, core::Error>>> broadcast(std::span<const core::Address> to,
                                                                             core::Payload payload);
  /// To the subscribers at the end of the turn. One without room loses its copy to the dead letters, nobody else.
  core::Result<void> publish(std::string_view topic, core::Payload payload);
  /// `pattern` as `security::TopicPattern` says. Kept across restarts; twice is once.
  core::Result<void> subscribe(std::string_view pattern);
  /// False: it was not subscribed to by this actor.
  bool unsubscribe(std::string_view pattern);
  /// The outcome comes to `handle_reply` with `tag`, exactly once.
  core::Result<core::MessageId> request(const core::Address& to, core::Payload payload, std::chrono::milliseconds timeout,
                                        core::Tag tag);
  bool cancel(core::MessageId id);
  core::Result<bool> answer(core::MessageId request, std::expected<core::Payload, core::Failure> outcome);
  core::Result<void> arm(core::Tag tag, std::chrono::milliseconds delay,
                         std::optional<std::chrono::milliseconds> period = std::nullopt);
  bool disarm(core::Tag tag);
  void log(core::LogLevel level, std::string_view text) noexcept;
  /// Ends the actor when this turn has ended well, for good: its last turn runs, what is queued goes to the dead letters.
  void stop_self() noexcept { stops_ = true; }

  // ---- for messaging and the runner ----

  static Turn& of(core::TurnToken token) noexcept { return *static_cast<Turn*>(token.turn); }
  core::TurnToken token() noexcept { return {this}; }
  ActorCell& cell() noexcept { return *cell_; }
  /// The message in hand; null in `initialize`, `handle_timer`, `handle_reply` and `stop`.
  const Envelope* message() const noexcept { return message_; }
  /// The monotonic clock at the start of the turn, or a little before; what is measured from here on counts from
  /// `now_at_most`, so that nothing comes too early.
  core::MonotonicTime now() const noexcept { return now_; }
  core::MonotonicTime now_at_most() const noexcept { return now_ + slack_; }
  core::MonotonicTime deadline() const noexcept { return deadline_; }
  /// Of this turn; made when first asked for.
  const core::TraceContext& trace() noexcept {
    if (!trace_.is_set()) begin_trace();
    return trace_;
  }
  /// For a message of this turn: its trace. How much of it is recorded is settled when the turn ends.
  core::TraceContext trace_of_message() noexcept { return trace().next(); }
  /// Of its messages; see `Envelope::distance`.
  std::uint16_t distance() const noexcept { return distance_; }

  /// Changes of timers that it would make: at most one for each that is armed and each that will be.
  std::size_t timer_changes() const noexcept { return timer_changes_.size(); }
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
  /// An edge along which there was no room; a turn that ends `busy` is tried again when there is.
  void note_refusal(Edge& edge);

 private:
  friend class TurnRunner;
  friend class TurnPorts;

  struct TimerChange {
    bool arm;
    Timers::Timer timer;
  };
  using TimerChanges = std::map<core::Tag, TimerChange, std::less<>,  //
                                core::BlockAllocator<std::pair<const core::Tag, TimerChange>>>;

  Turn() = default;
  void begin(ActorCell& cell, core::HostPorts& ports, const core::ClockPort& clock, core::RandomPort& random,
             const Moment& now) noexcept;
  /// What caused it. It has a span if its trace is recorded, or once somebody asks for it.
  void belongs_to(const core::TraceContext& cause) noexcept;
  void name_span() noexcept;
  void begin_trace() noexcept;
  void drop_effects() noexcept;
  /// Deals what of its trace may still be recorded out to its effects, its timers, and its answer if it `answers`.
  void share_record(bool answers) noexcept;

  /// Whether a timer would be armed, and how many there would be, if the turn ended well now.
  bool armed(core::Tag tag) const noexcept;
  std::size_t timers_after() const noexcept;
  /// `armed`: what `armed` says of its tag.
  void change_timer(const TimerChange& change, bool armed);

  ActorCell* cell_ = nullptr;
  core::HostPorts* ports_ = nullptr;
  const core::ClockPort* clock_ = nullptr;
  core::RandomPort* random_ = nullptr;
  const Envelope* message_ = nullptr;
  core::MonotonicTime now_{};
  core::MonotonicTime slack_{};
  core::MonotonicTime deadline_{};
  core::TraceContext trace_;
  std::uint64_t wall_ms_ = 0;
  std::vector<EnvelopePtr> effects_;
  std::size_t effect_count_ = 0;
  std::size_t effect_bytes_ = 0;
  std::size_t copies_ = 0;
  /// What differs from what is armed: at most one change for each timer that is and for each that will be, or a turn could
  /// grow without bound.
  TimerChanges timer_changes_;
  std::ptrdiff_t timers_more_ = 0;  ///< How many more timers there would be, if the turn ended well now.
  std::vector<EdgePtr> refused_;
  std::string denied_;  ///< The last denial. Empty: none.
  bool stops_ = false;
  bool is_last_ = false;  ///< Of its actor.
  bool is_cut_ = false;   ///< It ended since others wanted it to, whatever it was about.
  std::uint16_t distance_ = 0;

  // The running guest's budget; see TurnPorts::ticks_used_up.
  core::MonotonicTime cpu_first_look_{};
  core::MonotonicTime wall_first_look_{};
  std::uint32_t looks_ = 0;
  core::MonotonicTime to_end_since_{};  ///< When it was first seen that it is to end. 0: it is not.
  std::string_view stopped_because_;
  std::array<char, 55> traceparent_{};
};

}  // namespace airssys::actor
