#include <nlohmann/json.hpp>

#include "airssys/toolchain/build.hpp"
#include "commands.hpp"
#include "json_text.hpp"

namespace airssys::cli {

ExitCode build_guest(const BuildArguments& arguments, Console& console) {
  toolchain::BuildOptions options;
  options.output = arguments.output;
  options.force = arguments.force;
  options.limits = arguments.limits;
  const auto built = toolchain::build_component(arguments.folder, options);
  if (!built) return console.fail(ExitCode::build, built.error());
  if (!built->warnings.empty()) console.note(built->warnings);
  if (console.json()) {
    const nlohmann::ordered_json report{{"name", built->name},
                                        {"component", built->component.string()},
                                        {"debug_module", built->debug_module.string()},
                                        {"compiler", built->compiler.string()},
                                        {"component_bytes", built->component_bytes},
                                        {"up_to_date", built->up_to_date},
                                        {"took_ms", built->took.count()}};
    console.print_json(json_text(report));
  } else if (built->up_to_date) {
    console.note(fmt::format("{} is up to date", built->component.string()));
  } else {
    console.note(fmt::format("{}: {} in {:.1f} s", built->component.string(), human_bytes(built->component_bytes),
                             std::chrono::duration<double>(built->took).count()));
  }
  return ExitCode::ok;
}

}  // namespace airssys::cli
