/// Log lines, with the actor's address added by the host. Not undone with the turn.
#pragma once

#include <airssys/guest/values.hpp>
#include <initializer_list>

namespace airssys::guest::log {

enum class Level : std::uint8_t { trace, debug, info, warn, error };

/// A named value of a line: `log::info("sold", {{"sku", sku}, {"count", 3}})`.
struct Field {
  std::string name;
  std::string value;
  Field(std::string_view field_name, std::string_view text) : name(field_name), value(text) {
    detail::make_well_formed(name);
    detail::make_well_formed(value);
  }
  template <std::integral T>
  Field(std::string_view field_name, T number) : Field(field_name, std::string_view(std::to_string(number))) {}
};

void write(Level level, std::string_view text, std::initializer_list<Field> fields = {});
inline bool enabled(Level level) {
  return abi::airssys_log_enabled(static_cast<std::uint32_t>(level)) != 0;
}

inline void trace(std::string_view text, std::initializer_list<Field> fields = {}) {
  write(Level::trace, text, fields);
}
inline void debug(std::string_view text, std::initializer_list<Field> fields = {}) {
  write(Level::debug, text, fields);
}
inline void info(std::string_view text, std::initializer_list<Field> fields = {}) {
  write(Level::info, text, fields);
}
inline void warn(std::string_view text, std::initializer_list<Field> fields = {}) {
  write(Level::warn, text, fields);
}
inline void error(std::string_view text, std::initializer_list<Field> fields = {}) {
  write(Level::error, text, fields);
}

}  // namespace airssys::guest::log
