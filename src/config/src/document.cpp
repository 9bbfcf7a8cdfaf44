#include "document.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <tuple>

#include "text_scan.hpp"

namespace airssys::config {
namespace {

Place place_of(const toml::source_region& region, const std::string& file) {
  return {file, region.begin.line, region.begin.column};
}

/// Copies the library's tree into ours. Its depth is bounded by the scan before it.
class Converter {
 public:
  explicit Converter(const std::string& file) : file_(file) {}

  Value value_of(const toml::node& node) const {
    Value value;
    value.place = place_of(node.source(), file_);
    switch (node.type()) {
      case toml::node_type::table:
        fill(value, *node.as_table());
        break;
      case toml::node_type::array:
        fill(value, *node.as_array());
        break;
      case toml::node_type::string:
        set(value, Value::Type::string, value.string, node.as_string()->get());
        break;
      case toml::node_type::integer:
        set(value, Value::Type::integer, value.integer, node.as_integer()->get());
        break;
      case toml::node_type::floating_point:
        set(value, Value::Type::floating, value.floating, node.as_floating_point()->get());
        break;
      case toml::node_type::boolean:
        set(value, Value::Type::boolean, value.boolean, node.as_boolean()->get());
        break;
      default:
        value.type = Value::Type::date_or_time;
        break;
    }
    return value;
  }

 private:
  template <typename T>
  static void set(Value& value, Value::Type type, T& member, const T& content) {
    value.type = type;
    member = content;
  }

  void fill(Value& value, const toml::array& array) const {
    value.type = Value::Type::array;
    for (const toml::node& item : array) value.items.push_back(value_of(item));
  }

  void fill(Value& value, const toml::table& table) const {
    value.type = Value::Type::table;
    for (const auto& [key, node] : table) {
      value.entries.push_back({std::string(key.str()), place_of(key.source(), file_), value_of(node)});
    }
    // The library sorts by name; people read problems in the order of the file.
    std::ranges::sort(value.entries, {}, [](const Entry& entry) { return std::tuple(entry.place.line, entry.place.column); });
  }

  const std::string& file_;
};

}  // namespace

std::string_view describe(Value::Type type) noexcept {
  switch (type) {
    case Value::Type::string:
      return "a string";
    case Value::Type::integer:
      return "a whole number";
    case Value::Type::floating:
      return "a number with a fraction";
    case Value::Type::boolean:
      return "true or false";
    case Value::Type::date_or_time:
      return "a date or time";
    case Value::Type::array:
      return "an array";
    case Value::Type::table:
      return "a table";
  }
  return "a value";
}

Loaded<Value> parse_toml(std::string_view text, const std::string& file) {
  if (auto problem = scan_text(text, file)) return std::unexpected(Problems{std::move(*problem)});
  const toml::parse_result result = toml::parse(text, std::string_view(file));
  if (result) return Converter(file).value_of(result.table());
  return std::unexpected(Problems{
      problem_at(place_of(result.error().source(), file), fmt::format("not valid TOML: {}", result.error().description()))});
}

}  // namespace airssys::config
