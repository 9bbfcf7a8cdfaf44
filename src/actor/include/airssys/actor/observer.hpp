#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "airssys/actor/actor_cell.hpp"
#include "airssys/core/trap.hpp"

namespace airssys::actor {

/// All that is known of the death of an instance. A value.
struct CrashReport {
  std::uint64_t time_ms = 0;
  std::string address;
  std::string component;  ///< Name and digest.
  std::string turn;       ///< "handle-message", "initialize" ...
  std::string reason;     ///< One sentence: the trap, the failure's text, or which limit stopped it.
  std::optional<core::Trap> trap;
  std::vector<core::SourceLocation> stack;  ///< Innermost first; function names alone where no debug information is.
  std::uint64_t message_id = 0;             ///< 0: no message was in hand.
  std::string sender;
  std::string codec;
  std::uint64_t body_bytes = 0;
  std::string body_begin;        ///< The first 256 bytes.
  std::vector<std::string> log;  ///< The last 20 lines.
  core::Bytes memory_bytes = 0;
  core::Bytes memory_limit = 0;
  std::chrono::milliseconds cpu_limit{};
  std::string decision;  ///< What the supervisor did.
  std::string id;        ///< Under which it was saved; empty: it was not.
};

/// Told of an actor's life, on the thread that runs it, outside of turns. Must not throw or block for long. Views and
/// references are borrowed for the call.
class ActorEvents {
 public:
  virtual ~ActorEvents() = default;

  virtual void crashed(const ActorCell& actor, const CrashReport& report) noexcept = 0;
  virtual void restarted(const ActorCell& actor) noexcept = 0;
  /// For good: it is no longer in the registry.
  virtual void stopped(const ActorCell& actor, std::string_view why) noexcept = 0;
};

enum class DeadReason : std::uint8_t {
  target_stopped,  ///< The actor it was for has stopped.
  rejected,        ///< Its turn was refused, and nobody waits for an answer.
  crashed,         ///< Its turn killed the instance.
  never_had_room,  ///< Its turns were busy for too long.
  expired,         ///< Its deadline passed before its turn.
  orphaned_reply,  ///< A reply that nobody waits for any more.
};
std::string_view name_of(DeadReason reason) noexcept;

/// Where messages end that are not handled: nothing is dropped silently. Implemented by messaging. Any thread.
class DeadLetterSink {
 public:
  virtual ~DeadLetterSink() = default;
  virtual void bury(EnvelopePtr envelope, const core::Address& target, DeadReason reason) noexcept = 0;
};

}  // namespace airssys::actor
