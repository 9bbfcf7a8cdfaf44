#include "config_values.hpp"

#include <fmt/format.h>

#include <charconv>

#include "airssys/config/nearest.hpp"
#include "airssys/core/quoted.hpp"

namespace airssys::config {
namespace {

/// A string as JSON writes it.
std::string json_string(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      json += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      json += c;
    }
  }
  return json + '"';
}

/// The text of a value; nothing for one that has none. `nested`: within an array, where strings are quoted.
std::optional<std::string> text_of(const Value& value, bool nested) {
  switch (value.type) {
    case Value::Type::string:
      return nested ? json_string(value.string) : value.string;
    case Value::Type::integer:
      return fmt::format("{}", value.integer);
    case Value::Type::floating:
      return fmt::format("{}", value.floating);
    case Value::Type::boolean:
      return value.boolean ? "true" : "false";
    case Value::Type::array:
      break;
    case Value::Type::date_or_time:
    case Value::Type::table:
      return std::nullopt;
  }
  std::string text = "[";
  for (const Value& item : value.items) {
    const auto part = text_of(item, true);
    if (!part) return std::nullopt;
    if (text.size() > 1) text += ',';
    text += *part;
  }
  return text + ']';
}

ConfigType type_of(Value::Type type) noexcept {
  switch (type) {
    case Value::Type::integer:
      return ConfigType::integer;
    case Value::Type::floating:
      return ConfigType::floating;
    case Value::Type::boolean:
      return ConfigType::boolean;
    case Value::Type::array:
      return ConfigType::array;
    default:
      return ConfigType::string;
  }
}

std::string_view describe(ConfigType type) noexcept {
  switch (type) {
    case ConfigType::string:
      return "a string";
    case ConfigType::integer:
      return "a whole number";
    case ConfigType::floating:
      return "a number";
    case ConfigType::boolean:
      return "true or false";
    case ConfigType::array:
      return "an array";
  }
  return "a value";
}

bool is_of(ConfigType wanted, ConfigType given) noexcept {
  return wanted == given || (wanted == ConfigType::floating && given == ConfigType::integer);
}

std::string range_of(const ConfigKey& key) {
  if (key.min && key.max) return fmt::format("{} from {} to {}", describe(key.type), *key.min, *key.max);
  return key.min ? fmt::format("{} of at least {}", describe(key.type), *key.min)
                 : fmt::format("{} of at most {}", describe(key.type), *key.max);
}

bool is_in_range(const ConfigKey& key, const ConfigValue& value) {
  if (!key.min && !key.max) return true;
  double number = 0;
  std::from_chars(value.text.data(), value.text.data() + value.text.size(), number);
  // Written so that what is not a number is out of every range.
  return (!key.min || number >= *key.min) && (!key.max || number <= *key.max);
}

std::optional<Problem> fault_of(const ConfigKey& key, const std::string& name, const ConfigValue& value) {
  if (!is_of(key.type, value.type)) {
    return problem_at(value.place, fmt::format("config.{} is {}", name, describe(value.type)), std::string(describe(key.type)));
  }
  if (is_in_range(key, value)) return std::nullopt;
  return problem_at(value.place, fmt::format("config.{} = {} is out of range", name, value.text), range_of(key));
}

Problem unknown_setting(const ComponentManifest& component, const std::string& name, const Place& place) {
  std::vector<std::string_view> known;
  for (const auto& [key, described] : component.config) known.push_back(key);
  return problem_at(place, fmt::format("the component {} has no setting {}", component.name, core::quoted(name)),
                    known.empty() ? "none" : fmt::format("one of {}", fmt::join(known, ", ")),
                    std::string(nearest_name(name, known)));
}

void check_given(const ComponentManifest& component, const ConfigValues& given, Problems& problems) {
  for (const auto& [name, value] : given) {
    const auto key = component.config.find(name);
    if (key == component.config.end()) {
      problems.push_back(unknown_setting(component, name, value.place));
    } else if (auto fault = fault_of(key->second, name, value)) {
      problems.push_back(std::move(*fault));
    }
  }
}

Loaded<ConfigValues> only_strings(const ComponentManifest& component, const ConfigValues& given) {
  Problems problems;
  for (const auto& [name, value] : given) {
    if (value.type == ConfigType::string) continue;
    problems.push_back(problem_at(value.place,
                                  fmt::format("config.{} is {}, and {} has no manifest that would say so", name,
                                              describe(value.type), component.wasm.filename().string()),
                                  "a string"));
  }
  if (!problems.empty()) return std::unexpected(std::move(problems));
  return given;
}

}  // namespace

std::string_view name_of(ConfigType type) noexcept {
  switch (type) {
    case ConfigType::string:
      return "string";
    case ConfigType::integer:
      return "integer";
    case ConfigType::floating:
      return "float";
    case ConfigType::boolean:
      return "boolean";
    case ConfigType::array:
      return "array";
  }
  return "unknown";
}

std::optional<ConfigValue> config_value_of(std::string_view key, const Value& value, Problems& problems) {
  auto text = text_of(value, false);
  if (text) return ConfigValue{.type = type_of(value.type), .text = std::move(*text), .place = value.place};
  const bool is_array = value.type == Value::Type::array;
  problems.push_back(problem_at(value.place,
                                is_array ? fmt::format("{} contains a table, a date or a time", core::quoted(key))
                                         : fmt::format("{} is {}", core::quoted(key), describe(value.type)),
                                "a string, a number, true or false, or an array of these"));
  return std::nullopt;
}

ConfigValues read_config(const Value* table, Problems& problems) {
  ConfigValues values;
  if (table == nullptr) return values;
  for (const Entry& entry : table->entries) {
    auto value = config_value_of(entry.key, entry.value, problems);
    if (value) values.emplace(entry.key, std::move(*value));
  }
  return values;
}

Loaded<ConfigValues> resolve_config(const ComponentManifest& component, const ConfigValues& given, const Place& where) {
  if (component.any_config) return only_strings(component, given);
  Problems problems;
  check_given(component, given, problems);
  ConfigValues values = given;
  for (const auto& [name, key] : component.config) {
    if (values.contains(name)) continue;
    if (key.default_text) {
      values.emplace(name, ConfigValue{.type = key.type, .text = *key.default_text, .place = key.place});
    } else {
      problems.push_back(problem_at(where, fmt::format("the component {} needs the setting config.{}", component.name, name),
                                    std::string(describe(key.type))));
    }
  }
  if (!problems.empty()) return std::unexpected(std::move(problems));
  return values;
}

}  // namespace airssys::config
