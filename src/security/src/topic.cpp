#include "airssys/security/topic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <ostream>

#include "airssys/core/quoted.hpp"

namespace airssys::security {
namespace {

bool is_topic_char(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/// Walks over the segments of a text without copying them.
class Segments {
 public:
  explicit Segments(std::string_view text) noexcept : rest_(text) {}

  /// Nothing after the last one. An empty text is one empty segment.
  std::optional<std::string_view> next() noexcept {
    if (ended_) return std::nullopt;
    const std::size_t dot = rest_.find('.');
    const std::string_view segment = rest_.substr(0, dot);
    ended_ = dot == std::string_view::npos;
    if (!ended_) rest_.remove_prefix(dot + 1);
    return segment;
  }
  bool at_end() const noexcept { return ended_; }

 private:
  std::string_view rest_;
  bool ended_ = false;
};

bool is_name(std::string_view segment) noexcept {
  return !segment.empty() && std::ranges::all_of(segment, is_topic_char);
}

/// What keeps a text from being a topic pattern; empty if nothing does.
std::string fault_of(std::string_view text) {
  if (text.empty()) return "it is empty";
  if (text.size() > kMaxTopicBytes) return fmt::format("it has {} bytes, at most {} are allowed", text.size(), kMaxTopicBytes);
  Segments segments(text);
  int number = 0;
  while (const auto segment = segments.next()) {
    ++number;
    if (segment->empty()) return fmt::format("segment {} is empty", number);
    if (*segment == "#" && !segments.at_end()) return fmt::format("segment {} is #, which may only be the last", number);
    if (*segment != "#" && *segment != "*" && !is_name(*segment)) {
      return fmt::format("segment {} has other characters than a-z A-Z 0-9 - _", number);
    }
  }
  return {};
}

}  // namespace

bool is_valid_topic(std::string_view topic) noexcept {
  if (topic.size() > kMaxTopicBytes) return false;
  Segments segments(topic);
  while (const auto segment = segments.next()) {
    if (!is_name(*segment)) return false;
  }
  return true;
}

core::Result<TopicPattern> TopicPattern::parse(std::string_view text) {
  const std::string fault = fault_of(text);
  if (fault.empty()) return TopicPattern(text);
  return std::unexpected(core::Error(
      core::ErrorCode::invalid, "security",
      fmt::format("{} is no topic pattern: {}; expected segments of a-z A-Z 0-9 - _ with dots between them, each of "
                  "which may be *, and the last one #",
                  core::quoted(text), fault)));
}

bool TopicPattern::matches(std::string_view topic) const noexcept {
  if (!is_valid_topic(topic)) return false;
  Segments patterns(text_);
  Segments names(topic);
  while (const auto pattern = patterns.next()) {
    if (*pattern == "#") return true;
    const auto name = names.next();
    if (!name || (*pattern != "*" && *pattern != *name)) return false;
  }
  return names.at_end();
}

bool TopicPattern::contains(const TopicPattern& other) const noexcept {
  // No topic is empty, so that a lone # stands for one segment or more. Written so, segments can be compared one by one.
  Segments inner(other.text_ == "#" ? std::string_view("*.#") : std::string_view(other.text_));
  Segments outer(text_);
  while (const auto pattern = outer.next()) {
    if (*pattern == "#") return true;
    const auto segment = inner.next();
    if (!segment || *segment == "#") return false;
    if (*pattern != "*" && *pattern != *segment) return false;
  }
  return inner.at_end();
}

std::ostream& operator<<(std::ostream& out, const TopicPattern& pattern) {
  return out << pattern.text();
}

}  // namespace airssys::security
