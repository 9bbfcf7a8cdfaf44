#include "airssys/system/deployment.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "airssys/config/nearest.hpp"
#include "airssys/core/plural.hpp"
#include "airssys/core/quoted.hpp"
#include "airssys/core/units.hpp"
#include "airssys/gateways/lines_gateway.hpp"
#include "component_warnings.hpp"
#include "grant_warnings.hpp"
#include "limit_contradictions.hpp"
#include "table_contradictions.hpp"

namespace airssys::system {
namespace {

template <typename T>
void append(std::vector<T>& to, std::vector<T> from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

/// A path of this file as a person would write it: relative to the file's folder, unless it is somewhere else altogether.
/// Of none: nothing.
std::string as_written(const std::filesystem::path& path, const config::Place& place) {
  if (path.empty()) return {};
  const std::string text = path.lexically_relative(std::filesystem::path(place.file).parent_path()).string();
  const bool is_elsewhere = text.starts_with("..");
  if (text.empty() || (is_elsewhere && path.is_absolute())) return path.string();
  return is_elsewhere ? text : "./" + text;
}

/// Beside what is not there: a folder with a component, or a `.wasm`, of nearly the same name.
std::string nearest_component(const std::filesystem::path& path, const config::Place& place) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) return {};
  const auto is_component = [](const std::filesystem::path& entry) {
    std::error_code unknown;
    return entry.extension() == ".wasm" || std::filesystem::exists(entry / "component.toml", unknown);
  };
  return as_written(config::nearest_path(path, is_component), place);
}

/// The components of a file. Each is read once, and loaded once in each profile that it is wanted in; what is wrong with it is
/// said once, however many actors it has.
class Components {
 public:
  Components(System& system, CheckReport& report) : system_(system), report_(report) {}

  /// Null: it can't be used, and the report says why.
  ComponentRef load(const std::filesystem::path& path, const config::ActorEntry& entry) {
    if (broken_.contains(path)) return nullptr;
    const auto known = loaded_.find({path, entry.profile});
    if (known != loaded_.end()) return known->second;
    if (!is_described(path, entry)) return nullptr;
    auto component = system_.load(path, entry.profile);
    if (!component) {
      broken_.insert(path);
      report_.components.push_back(config::problem_at(entry.component_place, component.error().to_string(), {},
                                                      nearest_component(path, entry.component_place)));
      return nullptr;
    }
    return loaded_.emplace(std::pair(path, entry.profile), std::move(*component)).first->second;
  }

 private:
  /// Whether its manifest is there and right. What is wrong in it is said with its place in it.
  bool is_described(const std::filesystem::path& path, const config::ActorEntry& entry) {
    const auto manifest = config::load_component(path);
    config::Problems problems = manifest ? config::unsupported(*manifest) : manifest.error();
    if (problems.empty()) return true;
    broken_.insert(path);
    for (config::Problem& problem : problems) {
      const bool is_about_the_file = problem.line == 0;
      if (is_about_the_file) {
        problem = config::problem_at(entry.component_place,
                                     fmt::format("component = {}: {}", core::quoted(as_written(path, entry.component_place)),
                                                 config::to_string(problem)),
                                     {}, nearest_component(path, entry.component_place));
      }
      report_.components.push_back(std::move(problem));
    }
    return false;
  }

  System& system_;
  CheckReport& report_;
  std::map<std::pair<std::filesystem::path, core::Profile>, ComponentRef> loaded_;
  std::set<std::filesystem::path> broken_;
};

/// What an instance has before it runs is more than its limits: it would die at each start.
config::Problems too_small(const config::SystemFile& file, const config::ActorEntry& entry, const runtime::Component& code,
                           const core::Limits& limits) {
  config::Problems problems;
  if (code.initial_memory() > limits.memory) {
    problems.push_back(config::problem_at(
        config::place_of_limit(file, entry, "memory"),
        fmt::format("{} begins with {} of memory, and {} has memory = {}", code.name(),
                    core::bytes_to_string(code.initial_memory()), entry.address.text(), core::bytes_to_string(limits.memory)),
        fmt::format("limits.memory of at least {}", core::bytes_to_string(code.initial_memory()))));
  }
  if (code.initial_table() > limits.table_elements) {
    problems.push_back(
        config::problem_at(config::place_of_limit(file, entry, "table_elements"),
                           fmt::format("{} begins with a table of {} elements, and {} has table_elements = {}", code.name(),
                                       code.initial_table(), entry.address.text(), limits.table_elements),
                           fmt::format("limits.table_elements of at least {}", code.initial_table())));
  }
  return problems;
}

/// What is known of the entries that can run.
struct Known {
  Manifests manifests;
  EntryLimits limits;
};

void plan_actor(const config::ActorEntry& entry, Components& components, Known& known, Checked& checked) {
  const auto* path = std::get_if<std::filesystem::path>(&entry.component);
  if (path == nullptr || entry.is_template()) return;  // `unsupported` has said so.
  const ComponentRef component = components.load(*path, entry);
  if (component == nullptr) return;
  auto actors = config::resolve_actors(checked.plan.file, entry, component->manifest);
  if (!actors) return append(checked.report.files, std::move(actors).error());
  const core::Limits& limits = *actors->front().limits;
  append(checked.report.components, too_small(checked.plan.file, entry, *component->code, limits));
  Contradictions contradictory = contradictions(checked.plan.file, entry, *component, limits);
  append(checked.report.components, std::move(contradictory.problems));
  append(checked.report.warnings, std::move(contradictory.warnings));
  known.limits.emplace(&entry, limits);
  for (core::ActorSpec& actor : *actors) checked.plan.actors.push_back({.actor = std::move(actor), .component = component});
  known.manifests.emplace(&entry, component);
}

/// Beside what is not there: a file of nearly the same name.
std::string nearest_source(const config::GatewayEntry& gateway) {
  std::error_code ignored;
  if (std::filesystem::exists(gateway.path, ignored)) return {};
  const auto is_file = [](const std::filesystem::path& entry) {
    std::error_code unknown;
    return std::filesystem::is_regular_file(entry, unknown);
  };
  return as_written(config::nearest_path(gateway.path, is_file), gateway.path_place);
}

/// What a gateway could not read when it starts, it can't read now.
void check_sources(Checked& checked) {
  for (const config::GatewayEntry& gateway : checked.plan.file.gateways) {
    if (gateway.kind != config::GatewayKind::lines) continue;
    const auto source = gateways::LinesGateway::check_source(gateway.path);
    if (source) continue;
    checked.report.files.push_back(config::problem_at(
        gateway.path_place, fmt::format("path = {}: {}", core::quoted(gateway.path), source.error().message()),
        "a file that can be read, or - for standard input", nearest_source(gateway)));
  }
}

/// What two read at once is cut apart, unless it is a file, which each reads as a whole. (Standard input has its own rule.)
void check_readers(Checked& checked) {
  std::map<std::pair<dev_t, ino_t>, const config::GatewayEntry*> readers;
  for (const config::GatewayEntry& gateway : checked.plan.file.gateways) {
    struct stat what{};
    const bool is_cut = gateway.kind == config::GatewayKind::lines && stat(gateway.path.c_str(), &what) == 0 &&
                        (S_ISFIFO(what.st_mode) || S_ISCHR(what.st_mode));
    if (!is_cut) continue;
    const auto [first, is_new] = readers.emplace(std::pair(what.st_dev, what.st_ino), &gateway);
    if (is_new) continue;
    checked.report.files.push_back(
        config::problem_at(gateway.path_place,
                           fmt::format("path = {} is read by the gateway at {}", core::quoted(gateway.path),
                                       config::to_string(first->second->path_place)),
                           "one gateway for each pipe or device"));
  }
}

void warn_of_nothing_to_run(Checked& checked) {
  const config::SystemFile& file = checked.plan.file;
  if (!file.actors.empty()) return;
  checked.report.warnings.push_back(
      fmt::format("{}: there is nothing to run: no [[actor]] in it or in what it includes", file.path.string()));
}

void warn_of_windows_that_are_too_short(Checked& checked) {
  constexpr std::string_view kText =
      "{}: the {} longer than its window = \"{}\", by their pauses alone: an actor that dies now and then is never given up, "
      "only "
      "one that dies {} times in a row; make window longer, or backoff = \"{}\" or max_restarts smaller";
  for (const config::SupervisorEntry& entry : checked.plan.file.supervisors) {
    const core::RestartPolicy& restart = entry.restart;
    if (!restart.outlasts_its_window()) continue;
    const std::string restarts = core::plural(restart.max_restarts, fmt::format("restart of supervisor {} takes", entry.name),
                                              fmt::format("restarts of supervisor {} take", entry.name));
    checked.report.warnings.push_back(fmt::format(kText, config::to_string(entry.place), restarts,
                                                  core::duration_to_string(restart.window), restart.max_restarts + 1,
                                                  core::duration_to_string(restart.backoff)));
  }
}

}  // namespace

SystemOptions options_of(const config::SystemFile& file) {
  SystemOptions options;
  options.name = file.name;
  options.data = file.data;
  options.limits = config::apply(file.defaults, {});
  options.compiler.memory = file.compile_memory.value_or(options.compiler.memory);
  options.compiler.time = file.compile_time.value_or(options.compiler.time);
  return options;
}

Checked check(System& system, config::SystemFile file) {
  Checked checked;
  checked.report.files = config::unsupported(file);
  checked.plan.file = std::move(file);
  Components components(system, checked.report);
  Known known;
  for (const config::ActorEntry& entry : checked.plan.file.actors) plan_actor(entry, components, known, checked);
  Contradictions contradictory = contradictions(checked.plan.file, known.manifests, known.limits);
  append(checked.report.files, std::move(contradictory.problems));
  append(checked.report.warnings, std::move(contradictory.warnings));
  check_sources(checked);
  check_readers(checked);
  checked.report.files = config::sorted(std::move(checked.report.files), checked.plan.file.files);
  checked.report.components = config::sorted(std::move(checked.report.components), checked.plan.file.files);
  if (!checked.report.ok()) return checked;
  warn_of_nothing_to_run(checked);
  append(checked.report.warnings, component_warnings(known.manifests));
  append(checked.report.warnings, grant_warnings(checked.plan.file, known.manifests));
  warn_of_windows_that_are_too_short(checked);
  return checked;
}

}  // namespace airssys::system
