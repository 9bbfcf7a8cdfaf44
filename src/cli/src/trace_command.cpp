#include "airssys/monitoring/trace.hpp"
#include "connection.hpp"

namespace airssys::cli {

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
