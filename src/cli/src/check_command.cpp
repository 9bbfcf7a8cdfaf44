#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "airssys/core/plural.hpp"
#include "airssys/system/compile_child.hpp"
#include "airssys/system/deployment.hpp"
#include "airssys/system/host_room.hpp"
#include "checking.hpp"
#include "console_log.hpp"
#include "json_text.hpp"
#include "place.hpp"

namespace airssys::cli {
namespace {

/// A system to load components with. It shares the cache of compiled code, also with a running system that has the data
/// directory.
core::Result<std::unique_ptr<system::System>> start_for_checking(const config::SystemFile& file, core::LogPort& log) {
  system::SystemOptions options = system::compiling_in_children(system::options_of(file));
  options.workers = 1;
  options.log = &log;
  auto started = system::System::start(options);
  if (started || started.error().code() != core::ErrorCode::unavailable) return started;
  options.data.clear();
  options.artifacts = file.data / "artifacts";
  return system::System::start(options);
}

}  // namespace

ExitCode fail_check(const system::CheckReport& report, Console& console) {
  config::Problems all = report.files;
  all.insert(all.end(), report.components.begin(), report.components.end());
  return fail_with(report.files.empty() ? ExitCode::validation : ExitCode::configuration, all, console);
}

ExitCode check_system(const Place& place, Console& console) {
  auto file = load(place);
  if (!file) return fail_with(ExitCode::configuration, file.error(), console);
  ConsoleLog log(console);
  auto system = start_for_checking(*file, log);
  if (!system) return console.fail(ExitCode::general, system.error());
  const system::Checked checked = system::check(**system, std::move(*file));
  if (!checked.report.ok()) return fail_check(checked.report, console);
  const system::Plan& plan = checked.plan;
  if (const auto fits = system::check_room(system::HostNeed::of(plan), system::HostRoom::now()); !fits) {
    return console.fail(ExitCode::general, fits.error());
  }
  if (console.json()) {
    const nlohmann::ordered_json report{{"ok", true},
                                        {"actors", plan.actors.size()},
                                        {"grants", plan.file.grants.size()},
                                        {"gateways", plan.file.gateways.size()},
                                        {"warnings", checked.report.warnings}};
    console.print_json(json_text(report));
    return ExitCode::ok;
  }
  for (const std::string& warning : checked.report.warnings) console.note("warning: " + warning);
  std::set<const void*> components;
  for (const auto& actor : plan.actors) components.insert(actor.component.get());
  console.print(fmt::format("ok: {} of {}, {}, {}\n", core::plural(plan.actors.size(), "actor"),
                            core::plural(components.size(), "component"), core::plural(plan.file.grants.size(), "grant"),
                            core::plural(plan.file.gateways.size(), "gateway")));
  return ExitCode::ok;
}

}  // namespace airssys::cli
