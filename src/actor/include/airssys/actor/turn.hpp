#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "airssys/actor/actor_cell.hpp"
#include "airssys/core/ports/host_ports.hpp"
#include "airssys/core/ports/turn_token.hpp"

namespace airssys::actor {

/// What a turn will do when it ends well: bring an envelope to an actor, or an outcome to a requester.
struct Effect {
  ActorRef target;  ///< Null: `envelope` is an outcome for its `slot`.
  EnvelopePtr envelope;
};

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
  std::uint64_t now_ms() noexcept;
  std::uint64_t random_u64() noexcept;

  core::Result<void> send(const core::Address& to, const core::Payload& payload);
  /// The outcome comes to `handle_reply` with `tag`, exactly once.
  core::Result<core::MessageId> request(const core::Address& to, const core::Payload& payload,
                                        std::chrono::milliseconds timeout, core::Tag tag);
  bool cancel(core::MessageId id);
  core::Result<bool> answer(core::MessageId request, std::expected<core::Payload, core::Failure> outcome);
  core::Result<void> arm(core::Tag tag, std::chrono::milliseconds delay,
                         std::optional<std::chrono::milliseconds> period = std::nullopt);
  bool disarm(core::Tag tag);
  void log(core::LogLevel level, std::string_view text) noexcept;

  // ---- for messaging and the runner ----

  static Turn& of(core::TurnToken token) noexcept { return *static_cast<Turn*>(token.turn); }
  core::TurnToken token() noexcept { return {this}; }
  ActorCell& cell() noexcept { return *cell_; }
  /// The message in hand; null in `initialize`, `handle_timer`, `handle_reply` and `stop`.
  const Envelope* message() const noexcept { return message_; }
  core::MonotonicTime now() const noexcept { return now_; }
  core::MonotonicTime deadline() const noexcept { return deadline_; }
  const core::TraceContext& trace() noexcept;

  /// Room for `effects` more effects of `bytes` together under the limits; else the limit that is reached.
  std::optional<core::TurnLimit> room_for(std::size_t effects, std::size_t bytes) const noexcept;
  void add_effect(Effect effect, std::size_t bytes);
  /// A target that had no room; a turn that ends `busy` is tried again when it has.
  void note_refusal(ActorCell& target);

 private:
  friend class TurnRunner;
  friend class TurnPorts;

  struct TimerChange {
    bool arm;
    Timers::Timer timer;
  };

  Turn() = default;
  void begin(ActorCell& cell, core::HostPorts& ports, const core::ClockPort& clock, core::RandomPort& random,
             core::MonotonicTime now) noexcept;
  void drop_effects() noexcept;

  ActorCell* cell_ = nullptr;
  core::HostPorts* ports_ = nullptr;
  const core::ClockPort* clock_ = nullptr;
  core::RandomPort* random_ = nullptr;
  const Envelope* message_ = nullptr;
  core::MonotonicTime now_{};
  core::MonotonicTime deadline_{};
  core::TraceContext trace_;
  std::uint64_t wall_ms_ = 0;       ///< 0: not read yet.
  std::uint64_t random_state_ = 0;  ///< 0: not drawn yet.
  std::vector<Effect> effects_;
  std::size_t effect_bytes_ = 0;
  std::vector<TimerChange> timer_changes_;
  std::vector<ActorRef> refused_;
  bool may_act_ = true;  ///< False while an instance's start functions run.

  // The running guest's budget; see TurnPorts::ticks_used_up.
  core::MonotonicTime cpu_first_look_{};
  core::MonotonicTime wall_first_look_{};
  std::uint32_t looks_ = 0;
  std::string_view stopped_because_;
  std::array<char, 55> traceparent_{};
};

}  // namespace airssys::actor
