#include "text_scan.hpp"

#include <fmt/format.h>

#include "document.hpp"

namespace airssys::config {
namespace {

/// How long the UTF-8 character at the beginning of `text` is; 0 if it is none. Overlong forms, surrogates and what is
/// beyond U+10FFFF are none.
std::size_t character_length(std::string_view text) noexcept {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(text[i])); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) return 0;
  }
  const bool overlong = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
  const bool beyond = (first == 0xed && byte(1) > 0x9f) || (first == 0xf4 && byte(1) > 0x8f);
  return overlong || beyond ? 0 : length;
}

/// Follows a text from character to character, knowing what of it is comment and string.
///
///   outside: '#' begins a comment, a quotation mark a string; brackets nest; dots split keys
///   comment: until the end of the line
///   string:  until the same one or three quotation marks; '\' escapes in those of "; a string of one mark ends with its line
class Scanner {
 public:
  Scanner(std::string_view text, const std::string& file) : rest_(text), place_{file, 1, 1} {}

  std::optional<Problem> run() {
    while (!rest_.empty()) {
      const std::size_t length = character_length(rest_);
      if (length == 0 || rest_[0] == '\0') return bad_character();
      if (in_comment_ || !mark_.empty()) {
        go_on_inside();
      } else {
        go_on_outside();
      }
      if (depth_ > kMaxNesting || dots_ >= kMaxNesting) return too_deep();
      if (skip_ > 0) continue_at(skip_);
      skip_ = 0;
    }
    return std::nullopt;
  }

 private:
  void go_on_inside() noexcept {
    skip_ = character_length(rest_);
    if (in_comment_) {
      in_comment_ = rest_[0] != '\n';
    } else if (mark_[0] == '"' && rest_[0] == '\\') {
      // The escaped character is jumped over too, unless it ends the line or the text: those are looked at as themselves.
      if (rest_.size() > 1 && (rest_[1] == '"' || rest_[1] == '\\')) skip_ = 2;
    } else if (rest_.starts_with(mark_)) {
      skip_ = closing_length();
      mark_ = {};
    } else if (rest_[0] == '\n' && mark_.size() == 1) {
      mark_ = {};
    }
  }

  void go_on_outside() noexcept {
    skip_ = character_length(rest_);
    switch (rest_[0]) {
      case '#':
        in_comment_ = true;
        break;
      case '"':
      case '\'':
        begin_string();
        break;
      case '[':
      case '{':
        ++depth_;
        dots_ = 0;
        break;
      case ']':
      case '}':
        --depth_;
        dots_ = 0;
        break;
      case '.':
        ++dots_;
        break;
      case '\n':
      case '=':
      case ',':
        dots_ = 0;
        break;
      default:
        break;
    }
  }

  /// Up to two marks more than the closing three still belong to the string.
  std::size_t closing_length() const noexcept {
    std::size_t length = mark_.size();
    while (mark_.size() == 3 && length < 5 && length < rest_.size() && rest_[length] == mark_[0]) ++length;
    return length;
  }

  void begin_string() noexcept {
    const std::string_view three = rest_.substr(0, 3);
    mark_ = three == R"(""")" || three == "'''" ? three : rest_.substr(0, 1);
    skip_ = mark_.size();
  }

  void continue_at(std::size_t length) noexcept {
    for (const char c : rest_.substr(0, length)) {
      if (c == '\n') {
        ++place_.line;
        place_.column = 1;
      } else if ((static_cast<unsigned char>(c) & 0xc0U) != 0x80U) {
        ++place_.column;
      }
    }
    rest_.remove_prefix(length);
  }

  Problem bad_character() const {
    if (rest_[0] == '\0') return problem_at(place_, "a NUL byte", "text");
    return problem_at(place_,
                      fmt::format("the byte {:#04x} is not UTF-8", static_cast<unsigned>(static_cast<unsigned char>(rest_[0]))),
                      "a text in UTF-8");
  }

  Problem too_deep() const {
    return problem_at(place_, "tables, arrays or dotted keys nest too deeply", fmt::format("at most {} levels", kMaxNesting));
  }

  std::string_view rest_;
  Place place_;
  bool in_comment_ = false;
  std::string_view mark_;  ///< What ends the string we are in; empty outside of one.
  int depth_ = 0;
  int dots_ = 0;  ///< In the key or number at hand.
  std::size_t skip_ = 0;
};

}  // namespace

std::optional<Problem> scan_text(std::string_view text, const std::string& file) {
  if (text.size() > kMaxFileBytes) return problem_at({file, 0, 0}, "the file is larger than 1 MiB", "at most 1 MiB");
  return Scanner(text, file).run();
}

}  // namespace airssys::config
