#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "airssys/actor/observer.hpp"
#include "airssys/core/error.hpp"

namespace airssys::monitoring {

/// One turn of a trace, in its place in the tree. A value.
struct TracedTurn {
  std::uint64_t span = 0;
  std::uint64_t parent_span = 0;  ///< Of the turn that caused it; 0, or of none that is here, at a root.
  std::uint32_t depth = 0;        ///< Roots have 0.
  std::string actor;
  std::string turn;           ///< "handle-message", "handle-reply" ...
  std::uint64_t message = 0;  ///< 0: none, a timer fired.
  std::string sender;
  std::uint64_t start_ms = 0;         ///< Wall clock.
  std::chrono::nanoseconds after{};   ///< Since the first turn of the trace.
  std::chrono::nanoseconds took{};    ///< The turn itself.
  std::chrono::nanoseconds waited{};  ///< Since the turn that caused it ended, for its place in the mailbox, a worker, or
                                      ///< its time, if it is a timer's; at a root, since its message was sent.
  std::string outcome;                ///< "ok", "rejected", "busy", "trapped" ...

  friend bool operator==(const TracedTurn&, const TracedTurn&) noexcept = default;
};

/// What one message set off, as far as it is known: its turn, followed by the turns that it caused, each followed by those that
/// that one caused, and so on. What a turn caused is ordered by time. A value.
struct Trace {
  std::string id;  ///< 32 hexadecimal digits, as in a W3C traceparent.
  std::vector<TracedTurn> turns;

  friend bool operator==(const Trace&, const Trace&) noexcept = default;
};

/// A trace in a list: as much as says which one it is. A value.
struct TraceSummary {
  std::string id;
  std::uint64_t turns = 0;  ///< That are kept.
  // Of the first of these:
  std::uint64_t start_ms = 0;
  std::string actor;
  std::string turn;
  std::uint64_t message = 0;
  std::string sender;
  std::string outcome;  ///< "ok", or that of the last turn that was not.

  friend bool operator==(const TraceSummary&, const TraceSummary&) noexcept = default;
};

/// The tree of records that all belong to one trace; of no records, an empty one. A record whose cause is not among them is a
/// root. Takes any records: spans that repeat or form a circle lose nothing and repeat nothing.
Trace trace_of(std::vector<actor::TurnRecord> records);

/// As people read it: a line a turn, indented by depth, with times since the first one. Ends with a line end.
std::string render(const Trace& trace);
/// Version 1; keys are only ever added.
std::string to_json(const Trace& trace);
/// The inverse of `to_json`. `invalid`: not such a text.
core::Result<Trace> trace_from_json(std::string_view text);
/// The same for a list: {"version":1,"traces":[...]}.
std::string to_json(const std::vector<TraceSummary>& traces);
core::Result<std::vector<TraceSummary>> traces_from_json(std::string_view text);

}  // namespace airssys::monitoring
