#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "airssys/actor/actor_cell.hpp"
#include "airssys/core/trace.hpp"
#include "airssys/core/trap.hpp"

namespace airssys::actor {

/// All that is known of the death of an instance. A value, bounded: what a guest can make long is cut before anybody is told.
struct CrashReport {
  /// Of all texts together.
  static constexpr core::Bytes kMaxBytes = core::Bytes{64} << 10;
  static constexpr std::size_t kMaxPlaces = 64;

  std::uint64_t time_ms = 0;
  std::string address;
  std::string component;                    ///< Name and digest.
  std::string turn;                         ///< "handle-message", "initialize" ...
  std::string reason;                       ///< One sentence: the trap, the failure's text, or which limit stopped it.
  std::optional<core::Trap> trap;           ///< Without its frames: they are `stack`.
  std::vector<core::SourceLocation> stack;  ///< Innermost first; function names alone where no debug information is.
  std::uint64_t message_id = 0;             ///< 0: no message was in hand.
  std::string sender;
  std::string codec;
  std::uint64_t body_bytes = 0;
  std::string body_begin;        ///< The first 256 bytes.
  std::vector<std::string> log;  ///< The last 20 lines, with their fields.
  core::Bytes memory_bytes = 0;
  core::Bytes memory_limit = 0;
  std::chrono::milliseconds cpu_limit{};
  std::string decision;  ///< What the supervisor did.
  std::string id;        ///< Under which it was saved; empty: it was not.
  /// Reports of this actor since the last one that was saved, which were not: it died too often.
  std::uint64_t unsaved_before = 0;
};

/// One turn of a trace that is recorded. A value.
struct TurnRecord {
  core::TraceContext trace;       ///< Which trace, and this turn's own span.
  std::uint64_t parent_span = 0;  ///< The turn that caused it; 0: none, it is the root.
  std::string actor;
  std::string_view turn;      ///< "handle-message", "handle-timer" ... Static storage.
  core::MessageId message{};  ///< In hand; of a reply, its request. 0: none.
  std::string sender;         ///< Of the message; empty: none.
  std::uint64_t start_ms = 0;
  core::MonotonicTime start{};
  core::MonotonicTime duration{};
  core::MonotonicTime waited{};  ///< Its message, since it was sent; in whole milliseconds.
  std::string_view outcome;      ///< "ok", "rejected", "busy", "trapped" ... Static storage.
};

/// Told of each turn of a recorded trace, on the thread that ran it, after it has ended. Must not throw or block.
class TraceSink {
 public:
  virtual ~TraceSink() = default;
  virtual void turn(const TurnRecord& record) noexcept = 0;
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

}  // namespace airssys::actor
