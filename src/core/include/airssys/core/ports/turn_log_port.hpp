#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "airssys/core/ports/log_port.hpp"
#include "airssys/core/ports/turn_token.hpp"

namespace airssys::core {

/// `airssys:core/log` as a guest calls it: the turn says who speaks. On the thread that runs the turn.
class TurnLogPort {
 public:
  virtual ~TurnLogPort() = default;

  /// Text and fields are cut to 4 KiB each, visibly. `fields_left_out`: how many there were beyond these.
  virtual void write(TurnToken turn, LogLevel level, std::string_view text, std::span<const LogField> fields,
                     std::size_t fields_left_out) noexcept = 0;
  virtual bool enabled(TurnToken turn, LogLevel level) noexcept = 0;
};

}  // namespace airssys::core
