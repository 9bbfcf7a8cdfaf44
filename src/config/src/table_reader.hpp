#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "airssys/core/error.hpp"
#include "document.hpp"

namespace airssys::config {

/// A problem whose words come from a parser of ours: "`key` = <message up to '; expected' or '; did you mean'>".
Problem problem_of(const Place& place, std::string_view key, const core::Error& error);

/// Reads one table strictly. Each `take_*` names a key that the table may have; what is missing is nothing, what is there and
/// wrong is nothing too, and a problem. `finish` makes a problem of every key that was never named.
class TableReader {
 public:
  /// `where`: the table as messages name it, e.g. "[defaults]". Borrows all but `where`.
  TableReader(const Value& table, std::string where, Problems& problems);
  TableReader(const TableReader&) = delete;
  TableReader& operator=(const TableReader&) = delete;

  const Place& place() const noexcept { return table_.place; }
  /// Where the key is, or the table if it has none.
  const Place& place_of(std::string_view key) const noexcept;
  bool has(std::string_view key) const noexcept { return find(key) != nullptr; }

  /// Any type.
  const Value* take(std::string_view key);
  std::optional<std::string> take_string(std::string_view key, std::string_view expected = "a string");
  std::optional<bool> take_boolean(std::string_view key);
  std::optional<std::uint64_t> take_integer(std::string_view key, std::uint64_t least, std::uint64_t most);
  std::optional<std::uint32_t> take_count(std::string_view key, std::uint32_t least, std::uint32_t most);
  /// A time as a string, within bounds.
  std::optional<std::chrono::milliseconds> take_duration(std::string_view key, std::chrono::milliseconds least,
                                                         std::chrono::milliseconds most);
  const Value* take_table(std::string_view key);
  /// An array of strings. The pointers live as long as the table.
  std::vector<const Value*> take_strings(std::string_view key, std::string_view expected = "an array of strings");
  /// An array of tables (`[[key]]`).
  std::vector<const Value*> take_tables(std::string_view key);

  /// One of `names`, as its index.
  std::optional<std::size_t> take_choice(std::string_view key, std::span<const std::string_view> names);
  /// A string that `parse` turns into a value: core::Result<T>(std::string_view).
  template <typename Parse>
  auto take_parsed(std::string_view key, std::string_view expected, const Parse& parse)
      -> std::optional<typename decltype(parse(std::string_view()))::value_type> {
    const Value* value = take_of_type(key, Value::Type::string, expected);
    if (value == nullptr) return std::nullopt;
    auto parsed = parse(std::string_view(value->string));
    if (parsed) return std::move(*parsed);
    report(problem_of(value->place, key, parsed.error()));
    return std::nullopt;
  }
  /// An array of such strings.
  template <typename Parse>
  auto take_parsed_list(std::string_view key, std::string_view expected, const Parse& parse)
      -> std::vector<typename decltype(parse(std::string_view()))::value_type> {
    std::vector<typename decltype(parse(std::string_view()))::value_type> list;
    for (const Value* item : take_strings(key, expected)) {
      auto parsed = parse(std::string_view(item->string));
      if (parsed) {
        list.push_back(std::move(*parsed));
      } else {
        report(problem_of(item->place, key, parsed.error()));
      }
    }
    return list;
  }

  /// A problem if the key is not there.
  void require(std::string_view key, std::string_view expected);
  /// The value of `key`, which is there, a string or a whole number, is beyond its bounds.
  void report_range(std::string_view key, std::string expected);
  void report(Problem problem) { problems_.push_back(std::move(problem)); }
  void finish();

 private:
  const Entry* find(std::string_view key) const noexcept;
  const Value* take_of_type(std::string_view key, Value::Type type, std::string_view expected);
  void report_unknown(const Entry& entry);
  void report_type(std::string_view key, const Value& value, std::string_view expected);

  const Value& table_;
  std::string where_;
  Problems& problems_;
  std::vector<std::string_view> known_;
};

}  // namespace airssys::config
