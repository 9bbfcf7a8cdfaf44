#include "airssys/core/printable.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <iterator>

namespace airssys::core {
namespace {

struct Character {
  char32_t code = 0;
  std::size_t bytes = 1;
  bool well_formed = true;
};

constexpr Character kMalformed{.code = 0, .bytes = 1, .well_formed = false};

std::uint8_t byte_at(std::string_view text, std::size_t at) noexcept {
  return static_cast<std::uint8_t>(text[at]);
}

/// The length that a first byte announces; 0: none begins so.
std::size_t announced(std::uint8_t first) noexcept {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

/// The first character of a text that is not empty; no longer form than needed, no surrogate, nothing beyond U+10FFFF.
Character first_of(std::string_view text) noexcept {
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  constexpr std::uint8_t kBits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
  const std::size_t length = announced(byte_at(text, 0));
  if (length == 0 || length > text.size()) return kMalformed;
  char32_t code = byte_at(text, 0) & kBits[length];
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte_at(text, i) & 0xc0U) != 0x80) return kMalformed;
    code = code << 6U | (byte_at(text, i) & 0x3fU);
  }
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  if (code < kLeast[length] || surrogate || code > 0x10ffff) return kMalformed;
  return {.code = code, .bytes = length, .well_formed = true};
}

bool is_control(char32_t code) noexcept {
  return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

/// Turns the direction of what follows, or ends a line where no line end is.
bool misleads(char32_t code) noexcept {
  return code == 0x061c || code == 0x200e || code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069);
}

void add_bytes(std::string& shown, std::string_view bytes) {
  for (const char c : bytes) fmt::format_to(std::back_inserter(shown), "\\x{:02x}", static_cast<std::uint8_t>(c));
}

/// What comes out of one character, at most.
std::size_t shown_bytes_of(const Character& next) noexcept {
  constexpr std::size_t kByteOfFour = 4;   // \xff
  constexpr std::size_t kCodeOfSix = 6;    // \u202e, and in JSON \u001b
  constexpr std::size_t kShortEscape = 2;  // \n
  if (!next.well_formed) return kByteOfFour;
  if (next.code == '\n' || next.code == '\t') return kShortEscape;
  if (next.code < 0x20 || misleads(next.code)) return kCodeOfSix;
  return is_control(next.code) ? kByteOfFour * next.bytes : next.bytes;
}

}  // namespace

std::size_t shown_within(std::string_view text, std::size_t most) noexcept {
  std::size_t length = 0;
  for (std::size_t shown = 0; length < text.size();) {
    const Character next = first_of(text.substr(length));
    shown += shown_bytes_of(next);
    if (shown > most) break;
    length += next.bytes;
  }
  return length;
}

std::size_t shown_bytes(std::string_view text) noexcept {
  std::size_t shown = 0;
  while (!text.empty()) {
    const Character next = first_of(text);
    shown += shown_bytes_of(next);
    text.remove_prefix(next.bytes);
  }
  return shown;
}

std::string printable(std::string_view text, LineEnds line_ends) {
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const Character next = first_of(text);
    const std::string_view bytes = text.substr(0, next.bytes);
    text.remove_prefix(next.bytes);
    if (bytes == "\n" || bytes == "\t") {
      shown += line_ends == LineEnds::kept ? bytes : bytes == "\n" ? "\\n" : " ";
    } else if (!next.well_formed || is_control(next.code)) {
      add_bytes(shown, bytes);
    } else if (misleads(next.code)) {
      fmt::format_to(std::back_inserter(shown), "\\u{:04x}", static_cast<std::uint32_t>(next.code));
    } else {
      shown += bytes;
    }
  }
  return shown;
}

}  // namespace airssys::core
