#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>

#include "airssys/core/ports/turn_token.hpp"

namespace airssys::core {

enum class LogLevel : std::uint8_t { trace, debug, info, warn, error };
std::string_view name_of(LogLevel level) noexcept;

struct LogField {
  std::string_view key;
  std::string_view value;
};

/// `airssys:core/log`. Not undone with the turn. Any thread; must not throw.
class LogPort {
 public:
  virtual ~LogPort() = default;

  /// `source`: the actor's address, or the layer for the host's own lines.
  virtual void write(std::string_view source, LogLevel level, std::string_view text,
                     std::span<const LogField> fields) noexcept = 0;
  /// The same for a line of the host's that an actor causes: where lines have shares, it is of that actor's.
  virtual void write_about(std::string_view actor, std::string_view source, LogLevel level, std::string_view text) noexcept {
    std::ignore = actor;
    write(source, level, text, {});
  }
  virtual bool enabled(LogLevel level) const noexcept = 0;
};

}  // namespace airssys::core
