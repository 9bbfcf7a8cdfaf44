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
#include "file_keys.hpp"

namespace airssys::config {

/// A problem whose words come from a parser of ours: "`key` = <message up to '; expected' or '; did you mean'>".
Problem problem_of(const Place& place, std::string_view key, const core::Error& error);

/// Reads one table strictly. Each `take_*` names a key of the table's lines in `file_keys.hpp`, whose words for its type are
/// those of the problem about another one; what is missing is nothing, what is there and wrong is nothing too, and a problem.
/// `finish` makes a problem of every key that has no line and of those that are missing, and asserts that each line was taken:
/// nothing is documented that is not read, and nothing read that is not documented.
class TableReader {
 public:
  /// `where`: the table as messages name it, e.g. "[defaults]". Borrows all but `where`.
  TableReader(const Value& table, FileKeys keys, std::string where, Problems& problems);
  TableReader(const TableReader&) = delete;
  TableReader& operator=(const TableReader&) = delete;

  const Place& place() const noexcept { return table_.place; }
  /// Where the key is, or the table if it has none.
  const Place& place_of(std::string_view key) const noexcept;
  /// Where the key's value is, or the table if it has none.
  const Place& place_of_value(std::string_view key) const noexcept;
  bool has(std::string_view key) const noexcept { return find(key) != nullptr; }

  /// Any type.
  const Value* take(std::string_view key);
  std::optional<std::string> take_string(std::string_view key);
  std::optional<bool> take_boolean(std::string_view key);
  std::optional<std::uint64_t> take_integer(std::string_view key, std::uint64_t least, std::uint64_t most);
  std::optional<std::uint32_t> take_count(std::string_view key, std::uint32_t least, std::uint32_t most);
  /// A time as a string, within bounds.
  std::optional<std::chrono::milliseconds> take_duration(std::string_view key, std::chrono::milliseconds least,
                                                         std::chrono::milliseconds most);
  const Value* take_table(std::string_view key);
  /// An array of strings. The pointers live as long as the table.
  std::vector<const Value*> take_strings(std::string_view key);
  /// An array of tables (`[[key]]`).
  std::vector<const Value*> take_tables(std::string_view key);

  /// One of `names`, as its index.
  std::optional<std::size_t> take_choice(std::string_view key, std::span<const std::string_view> names);
  /// A string that `parse` turns into a value: core::Result<T>(std::string_view).
  template <typename Parse>
  auto take_parsed(std::string_view key, const Parse& parse)
      -> std::optional<typename decltype(parse(std::string_view()))::value_type> {
    const Value* value = take_of_type(key, Value::Type::string);
    if (value == nullptr) return std::nullopt;
    auto parsed = parse(std::string_view(value->string));
    if (parsed) return std::move(*parsed);
    report(problem_of(value->place, key, parsed.error()));
    return std::nullopt;
  }
  /// An array of such strings, with their places.
  template <typename Parse>
  auto take_parsed_list(std::string_view key, const Parse& parse)
      -> std::vector<std::pair<typename decltype(parse(std::string_view()))::value_type, Place>> {
    std::vector<std::pair<typename decltype(parse(std::string_view()))::value_type, Place>> list;
    for (const Value* item : take_strings(key)) {
      auto parsed = parse(std::string_view(item->string));
      if (parsed) {
        list.emplace_back(std::move(*parsed), item->place);
      } else {
        report(problem_of(item->place, key, parsed.error()));
      }
    }
    return list;
  }

  /// A problem, at `finish`, if the key is not there, nor `instead`, nor a key that was probably meant to be one of them: that
  /// one is a problem itself.
  void require(std::string_view key, std::string_view expected, std::string_view instead = {});
  /// True if there is an unknown key that was probably meant to be this one.
  bool is_misspelt(std::string_view key) const;
  /// The value of `key`, which is there, a string or a whole number, is beyond its bounds.
  void report_range(std::string_view key, std::string expected);
  void report(Problem problem) { problems_.push_back(std::move(problem)); }
  void finish();

 private:
  struct Required {
    std::string_view key;
    std::string_view instead;
    std::string expected;
  };

  const Entry* find(std::string_view key) const noexcept;
  const FileKey& line_of(std::string_view key) const noexcept;
  bool is_known(std::string_view key) const noexcept;
  std::vector<std::string_view> known() const;
  /// A value of another type is a problem: the words are the line's, or `expected`.
  const Value* take_of_type(std::string_view key, Value::Type type, std::string_view expected = {});
  std::vector<const Value*> take_items(std::string_view key, Value::Type type);
  void report_missing(const Required& required);
  void report_unknown(const Entry& entry);
  void report_type(std::string_view key, const Value& value, std::string_view expected);

  const Value& table_;
  FileKeys keys_;
  std::string where_;
  Problems& problems_;
  std::vector<std::string_view> taken_;
  std::vector<Required> required_;
};

}  // namespace airssys::config
