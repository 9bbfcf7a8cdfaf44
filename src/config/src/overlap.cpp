#include "airssys/config/overlap.hpp"

#include <string_view>

namespace airssys::config {
namespace {

std::string_view next_part(std::string_view& rest, char divider) noexcept {
  const std::size_t end = rest.find(divider);
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return part;
}

bool segments_overlap(std::string_view left, std::string_view right) noexcept {
  const bool left_open = left.ends_with('*');
  const bool right_open = right.ends_with('*');
  if (left_open) left.remove_suffix(1);
  if (right_open) right.remove_suffix(1);
  if (left_open && right_open) return left.starts_with(right) || right.starts_with(left);
  if (left_open) return right.starts_with(left);
  if (right_open) return left.starts_with(right);
  return left == right;
}

}  // namespace

bool overlap(const core::AddressPattern& left, const core::AddressPattern& right) noexcept {
  std::string_view left_rest = left.text();
  std::string_view right_rest = right.text();
  for (int i = 0; i < 3; ++i) {
    if (!segments_overlap(next_part(left_rest, '/'), next_part(right_rest, '/'))) return false;
  }
  return true;
}

bool overlap(const security::TopicPattern& left, const security::TopicPattern& right) noexcept {
  std::string_view left_rest = left.text();
  std::string_view right_rest = right.text();
  while (!left_rest.empty() && !right_rest.empty()) {
    const std::string_view left_part = next_part(left_rest, '.');
    const std::string_view right_part = next_part(right_rest, '.');
    if (left_part == "#" || right_part == "#") return true;
    if (left_part != right_part && left_part != "*" && right_part != "*") return false;
  }
  // A `#` that is left over may be no segment at all.
  return (left_rest.empty() || left_rest == "#") && (right_rest.empty() || right_rest == "#");
}

}  // namespace airssys::config
