#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "airssys/core/message.hpp"
#include "airssys/core/ports/clock_port.hpp"
#include "airssys/core/profile.hpp"
#include "airssys/core/trap.hpp"
#include "airssys/core/turn_result.hpp"

namespace airssys::actor {

class Turn;

using core::TurnResult;

/// A timer that has come due. `missed`: earlier firings that were due while the actor could not run.
struct Firing {
  core::Tag tag{};
  std::uint64_t due_ms = 0;
  std::uint64_t missed = 0;
};

/// What an actor does in its turns: a guest (`ComponentBehaviour`) or C++ of the host (`NativeBehaviour`). The runner calls
/// it, one turn at a time, on any worker. An instance is made by `start` and gone after `drop`.
class Behaviour {
 public:
  virtual ~Behaviour() = default;

  /// Makes a new instance and runs its `initialize`.
  virtual TurnResult start(Turn& turn, const core::Start& start) = 0;
  virtual TurnResult handle_message(Turn& turn, const core::MessageView& message) = 0;
  virtual TurnResult handle_reply(Turn& turn, const core::OutcomeView& outcome) = 0;
  virtual TurnResult handle_timer(Turn& turn, const Firing& firing) = 0;
  /// The last turn.
  virtual TurnResult stop(Turn& turn) = 0;
  /// Drops the instance and its memory. Harmless without one.
  virtual void drop() noexcept = 0;

  /// How long what it answers `busy` to is tried again before it is given up.
  static constexpr std::chrono::seconds kBusyTimeMax{30};
  virtual core::MonotonicTime busy_time_max() const noexcept { return kBusyTimeMax; }
  virtual bool handles_replies() const noexcept = 0;
  virtual bool handles_timers() const noexcept = 0;
  virtual bool accepts(core::Codec codec) const noexcept = 0;

  /// Another one like this, without an instance: for an actor that is to be brought back. Any thread.
  virtual std::unique_ptr<Behaviour> another() const = 0;

  /// For people: the component's name and digest, "native" for C++.
  virtual std::string describe() const = 0;
  /// Of the engine it runs in; none of C++.
  virtual std::optional<core::Profile> profile() const noexcept = 0;
  /// Bytes of linear memory now; 0 without an instance.
  virtual core::Bytes memory_bytes() const noexcept = 0;
  /// The trap that ended the instance, if one did. Valid until `drop`.
  virtual const core::Trap* trap() const noexcept = 0;
  /// Where frames of that trap are in the source, innermost first; a place for each function that was inlined into one. An
  /// error where no debug information is.
  virtual core::Result<std::vector<core::SourceLocation>> locate(std::span<const core::Frame> frames) const = 0;
};

}  // namespace airssys::actor
