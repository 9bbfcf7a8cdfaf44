#include "airssys/monitoring/trace.hpp"
#include "connection.hpp"

namespace airssys::cli {
namespace {

/// By which `airssys trace` takes it: the message's number is the shorter one.
std::string id_of(const monitoring::TraceSummary& trace) {
  return trace.message != 0 ? std::to_string(trace.message) : trace.id;
}

std::string list_text(const std::vector<monitoring::TraceSummary>& traces) {
  Table table({{"TIME"}, {"ID"}, {"TURNS", Table::Align::right}, {"OUTCOME"}, {"FIRST TURN"}, {"FROM"}});
  for (const monitoring::TraceSummary& trace : traces) {
    table.add({local_time(trace.start_ms), id_of(trace), std::to_string(trace.turns), printable(trace.outcome),
               printable(trace.actor + " " + trace.turn), trace.sender.empty() ? "-" : printable(trace.sender)});
  }
  return table.text();
}

}  // namespace

ExitCode list_traces(const Place& place, std::uint64_t limit, Console& console) {
  const auto client = connect(place, console);
  if (!client) return client.error();
  const auto json = (*client)->traces(limit);
  if (!json) return console.fail(ExitCode::general, json.error());
  if (console.json()) {
    console.print_json(*json);
    return ExitCode::ok;
  }
  const auto traces = monitoring::traces_from_json(*json);
  if (!traces) return console.fail(ExitCode::general, traces.error());
  if (traces->empty()) console.note("no traces");
  if (!traces->empty()) console.print(list_text(*traces));
  return ExitCode::ok;
}

ExitCode show_trace(const Place& place, const std::string& id, Console& console) {
  const auto client = connect(place, console);
  if (!client) return client.error();
  const auto json = (*client)->trace(id);
  if (!json) {
    const bool misused = json.error().code() == core::ErrorCode::invalid;
    return console.fail(misused ? ExitCode::usage : ExitCode::general, json.error());
  }
  if (console.json()) {
    console.print_json(*json);
    return ExitCode::ok;
  }
  const auto trace = monitoring::trace_from_json(*json);
  if (!trace) return console.fail(ExitCode::general, trace.error());
  console.print(monitoring::render(*trace));
  return ExitCode::ok;
}

}  // namespace airssys::cli
