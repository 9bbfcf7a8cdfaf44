#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace airssys::gateways {

/// A field of a line, counted from 1. A carriage return at the end of the line belongs to none.
struct FieldKey {
  std::uint32_t number = 1;
  /// Between two fields, each time. Empty: white space, any amount of it, and none at the beginning.
  std::string separator{};
};

/// A value of a line that is JSON, by a JSON pointer (RFC 6901): a text, a number, true, false or null.
struct PointerKey {
  std::string pointer;
};

/// What of a line decides to whom it goes: lines in which it is equal go to one target. Nothing: the whole line.
using LineKey = std::variant<std::monostate, FieldKey, PointerKey>;

}  // namespace airssys::gateways
