#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

#include "airssys/core/error.hpp"
#include "airssys/core/limits.hpp"

namespace airssys::core {

/// How often something may happen.
struct Rate {
  std::uint32_t per_second = 0;

  friend bool operator==(const Rate&, const Rate&) noexcept = default;
  friend std::strong_ordering operator<=>(const Rate&, const Rate&) noexcept = default;
};

/// Quantities as people write them in files and on the command line: a whole number in decimal digits, then its unit,
/// nothing between or around. A missing unit, a sign, a fraction or a value beyond the type is `ErrorCode::invalid`, and the
/// message shows the text and what was expected. What is sensible for a setting is the setting's own business: 0 parses.
/// The texts made here are the shortest exact ones and parse to the same value. Any thread.

/// `"512B"`, `"4KiB"`, `"16MiB"`, `"1GiB"`.
Result<Bytes> parse_bytes(std::string_view text);
/// `"250ms"`, `"10s"`, `"2m"`, `"1h"`.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);
/// `"1000/s"`.
Result<Rate> parse_rate(std::string_view text);

std::string bytes_to_string(Bytes bytes);
/// `duration` is not negative.
std::string duration_to_string(std::chrono::milliseconds duration);
std::string to_string(Rate rate);
std::ostream& operator<<(std::ostream& out, Rate rate);

}  // namespace airssys::core
