#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "airssys/config/problem.hpp"

namespace airssys::config {

struct Entry;

/// A TOML value with its place, free of the library that read it. Only the member that belongs to the type is set.
struct Value {
  enum class Type : std::uint8_t { string, integer, floating, boolean, date_or_time, array, table };

  Type type = Type::table;
  Place place;
  std::string string;
  std::int64_t integer = 0;
  double floating = 0;
  bool boolean = false;
  std::vector<Value> items;    ///< Of an array.
  std::vector<Entry> entries;  ///< Of a table, in the order of the file.
};

struct Entry {
  std::string key;
  Place place;  ///< Of the key.
  Value value;
};

/// "a string", "a table" ... for messages.
std::string_view describe(Value::Type type) noexcept;

inline constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20;
/// Tables and arrays within each other, and segments of a dotted key.
inline constexpr int kMaxNesting = 32;

/// The table that a TOML text is. Refuses what could hurt the parser or the reader first: texts beyond 1 MiB, bytes that
/// are no UTF-8, NUL bytes, nesting beyond `kMaxNesting`.
Loaded<Value> parse_toml(std::string_view text, const std::string& file);

}  // namespace airssys::config
