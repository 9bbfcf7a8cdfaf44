#include "names.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "airssys/core/quoted.hpp"

namespace airssys::config {
namespace {

constexpr std::size_t kMaxNameBytes = 64;

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
bool is_lower(char c) noexcept {
  return c >= 'a' && c <= 'z';
}
bool is_identifier_char(char c) noexcept {
  return is_digit(c) || is_lower(c) || (c >= 'A' && c <= 'Z') || c == '-';
}

std::string_view take_until(std::string_view& rest, char divider) noexcept {
  const std::size_t end = rest.find(divider);
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return part;
}

bool is_name(std::string_view text) noexcept {
  if (text.empty() || text.size() > kMaxNameBytes || text.front() == '-' || text.back() == '-') return false;
  if (text.find("--") != std::string_view::npos) return false;
  return std::ranges::all_of(text, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

bool is_number(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, is_digit) && (text.size() == 1 || text[0] != '0');
}

/// Dot-separated, non-empty identifiers; those of digits alone without leading zeros where they are compared as numbers.
bool are_identifiers(std::string_view text, bool numbers_count) noexcept {
  if (text.empty() || text.back() == '.') return false;
  while (!text.empty()) {
    const std::string_view part = take_until(text, '.');
    if (part.empty() || !std::ranges::all_of(part, is_identifier_char)) return false;
    if (numbers_count && std::ranges::all_of(part, is_digit) && !is_number(part)) return false;
  }
  return true;
}

bool is_version(std::string_view text) noexcept {
  if (const std::size_t plus = text.find('+'); plus != std::string_view::npos) {
    if (!are_identifiers(text.substr(plus + 1), false)) return false;
    text = text.substr(0, plus);
  }
  if (const std::size_t hyphen = text.find('-'); hyphen != std::string_view::npos) {
    if (!are_identifiers(text.substr(hyphen + 1), true)) return false;
    text = text.substr(0, hyphen);
  }
  const std::string_view major = take_until(text, '.');
  const std::string_view minor = take_until(text, '.');
  return is_number(major) && is_number(minor) && is_number(text);
}

}  // namespace

core::Result<std::string> parse_name(std::string_view text) {
  if (is_name(text)) return std::string(text);
  return std::unexpected(
      core::Error(core::ErrorCode::invalid, "config",
                  fmt::format("{} is no name; expected lower-case letters, digits and single hyphens, at most {}",
                              core::quoted(text), kMaxNameBytes)));
}

core::Result<std::string> parse_version(std::string_view text) {
  if (text.size() <= kMaxNameBytes && is_version(text)) return std::string(text);
  return std::unexpected(
      core::Error(core::ErrorCode::invalid, "config",
                  fmt::format("{} is no version; expected major.minor.patch, as in \"1.2.0\"", core::quoted(text))));
}

}  // namespace airssys::config
