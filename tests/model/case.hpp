#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "airssys/core/limits.hpp"

namespace airssys::model {

/// One actor of a system: which of both worlds it is from, how little it may use, and what it does when it starts and stops.
struct ActorPlan {
  bool guest = false;
  std::uint16_t mailbox_messages = 1024;
  std::uint16_t requests = 1024;
  std::uint16_t deferred = 1024;
  std::uint16_t timers = 1024;
  std::uint16_t turn_effects = 1024;
  std::uint16_t body_bytes = 4096;
  std::uint16_t reply_bytes = 8192;
  std::uint16_t max_restarts = 3;
  std::string on_start;  ///< Programs of guests/programmed/program.hpp.
  std::string on_stop;

  core::Limits limits() const;
};

/// What the host does next.
struct Action {
  enum Kind : std::uint8_t {
    send,     ///< Sends `program` to `actor`.
    request,  ///< Requests it; waits for `number` ms at most, later.
    run,      ///< Lets `number` batches run.
    settle,   ///< Lets everything run that can.
    advance,  ///< Moves the clock by `number` ms.
    stop,     ///< Orders `actor` to stop.
    spawn,    ///< Starts another under the address of `actor`, if it is free.
  };
  static constexpr int kKinds = 7;

  Kind kind = settle;
  std::uint8_t actor = 0;
  std::uint16_t number = 0;
  std::string program;
};

/// A whole run: the actors, what the host does, and the seed of order and chance. A value; its text replays it.
struct Case {
  std::uint64_t seed = 1;
  std::vector<ActorPlan> actors;
  std::vector<Action> actions;

  /// In hexadecimal: what a failure prints and the table of seeds keeps.
  std::string text() const;
  static std::optional<Case> from_text(std::string_view text);
};

/// A program in the letters of its format: `s2{J} R16`.
std::string show_program(std::string_view program);
std::ostream& operator<<(std::ostream& out, const Case& shown);

}  // namespace airssys::model
