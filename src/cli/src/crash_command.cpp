#include <nlohmann/json.hpp>

#include "airssys/monitoring/crash_store.hpp"
#include "json_text.hpp"
#include "place.hpp"

namespace airssys::cli {
namespace {

using Json = nlohmann::ordered_json;

void print_list(const std::vector<monitoring::CrashReport>& reports, Console& console) {
  if (console.json()) {
    Json rows = Json::array();
    for (const auto& report : reports) {
      rows.push_back({{"id", report.id},
                      {"time_ms", report.time_ms},
                      {"address", report.address},
                      {"summary", monitoring::summary(report)},
                      {"decision", report.decision},
                      {"unsaved_before", report.unsaved_before}});
    }
    return console.print_json(json_text(rows));
  }
  if (reports.empty()) return console.note("no crashes");
  Table table({{"ID", Table::Align::right}, {"TIME"}, {"ADDRESS"}, {"WHAT"}});
  std::uint64_t unsaved = 0;
  for (const auto& report : reports) {
    unsaved += report.unsaved_before;
    table.add({report.id, local_time(report.time_ms), report.address, monitoring::summary(report)});
  }
  console.print(table.text());
  if (unsaved == 0) return;
  console.note(
      fmt::format("{} more of these actors {} not saved: they died too often", unsaved, unsaved == 1 ? "was" : "were"));
}

}  // namespace

ExitCode list_crashes(const Place& place, Console& console) {
  const auto data = find_data(place, console);
  if (!data) return data.error();
  const monitoring::CrashStore store(*data / "crashes");
  std::vector<monitoring::CrashReport> reports;
  for (const std::string& id : store.list()) {
    auto report = store.load(id);
    if (report) {
      reports.push_back(std::move(*report));
    } else if (report.error().code() != core::ErrorCode::not_found) {  // Else it has just made room for a newer one.
      console.complain("airssys: " + report.error().to_string());
    }
  }
  print_list(reports, console);
  return ExitCode::ok;
}

ExitCode show_crash(const Place& place, const std::string& id, Console& console) {
  const auto data = find_data(place, console);
  if (!data) return data.error();
  const monitoring::CrashStore store(*data / "crashes");
  std::string wanted = id;
  if (id == "latest") {
    const std::vector<std::string> ids = store.list();
    if (ids.empty())
      return console.fail(ExitCode::general, "not-found", fmt::format("no crashes in {}", store.folder().string()));
    wanted = ids.back();
  }
  const auto report = store.load(wanted);
  if (!report) {
    const ExitCode code = report.error().code() == core::ErrorCode::invalid ? ExitCode::usage : ExitCode::general;
    return console.fail(code, report.error());
  }
  if (console.json()) {
    console.print_json(monitoring::to_json(*report));
  } else {
    console.print(monitoring::render(*report));
  }
  return ExitCode::ok;
}

}  // namespace airssys::cli
