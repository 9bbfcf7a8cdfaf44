#include "airssys/config/component_manifest.hpp"

#include <fmt/format.h>

#include <array>

#include "airssys/config/codec_name.hpp"
#include "airssys/core/quoted.hpp"
#include "airssys/core/units.hpp"
#include "config_values.hpp"
#include "limits_table.hpp"
#include "names.hpp"
#include "read_file.hpp"
#include "table_reader.hpp"

namespace airssys::config {
namespace {

constexpr std::string_view kManifestName = "component.toml";
constexpr std::size_t kMaxDescriptionBytes = 1024;
constexpr std::array<std::string_view, 5> kTypeNames{"string", "integer", "float", "boolean", "array"};

core::Result<std::string> parse_description(std::string_view text) {
  if (text.size() <= kMaxDescriptionBytes) return std::string(text);
  return std::unexpected(
      core::Error(core::ErrorCode::invalid, "config",
                  fmt::format("a text of {} bytes; expected at most {}", text.size(), kMaxDescriptionBytes)));
}

std::optional<double> take_bound(TableReader& reader, std::string_view key) {
  const Value* value = reader.take(key);
  if (value == nullptr) return std::nullopt;
  if (value->type == Value::Type::integer) return static_cast<double>(value->integer);
  if (value->type == Value::Type::floating) return value->floating;
  reader.report(problem_at(value->place, fmt::format("{} is {}", key, describe(value->type)), "a number"));
  return std::nullopt;
}

/// Gives the default to a component that consists of this key alone: it must pass as any given value does.
void check_default(const std::string& name, const ConfigKey& key, const ConfigValue& value, Problems& problems) {
  const ComponentManifest alone{.name = "itself", .config = {{name, key}}};
  auto checked = resolve_config(alone, {{name, value}}, key.place);
  if (checked) return;
  for (Problem& problem : checked.error()) {
    problem.message = fmt::format("the default does not fit: {}", problem.message);
    problems.push_back(std::move(problem));
  }
}

std::optional<ConfigKey> read_config_key(const std::string& name, const Value& table, Problems& problems) {
  if (table.type != Value::Type::table) {
    problems.push_back(problem_at(table.place, fmt::format("config.{} is {}", name, describe(table.type)),
                                  fmt::format("a table, as in [config.{}] with type = \"integer\"", name)));
    return std::nullopt;
  }
  TableReader reader(table, setting_keys(), fmt::format("[config.{}]", name), problems);
  ConfigKey key{.place = table.place};
  reader.require("type", "one of string, integer, float, boolean, array");
  const auto type = reader.take_choice("type", kTypeNames);
  if (type) key.type = static_cast<ConfigType>(*type);
  key.description = reader.take_parsed("description", parse_description).value_or("");
  key.min = take_bound(reader, "min");
  key.max = take_bound(reader, "max");
  const bool is_number = key.type == ConfigType::integer || key.type == ConfigType::floating;
  for (const std::string_view bound : {"min", "max"}) {
    if (type && reader.has(bound) && !is_number) {
      reader.report(problem_at(reader.place_of(bound),
                               fmt::format("{} does not go with type = \"{}\"", bound, name_of(key.type)),
                               "it with integer and float only"));
    }
  }
  const bool bounds_fit = !key.min || !key.max || *key.min <= *key.max;
  if (!bounds_fit) {
    reader.report(problem_at(reader.place_of("min"), fmt::format("min = {} is more than max = {}", *key.min, *key.max)));
  }
  if (const Value* value = reader.take("default"); value != nullptr) {
    if (const auto given = config_value_of("default", *value, problems)) {
      const bool bounds_count = bounds_fit && (is_number || (!key.min && !key.max));
      if (type && bounds_count) check_default(name, key, *given, problems);
      key.default_text = given->text;
    }
  }
  reader.finish();
  if (!type) return std::nullopt;
  return key;
}

void read_config_keys(const Value* table, ComponentManifest& manifest, Problems& problems) {
  if (table == nullptr) return;
  for (const Entry& entry : table->entries) {
    auto key = read_config_key(entry.key, entry.value, problems);
    if (key) manifest.config.emplace(entry.key, std::move(*key));
  }
}

template <typename Pattern>
std::vector<Wanted<Pattern>> take_wanted(TableReader& reader, std::string_view verb,
                                         core::Result<Pattern> (*parse)(std::string_view)) {
  std::vector<Wanted<Pattern>> wanted;
  for (auto& [pattern, place] : reader.take_parsed_list(verb, parse)) {
    wanted.push_back({.pattern = std::move(pattern), .place = std::move(place)});
  }
  return wanted;
}

Wants read_wants(const Value* table, Problems& problems) {
  Wants wants;
  if (table == nullptr) return wants;
  TableReader reader(*table, wants_keys(), "[wants]", problems);
  wants.stated = true;
  wants.place = table->place;
  wants.send = take_wanted(reader, "send", core::AddressPattern::parse);
  wants.request = take_wanted(reader, "request", core::AddressPattern::parse);
  wants.publish = take_wanted(reader, "publish", security::TopicPattern::parse);
  wants.subscribe = take_wanted(reader, "subscribe", security::TopicPattern::parse);
  wants.find = take_wanted(reader, "find", core::AddressPattern::parse);
  wants.storage = reader.take_parsed("storage", core::parse_bytes);
  for (auto& [name, place] : reader.take_parsed_list("secrets", parse_name)) wants.secrets.push_back(std::move(name));
  wants.storage_place = reader.place_of("storage");
  wants.secrets_place = reader.place_of("secrets");
  reader.finish();
  return wants;
}

/// A path of a file's text, against the folder of that file.
core::Result<std::filesystem::path> parse_wasm_path(const std::filesystem::path& folder, std::string_view text) {
  const std::filesystem::path path(text);
  if (path.extension() == ".wasm") return (folder / path).lexically_normal();
  return std::unexpected(core::Error(core::ErrorCode::invalid, "config",
                                     fmt::format("{} is no component; expected the path of a .wasm file", core::quoted(text))));
}

void read_component(const Value* table, const std::filesystem::path& folder, ComponentManifest& manifest, Problems& problems) {
  if (table == nullptr) return;
  TableReader reader(*table, component_keys(), "[component]", problems);
  manifest.place = table->place;
  reader.require("name", R"(a name, as in "counter")");
  reader.require("version", R"(a version, as in "1.2.0")");
  manifest.name = reader.take_parsed("name", parse_name).value_or("");
  manifest.version = reader.take_parsed("version", parse_version).value_or("");
  manifest.description = reader.take_parsed("description", parse_description).value_or("");
  const auto resolve = [&folder](std::string_view text) { return parse_wasm_path(folder, text); };
  const auto wasm = reader.take_parsed("wasm", resolve);
  manifest.wasm = wasm.value_or((folder / (manifest.name + ".wasm")).lexically_normal());
  for (const auto& [codec, place] : reader.take_parsed_list("accepts", parse_codec)) manifest.accepts.push_back(codec);
  reader.finish();
}

ComponentManifest bare_component(const std::filesystem::path& wasm) {
  return {.name = wasm.stem().string(), .wasm = wasm.lexically_normal(), .any_config = true, .place = {wasm.string(), 0, 0}};
}

/// A manifest that is beside a `.wasm` counts for it if it names it.
Loaded<ComponentManifest> load_beside(const std::filesystem::path& wasm) {
  const std::filesystem::path beside = wasm.parent_path() / kManifestName;
  std::error_code ignored;
  if (!std::filesystem::exists(beside, ignored)) return bare_component(wasm);
  auto manifest = load_component_manifest(beside);
  if (manifest && manifest->wasm != wasm.lexically_normal()) return bare_component(wasm);
  return manifest;
}

}  // namespace

Loaded<ComponentManifest> parse_component_manifest(std::string_view text, const std::string& name) {
  const auto document = parse_toml(text, name);
  if (!document) return std::unexpected(document.error());
  Problems problems;
  ComponentManifest manifest{.name = {}};
  TableReader reader(*document, component_file_keys(), "the file", problems);
  if (!reader.has("component") && !reader.is_misspelt("component")) {
    problems.push_back(problem_at({name, 0, 0}, "missing table [component]", "it with name and version"));
  }
  read_component(reader.take_table("component"), std::filesystem::path(name).parent_path(), manifest, problems);
  read_config_keys(reader.take_table("config"), manifest, problems);
  manifest.wants = read_wants(reader.take_table("wants"), problems);
  manifest.limits = read_limits(reader.take_table("limits"), "[limits]", problems);
  reader.finish();
  if (problems.empty()) return manifest;
  const std::filesystem::path file(name);
  return std::unexpected(sorted(std::move(problems), {&file, 1}));
}

Loaded<ComponentManifest> load_component_manifest(const std::filesystem::path& path) {
  const auto text = read_file(path);
  if (!text) return std::unexpected(text.error());
  return parse_component_manifest(*text, path.string());
}

Loaded<ComponentManifest> load_component(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return load_component_manifest(path / kManifestName);
  if (path.extension() == ".wasm") return load_beside(path);
  return load_component_manifest(path);
}

}  // namespace airssys::config
