#include "airssys/config/system_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <set>
#include <utility>

#include "airssys/config/overlap.hpp"
#include "airssys/core/quoted.hpp"
#include "include_glob.hpp"
#include "limits_table.hpp"
#include "read_file.hpp"
#include "system_tables.hpp"

namespace airssys::config {
namespace {

constexpr std::size_t kMaxFiles = 1000;
constexpr std::size_t kMaxIncludeDepth = 16;

/// Reads a file and, depth first, those that it includes, into one value.
class Loader {
 public:
  Loaded<SystemFile> load(std::string_view text, const std::string& name) {
    reading_.system.path = name;
    read(text, name);
    check_references(reading_);
    if (reading_.problems.empty()) return std::move(reading_.system);
    return std::unexpected(sorted(std::move(reading_.problems), reading_.system.files));
  }

 private:
  void read(std::string_view text, const std::filesystem::path& path) {
    const std::string name = path.string();
    const std::filesystem::path folder = path.parent_path();
    reading_.system.files.push_back(path);
    const auto document = parse_toml(text, name);
    if (!document) {
      reading_.problems.insert(reading_.problems.end(), document.error().begin(), document.error().end());
      doubt_what_is_there();
      return;
    }
    open_.push_back(identity_of(path));
    read_tables(*document, folder);
    open_.pop_back();
    closed_.insert(identity_of(path));
  }

  void read_tables(const Value& document, const std::filesystem::path& folder) {
    TableReader file(document, system_file_keys(), "the file", reading_.problems);
    const bool is_root = open_.size() == 1;
    if (is_root) {
      read_root_tables(file, folder, reading_);
    } else {
      refuse_root_tables(file);
    }
    const std::size_t before = reading_.problems.size();
    const auto includes = file.take_strings("include");
    if (reading_.problems.size() != before || file.is_misspelt("include")) doubt_what_is_there();
    read_shared_tables(file, folder, reading_);
    file.finish();
    for (const Value* include : includes) read_included(*include, folder);
  }

  static void refuse_root_tables(TableReader& file) {
    for (const std::string_view key : {"system", "defaults"}) {
      if (file.take(key) == nullptr) continue;
      file.report(problem_at(file.place_of(key), fmt::format("[{}] in an included file", key),
                             "it in the file that includes this one"));
    }
  }

  void read_included(const Value& include, const std::filesystem::path& folder) {
    if (!is_glob(include.string)) return read_one(include, (folder / include.string).lexically_normal());
    for (const std::filesystem::path& path : expand_glob(folder, include.string)) read_one(include, path.lexically_normal());
  }

  void read_one(const Value& include, const std::filesystem::path& path) {
    const auto identity = identity_of(path);
    if (std::ranges::find(open_, identity) != open_.end()) {
      return report(include, fmt::format("include = {} leads back to {}", core::quoted(include.string), path.string()),
                    "files that do not include each other in a circle");
    }
    if (closed_.contains(identity)) {
      return report(include, fmt::format("include = {} reads {} a second time", core::quoted(include.string), path.string()),
                    "each file once");
    }
    if (open_.size() >= kMaxIncludeDepth || reading_.system.files.size() >= kMaxFiles) {
      doubt_what_is_there();
      return report(include, fmt::format("include = {} is too much", core::quoted(include.string)),
                    fmt::format("at most {} files, {} within each other", kMaxFiles, kMaxIncludeDepth));
    }
    const auto text = read_file(path);
    if (!text) {
      doubt_what_is_there();
      return report(include, fmt::format("include = {}: {}", core::quoted(include.string), to_string(text.error())), "");
    }
    read(*text, path);
  }

  /// The same for all ways to write a path, links too; also of a file that is not there.
  static std::filesystem::path identity_of(const std::filesystem::path& path) {
    std::error_code fault;
    auto canonical = std::filesystem::weakly_canonical(std::filesystem::absolute(path, fault), fault);
    return fault ? path : canonical;
  }

  void report(const Value& include, std::string message, std::string expected) {
    reading_.problems.push_back(problem_at(include.place, std::move(message), std::move(expected)));
  }

  /// A file was not read: what seems to be missing may be in it.
  void doubt_what_is_there() noexcept {
    reading_.actors_in_doubt = true;
    reading_.supervisors_in_doubt = true;
  }

  Reading reading_;
  std::vector<std::filesystem::path> open_;  ///< Being read, each included by the one before.
  std::set<std::filesystem::path> closed_;
};

/// One limit of an actor, by the rule of `resolve_limits`.
void resolve_limit(const LimitKey& key, const SystemFile& system, const ActorEntry& actor, const ComponentManifest& component,
                   const LimitsPatch& defaults, LimitsPatch& limits, Problems& problems) {
  const auto given = get(actor.limits, key);
  const auto needed = get(component.limits, key);
  const auto usual = get(defaults, key);
  const auto granted = given ? given : usual;
  if (needed && granted && *granted < *needed) {
    problems.push_back(problem_at(place_of_limit(system, actor, key.name),
                                  fmt::format("{} has {} = {}, and its component {} needs {}", actor.address.text(), key.name,
                                              limit_text(key, *granted), component.name, limit_text(key, *needed)),
                                  fmt::format("limits.{} of at least {}", key.name, limit_text(key, *needed))));
  } else if (given || needed) {
    set(limits, key, given ? *given : *needed);
  }
}

/// As the guest reads them.
core::ConfigValues texts_of(const ConfigValues& values) {
  core::ConfigValues texts;
  for (const auto& [name, value] : values) texts.emplace(name, value.text);
  return texts;
}

/// Of the supervisor that an actor names, which is there: `check_references` has looked.
std::optional<core::RestartPolicy> policy_of(const SystemFile& system, const ActorEntry& actor) {
  const auto supervisor = std::ranges::find(system.supervisors, actor.supervisor, &SupervisorEntry::name);
  if (supervisor == system.supervisors.end()) return std::nullopt;
  return supervisor->restart;
}

}  // namespace

std::string_view name_of(Strategy strategy) noexcept {
  switch (strategy) {
    case Strategy::one_for_one:
      return "one_for_one";
    case Strategy::one_for_all:
      return "one_for_all";
    case Strategy::rest_for_one:
      return "rest_for_one";
  }
  return "unknown";
}

std::string_view name_of(GatewayKind kind) noexcept {
  switch (kind) {
    case GatewayKind::lines:
      return "lines";
    case GatewayKind::standard_output:
      return "standard-output";
  }
  return "unknown";
}

std::string_view name_of(Spread spread) noexcept {
  switch (spread) {
    case Spread::round_robin:
      return "round-robin";
    case Spread::least_loaded:
      return "least-loaded";
    case Spread::hash:
      return "hash";
  }
  return "unknown";
}

std::vector<core::Address> ActorEntry::addresses() const {
  if (is_template()) return {};
  if (instances == 1) return {core::make_checked_address(address.text())};
  const std::string_view stem = std::string_view(address.text()).substr(0, address.text().size() - 1);
  std::vector<core::Address> all;
  all.reserve(instances);
  for (std::uint32_t i = 1; i <= instances; ++i) all.push_back(core::make_checked_address(fmt::format("{}{}", stem, i)));
  return all;
}

bool ActorEntry::is_covered_by(const core::AddressPattern& pattern) const {
  if (instances == 1) return overlap(pattern, address);
  const std::string stem = address.text().substr(0, address.text().size() - 1);
  const auto all = core::AddressPattern::parse(stem + "*");
  if (!all || !overlap(pattern, *all)) return false;
  // Without making them all: of the numbers that begin with certain digits the first is those digits.
  std::string_view digits = std::string_view(pattern.text()).substr(pattern.text().rfind('/') + 1);
  if (digits.ends_with('*')) digits.remove_suffix(1);
  if (digits.empty()) return true;
  std::uint32_t number = 0;
  const auto [stop, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool is_number = fault == std::errc{} && stop == digits.data() + digits.size() && digits.front() != '0';
  return is_number && number <= instances;
}

Loaded<SystemFile> load_system_file(const std::filesystem::path& path) {
  const auto text = read_file(path);
  if (!text) return std::unexpected(text.error());
  return parse_system(*text, path.string());
}

Loaded<SystemFile> parse_system(std::string_view text, const std::string& name) {
  return Loader().load(text, name);
}

Place place_of_limit(const SystemFile& system, const ActorEntry& actor, std::string_view key) {
  for (const LimitsPatch* patch : {&actor.limits, &system.defaults}) {
    if (const auto place = patch->places.find(key); place != patch->places.end()) return place->second;
  }
  return actor.component_place;
}

Loaded<core::Limits> resolve_limits(const SystemFile& system, const ActorEntry& actor, const ComponentManifest& component) {
  const LimitsPatch defaults = merge(as_patch(core::Limits{}), system.defaults);
  LimitsPatch limits = defaults;
  Problems problems;
  for (const LimitKey& key : limit_keys()) resolve_limit(key, system, actor, component, defaults, limits, problems);
  if (!problems.empty()) return std::unexpected(std::move(problems));
  return apply(limits, core::Limits{});
}

Loaded<std::vector<core::ActorSpec>> resolve_actors(const SystemFile& system, const ActorEntry& actor,
                                                    const ComponentManifest& component) {
  auto limits = resolve_limits(system, actor, component);
  auto config = resolve_config(component, actor.config, actor.config_place);
  Problems problems;
  if (!limits) problems = limits.error();
  if (!config) std::ranges::move(config.error(), std::back_inserter(problems));
  if (!problems.empty()) return std::unexpected(std::move(problems));
  const core::ConfigValues texts = texts_of(*config);
  std::vector<core::ActorSpec> specs;
  for (core::Address& address : actor.addresses()) {
    specs.push_back({.address = std::move(address),
                     .limits = *limits,
                     .config = texts,
                     .restart = policy_of(system, actor),
                     .supervisor = actor.supervisor.value_or("")});
  }
  return specs;
}

}  // namespace airssys::config
