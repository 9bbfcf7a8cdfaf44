#include "airssys/core/cut.hpp"

#include "airssys/core/printable.hpp"

namespace airssys::core {
namespace {

constexpr std::string_view kCutMark = " [cut]";

bool is_continuation(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// The largest length up to `most` that does not split a UTF-8 character. Bytes that are no UTF-8 are cut anywhere.
std::size_t length_at_boundary(std::string_view text, std::size_t most) noexcept {
  constexpr std::size_t kLongestCharacter = 4;
  for (std::size_t length = most; length > 0 && most - length < kLongestCharacter; --length) {
    if (!is_continuation(text[length])) return length;
  }
  return most;
}

Bytes bytes_of(const LogField& field) noexcept {
  return shown_bytes(field.key) + shown_bytes(field.value);
}

Bytes bytes_of(std::span<const LogField> fields) noexcept {
  Bytes bytes = 0;
  for (const LogField& field : fields) bytes += bytes_of(field);
  return bytes;
}

}  // namespace

std::string cut_to(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  const std::size_t kept = most < kCutMark.size() ? 0 : most - kCutMark.size();
  std::string cut(text.substr(0, length_at_boundary(text, kept)));
  return cut.append(kCutMark);
}

std::string cut_shown(std::string_view text, std::size_t most) {
  const std::size_t fits = shown_within(text, most);
  if (fits == text.size()) return std::string(text);
  const std::size_t kept = most < kCutMark.size() ? 0 : most - kCutMark.size();
  std::string cut(text.substr(0, shown_within(text, kept)));
  return cut.append(kCutMark);
}

KeptFields::KeptFields(std::span<const LogField> fields, std::size_t left_out)
    : whole_(fields), shown_(bytes_of(fields)), was_cut_(left_out != 0 || shown_ > kFieldBytes) {
  if (!was_cut_) return;
  cut(left_out);
  shown_ = bytes_of(kept_);
}

void KeptFields::cut(std::size_t left_out) {
  Bytes room = kFieldBytes;
  std::size_t taken = 0;
  for (; taken < whole_.size() && bytes_of(whole_[taken]) <= room; ++taken) {
    room -= bytes_of(whole_[taken]);
    kept_.push_back(whole_[taken]);
  }
  if (taken < whole_.size()) {
    const LogField& too_long = whole_[taken];
    const Bytes key = airssys::core::shown_bytes(too_long.key);
    if (key + 2 * kCutMark.size() <= room) {
      cut_value_ = cut_shown(too_long.value, room - key);
      kept_.push_back({.key = too_long.key, .value = cut_value_});
      ++taken;
    }
  }
  left_out += whole_.size() - taken;
  if (left_out == 0) return;
  how_many_ = std::to_string(left_out) + (left_out == 1 ? " more field" : " more fields");
  kept_.push_back({.key = "[cut]", .value = how_many_});
}

}  // namespace airssys::core
