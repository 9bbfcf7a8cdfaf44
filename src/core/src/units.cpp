#include "airssys/core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <ostream>
#include <span>

#include "airssys/core/assert.hpp"
#include "airssys/core/quoted.hpp"

namespace airssys::core {
namespace {

/// A unit's name and how many of the smallest unit it is. Tables go from the smallest to the largest.
struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array<Unit, 4> kByteUnits{{{"B", 1}, {"KiB", 1ULL << 10}, {"MiB", 1ULL << 20}, {"GiB", 1ULL << 30}}};
constexpr std::array<Unit, 4> kTimeUnits{{{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}}};
constexpr std::array<Unit, 1> kRateUnits{{{"/s", 1}}};

/// A kind of quantity: its units, its largest value in the smallest of them, and its words for messages.
struct Quantity {
  std::string_view what;
  std::string_view example;
  std::span<const Unit> units;
  std::uint64_t largest;
};

constexpr Quantity kSize{"size", R"(a whole number and B, KiB, MiB or GiB, as in "16MiB")", kByteUnits,
                         std::numeric_limits<Bytes>::max()};
constexpr Quantity kTime{"time", R"(a whole number and ms, s, m or h, as in "250ms")", kTimeUnits,
                         std::uint64_t{std::numeric_limits<std::int64_t>::max()}};
constexpr Quantity kRate{"rate", R"(a whole number and /s, as in "1000/s")", kRateUnits,
                         std::numeric_limits<std::uint32_t>::max()};

Error malformed(const Quantity& quantity, std::string_view text) {
  return {ErrorCode::invalid, "core", fmt::format("{} is no {}; expected {}", quoted(text), quantity.what, quantity.example)};
}

Error beyond(const Quantity& quantity, std::string_view text) {
  return {ErrorCode::invalid, "core", fmt::format("{} is too large for a {}", quoted(text), quantity.what)};
}

/// The value in the smallest unit.
Result<std::uint64_t> parse_quantity(const Quantity& quantity, std::string_view text) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, number);
  if (fault == std::errc::invalid_argument) return std::unexpected(malformed(quantity, text));
  const std::string_view name(stop, static_cast<std::size_t>(end - stop));
  const auto unit = std::ranges::find(quantity.units, name, &Unit::name);
  if (unit == quantity.units.end()) return std::unexpected(malformed(quantity, text));
  if (fault != std::errc{} || number > quantity.largest / unit->factor) return std::unexpected(beyond(quantity, text));
  return number * unit->factor;
}

std::string text_of(const Quantity& quantity, std::uint64_t value) {
  const Unit* best = &quantity.units.front();
  for (const Unit& unit : quantity.units) {
    if (value != 0 && value % unit.factor == 0) best = &unit;
  }
  return fmt::format("{}{}", value / best->factor, best->name);
}

}  // namespace

Result<Bytes> parse_bytes(std::string_view text) {
  return parse_quantity(kSize, text);
}

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  AIRSSYS_TRY(const std::uint64_t milliseconds, parse_quantity(kTime, text));
  return std::chrono::milliseconds(static_cast<std::int64_t>(milliseconds));
}

Result<Rate> parse_rate(std::string_view text) {
  AIRSSYS_TRY(const std::uint64_t per_second, parse_quantity(kRate, text));
  return Rate{static_cast<std::uint32_t>(per_second)};
}

std::string bytes_to_string(Bytes bytes) {
  return text_of(kSize, bytes);
}

std::string duration_to_string(std::chrono::milliseconds duration) {
  AIRSSYS_ASSERT(duration.count() >= 0);
  return text_of(kTime, static_cast<std::uint64_t>(duration.count()));
}

std::string to_string(Rate rate) {
  return text_of(kRate, rate.per_second);
}

std::ostream& operator<<(std::ostream& out, Rate rate) {
  return out << to_string(rate);
}

}  // namespace airssys::core
