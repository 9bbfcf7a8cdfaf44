#include "table_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "airssys/config/nearest.hpp"
#include "airssys/core/assert.hpp"
#include "airssys/core/plural.hpp"
#include "airssys/core/quoted.hpp"
#include "airssys/core/units.hpp"

namespace airssys::config {
namespace {

/// Of the unknown keys of one table. A person needs no more to see what is wrong, and a table may have very many.
constexpr std::size_t kMostReported = 50;

std::string joined(std::span<const std::string_view> names) {
  return fmt::format("{}", fmt::join(names.begin(), names.end(), ", "));
}

}  // namespace

Problem problem_of(const Place& place, std::string_view key, const core::Error& error) {
  constexpr std::string_view kExpected = "; expected ";
  constexpr std::string_view kNearest = "; did you mean \"";
  constexpr std::string_view kEnd = "\"?";
  std::string text = error.to_string();
  std::string nearest;
  if (const std::size_t end = text.find(kNearest); end != std::string::npos && text.ends_with(kEnd)) {
    const std::size_t begin = end + kNearest.size();
    nearest = text.substr(begin, text.size() - begin - kEnd.size());
    text.resize(end);
  }
  const std::size_t end = text.find(kExpected);
  return problem_at(place, fmt::format("{} = {}", key, text.substr(0, end)),
                    end == std::string::npos ? "" : text.substr(end + kExpected.size()), std::move(nearest));
}

TableReader::TableReader(const Value& table, FileKeys keys, std::string where, Problems& problems)
    : table_(table), keys_(keys), where_(std::move(where)), problems_(problems) {}

const Entry* TableReader::find(std::string_view key) const noexcept {
  const auto entry = std::ranges::find(table_.entries, key, &Entry::key);
  return entry == table_.entries.end() ? nullptr : &*entry;
}

const FileKey& TableReader::line_of(std::string_view key) const noexcept {
  const auto line = std::ranges::find(keys_, key, &FileKey::name);
  AIRSSYS_ASSERT(line != keys_.end());
  return *line;
}

bool TableReader::is_known(std::string_view key) const noexcept {
  return std::ranges::find(keys_, key, &FileKey::name) != keys_.end();
}

std::vector<std::string_view> TableReader::known() const {
  std::vector<std::string_view> names;
  for (const FileKey& key : keys_) names.push_back(key.name);
  return names;
}

const Place& TableReader::place_of(std::string_view key) const noexcept {
  const Entry* entry = find(key);
  return entry == nullptr ? table_.place : entry->place;
}

const Place& TableReader::place_of_value(std::string_view key) const noexcept {
  const Entry* entry = find(key);
  return entry == nullptr ? table_.place : entry->value.place;
}

const Value* TableReader::take(std::string_view key) {
  AIRSSYS_ASSERT(is_known(key));
  taken_.push_back(key);
  const Entry* entry = find(key);
  return entry == nullptr ? nullptr : &entry->value;
}

void TableReader::report_type(std::string_view key, const Value& value, std::string_view expected) {
  report(problem_at(value.place, fmt::format("{} is {}", key, describe(value.type)), std::string(expected)));
}

const Value* TableReader::take_of_type(std::string_view key, Value::Type type, std::string_view expected) {
  const Value* value = take(key);
  if (value == nullptr || value->type == type) return value;
  report_type(key, *value, expected.empty() ? line_of(key).type : expected);
  return nullptr;
}

std::optional<std::string> TableReader::take_string(std::string_view key) {
  const Value* value = take_of_type(key, Value::Type::string);
  if (value == nullptr) return std::nullopt;
  return value->string;
}

std::optional<bool> TableReader::take_boolean(std::string_view key) {
  const Value* value = take_of_type(key, Value::Type::boolean);
  if (value == nullptr) return std::nullopt;
  return value->boolean;
}

std::optional<std::uint64_t> TableReader::take_integer(std::string_view key, std::uint64_t least, std::uint64_t most) {
  const std::string expected = fmt::format("a whole number from {} to {}", least, most);
  const Value* value = take_of_type(key, Value::Type::integer, expected);
  if (value == nullptr) return std::nullopt;
  const bool fits = value->integer >= 0 && static_cast<std::uint64_t>(value->integer) >= least &&
                    static_cast<std::uint64_t>(value->integer) <= most;
  if (fits) return static_cast<std::uint64_t>(value->integer);
  report_range(key, expected);
  return std::nullopt;
}

std::optional<std::uint32_t> TableReader::take_count(std::string_view key, std::uint32_t least, std::uint32_t most) {
  const auto count = take_integer(key, least, most);
  if (!count) return std::nullopt;
  return static_cast<std::uint32_t>(*count);
}

std::optional<std::chrono::milliseconds> TableReader::take_duration(std::string_view key, std::chrono::milliseconds least,
                                                                    std::chrono::milliseconds most) {
  const auto duration = take_parsed(key, core::parse_duration);
  if (!duration || (*duration >= least && *duration <= most)) return duration;
  report_range(key, fmt::format("from {} to {}", core::duration_to_string(least), core::duration_to_string(most)));
  return std::nullopt;
}

const Value* TableReader::take_table(std::string_view key) {
  return take_of_type(key, Value::Type::table);
}

std::vector<const Value*> TableReader::take_strings(std::string_view key) {
  return take_items(key, Value::Type::string);
}

std::vector<const Value*> TableReader::take_tables(std::string_view key) {
  return take_items(key, Value::Type::table);
}

std::vector<const Value*> TableReader::take_items(std::string_view key, Value::Type type) {
  std::vector<const Value*> items;
  const Value* array = take_of_type(key, Value::Type::array);
  if (array == nullptr) return items;
  for (const Value& item : array->items) {
    if (item.type == type) {
      items.push_back(&item);
    } else {
      report(problem_at(item.place, fmt::format("{} contains {}", key, describe(item.type)), std::string(line_of(key).type)));
    }
  }
  return items;
}

std::optional<std::size_t> TableReader::take_choice(std::string_view key, std::span<const std::string_view> names) {
  const std::string expected = fmt::format("one of {}", joined(names));
  const Value* value = take_of_type(key, Value::Type::string, expected);
  if (value == nullptr) return std::nullopt;
  const auto name = std::ranges::find(names, value->string);
  if (name != names.end()) return static_cast<std::size_t>(name - names.begin());
  report(problem_at(value->place, fmt::format("{} = {} is unknown", key, core::quoted(value->string)), expected,
                    std::string(nearest_name(value->string, names))));
  return std::nullopt;
}

void TableReader::report_range(std::string_view key, std::string expected) {
  const Value& value = find(key)->value;
  const std::string written = value.type == Value::Type::string ? core::quoted(value.string) : fmt::format("{}", value.integer);
  report(problem_at(value.place, fmt::format("{} = {} is out of range", key, written), std::move(expected)));
}

void TableReader::require(std::string_view key, std::string_view expected, std::string_view instead) {
  if (!has(key) && (instead.empty() || !has(instead))) required_.push_back({key, instead, std::string(expected)});
}

bool TableReader::is_misspelt(std::string_view key) const {
  if (has(key)) return false;
  const auto names = known();
  std::size_t looked_at = 0;
  return std::ranges::any_of(table_.entries, [&](const Entry& entry) {
    return !is_known(entry.key) && ++looked_at <= kMostReported && nearest_name(entry.key, names) == key;
  });
}

void TableReader::report_missing(const Required& required) {
  if (is_misspelt(required.key) || (!required.instead.empty() && is_misspelt(required.instead))) return;
  report(problem_at(table_.place, fmt::format("missing key \"{}\" in {}", required.key, where_), required.expected));
}

void TableReader::report_unknown(const Entry& entry) {
  const auto names = known();
  const std::string_view nearest = nearest_name(entry.key, names);
  report(problem_at(entry.place, fmt::format("unknown key {} in {}", core::quoted(entry.key), where_),
                    nearest.empty() ? fmt::format("one of {}", joined(names)) : "", std::string(nearest)));
}

void TableReader::finish() {
  for (const FileKey& key : keys_) AIRSSYS_ASSERT(std::ranges::find(taken_, key.name) != taken_.end());
  for (const Required& required : required_) report_missing(required);
  std::size_t unknown = 0;
  for (const Entry& entry : table_.entries) {
    if (!is_known(entry.key) && ++unknown <= kMostReported) report_unknown(entry);
  }
  if (unknown <= kMostReported) return;
  report(problem_at(table_.place, fmt::format("{} in {}", core::plural(unknown - kMostReported, "more unknown key"), where_)));
}

}  // namespace airssys::config
