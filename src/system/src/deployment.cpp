#include "airssys/system/deployment.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "airssys/core/quoted.hpp"
#include "airssys/core/units.hpp"
#include "airssys/gateways/lines_gateway.hpp"
#include "component_warnings.hpp"
#include "grant_warnings.hpp"
#include "limit_contradictions.hpp"

namespace airssys::system {
namespace {

template <typename T>
void append(std::vector<T>& to, std::vector<T> from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

core::RestartPolicy policy_of(const config::SupervisorEntry& supervisor) {
  return {.max_restarts = supervisor.max_restarts,
          .window = supervisor.window,
          .backoff = supervisor.backoff,
          .backoff_max = supervisor.backoff_max};
}

core::RestartPolicy policy_of(const config::SystemFile& file, const config::ActorEntry& entry) {
  const auto supervisor = std::ranges::find(file.supervisors, entry.supervisor, &config::SupervisorEntry::name);
  return supervisor == file.supervisors.end() ? core::RestartPolicy{} : policy_of(*supervisor);
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
      report_.components.push_back(config::problem_at(entry.component_place, component.error().to_string()));
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
      report_.components.push_back(is_about_the_file ? config::problem_at(entry.component_place, config::to_string(problem))
                                                     : std::move(problem));
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

void plan_actor(const config::ActorEntry& entry, Components& components, Manifests& manifests, Checked& checked) {
  const auto* path = std::get_if<std::filesystem::path>(&entry.component);
  if (path == nullptr || entry.is_template()) return;  // `unsupported` has said so.
  const ComponentRef component = components.load(*path, entry);
  if (component == nullptr) return;
  auto limits = config::resolve_limits(checked.plan.file, entry, component->manifest);
  if (!limits) append(checked.report.files, limits.error());
  auto config = config::resolve_config(component->manifest, entry.config, entry.config_place);
  if (!config) append(checked.report.files, config.error());
  if (!limits || !config) return;
  append(checked.report.components, too_small(checked.plan.file, entry, *component->code, *limits));
  Contradictions contradictory = contradictions(checked.plan.file, entry, *component, *limits);
  append(checked.report.components, std::move(contradictory.problems));
  append(checked.report.warnings, std::move(contradictory.warnings));
  core::ConfigValues values;
  for (const auto& [key, value] : *config) values.emplace(key, value.text);
  for (const core::Address& address : entry.addresses()) {
    checked.plan.actors.push_back({.address = address,
                                   .component = component,
                                   .limits = *limits,
                                   .config = values,
                                   .restart = policy_of(checked.plan.file, entry),
                                   .supervisor = entry.supervisor.value_or("")});
  }
  manifests.emplace(&entry, component);
}

/// What a gateway could not read when it starts, it can't read now.
void check_sources(Checked& checked) {
  for (const config::GatewayEntry& gateway : checked.plan.file.gateways) {
    if (gateway.kind != config::GatewayKind::lines) continue;
    const auto source = gateways::LinesGateway::check_source(gateway.path);
    if (source) continue;
    checked.report.files.push_back(config::problem_at(
        gateway.path_place, fmt::format("path = {}: {}", core::quoted(gateway.path), source.error().message()),
        "a file that can be read, or - for standard input"));
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
      "{}: the {} restarts of supervisor {} take longer than its window = \"{}\", by their pauses alone: an actor that dies "
      "now "
      "and then is never given up, only one that dies {} times in a row; make window longer, or backoff = \"{}\" or "
      "max_restarts smaller";
  for (const config::SupervisorEntry& entry : checked.plan.file.supervisors) {
    if (!policy_of(entry).outlasts_its_window()) continue;
    checked.report.warnings.push_back(fmt::format(kText, config::to_string(entry.place), entry.max_restarts, entry.name,
                                                  core::duration_to_string(entry.window), entry.max_restarts + 1,
                                                  core::duration_to_string(entry.backoff)));
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
  Manifests manifests;
  for (const config::ActorEntry& entry : checked.plan.file.actors) plan_actor(entry, components, manifests, checked);
  check_sources(checked);
  check_readers(checked);
  checked.report.files = config::sorted(std::move(checked.report.files), checked.plan.file.files);
  checked.report.components = config::sorted(std::move(checked.report.components), checked.plan.file.files);
  if (!checked.report.ok()) return checked;
  warn_of_nothing_to_run(checked);
  append(checked.report.warnings, component_warnings(manifests));
  append(checked.report.warnings, grant_warnings(checked.plan.file, manifests));
  warn_of_windows_that_are_too_short(checked);
  return checked;
}

}  // namespace airssys::system
