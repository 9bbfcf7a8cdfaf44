#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>

#include "airssys/core/error.hpp"

namespace airssys::security {

/// A topic names a stream of events: dot-separated, non-empty segments of `a-z A-Z 0-9 - _`, at most 255 bytes.
inline constexpr std::size_t kMaxTopicBytes = 255;
bool is_valid_topic(std::string_view topic) noexcept;

/// Which topics a grant or a subscription covers: a topic in which a segment may be `*`, which is exactly one segment, and
/// the last one may be `#`, which is any number of them, none too. Always valid. A value.
class TopicPattern {
 public:
  /// `ErrorCode::invalid` says what is wrong and where.
  static core::Result<TopicPattern> parse(std::string_view text);

  /// False for a malformed topic. Allocates nothing.
  bool matches(std::string_view topic) const noexcept;
  /// True if every topic that `other` matches is matched by this one. Allocates nothing.
  bool contains(const TopicPattern& other) const noexcept;
  const std::string& text() const noexcept { return text_; }

  friend bool operator==(const TopicPattern&, const TopicPattern&) noexcept = default;

 private:
  explicit TopicPattern(std::string_view text) : text_(text) {}

  std::string text_;
};

std::ostream& operator<<(std::ostream& out, const TopicPattern& pattern);

}  // namespace airssys::security
