// What is UTF-8, and what becomes of bytes that are none.
#include <airssys/guest/contract_text.hpp>
#include <cstring>

namespace airssys::guest::detail {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::size_t kMendedBytesMax = 8 * 1024;

struct Piece {
  std::size_t size;
  bool is_character;
};

/// The character that `text`, which is not empty, begins with; or the longest beginning of one that is cut short or wrong.
Piece first_piece(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return {1, true};
  if (lead < 0xC2 || lead > 0xF4) return {1, false};
  const std::size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  // The second byte is bounded where a shorter form would do, a surrogate begins or Unicode ends.
  unsigned low = lead == 0xE0 ? 0xA0U : lead == 0xF0 ? 0x90U : 0x80U;
  unsigned high = lead == 0xED ? 0x9FU : lead == 0xF4 ? 0x8FU : 0xBFU;
  for (std::size_t i = 1; i < size; ++i) {
    if (byte(i) < low || byte(i) > high) return {i, false};
    low = 0x80;
    high = 0xBF;
  }
  return {size, true};
}

/// Nearly every address, topic and key: told word by word, the last of which may overlap the one before.
bool is_ascii(std::string_view text) noexcept {
  constexpr std::uint64_t kHighBits = 0x8080'8080'8080'8080;
  const auto word_at = [&](std::size_t at) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + at, sizeof word);
    return word;
  };
  std::uint64_t seen = 0;
  if (text.size() < sizeof seen) {
    for (const char c : text) seen |= static_cast<unsigned char>(c);
  } else {
#pragma clang loop unroll(disable)  // Two or three rounds, in every guest.
    for (std::size_t at = 0; at < text.size() - sizeof seen; at += sizeof seen) seen |= word_at(at);
    seen |= word_at(text.size() - sizeof seen);
  }
  return (seen & kHighBits) == 0;
}

}  // namespace

bool is_well_formed(std::string_view text) noexcept {
  if (is_ascii(text)) return true;
  while (!text.empty()) {
    const Piece piece = first_piece(text);
    if (!piece.is_character) return false;
    text.remove_prefix(piece.size);
  }
  return true;
}

std::string mended(std::string_view text) {
  std::string result;
  text = text.substr(0, kMendedBytesMax);
  result.reserve(text.size() + kReplacement.size());
  while (!text.empty()) {
    const Piece piece = first_piece(text);
    result += piece.is_character ? text.substr(0, piece.size) : kReplacement;
    text.remove_prefix(piece.size);
  }
  return result;
}

}  // namespace airssys::guest::detail
