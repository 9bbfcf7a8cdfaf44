#include "airssys/core/address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "airssys/core/assert.hpp"
#include "airssys/core/plural.hpp"
#include "airssys/core/quoted.hpp"

namespace airssys::core {
namespace {

/// What keeps one segment from being valid; empty if nothing does.
std::string fault_of_segment(std::string_view segment, int number, bool stars) {
  if (segment.empty()) return fmt::format("segment {} is empty", number);
  if (stars && segment.back() == '*') segment.remove_suffix(1);
  for (std::size_t i = 0; i < segment.size(); ++i) {
    if (detail::is_address_char(segment[i])) continue;
    if (stars && segment[i] == '*') return fmt::format("segment {} has a * that is not its last character", number);
    return fmt::format("segment {} has {} at its position {}", number, quoted(segment.substr(i, 1)), i + 1);
  }
  return {};
}

std::string fault_of(std::string_view text, bool stars) {
  if (text.empty()) return "it is empty";
  if (text.size() > Address::kMaxBytes)
    return fmt::format("it has {} bytes, at most {} are allowed", text.size(), Address::kMaxBytes);
  int number = 0;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('/', begin), text.size());
    ++number;
    if (auto fault = fault_of_segment(text.substr(begin, end - begin), number, stars); !fault.empty()) return fault;
    begin = end + 1;
  }
  return "it has " + plural(static_cast<std::uint64_t>(number), "segment");
}

Error invalid(std::string_view what, std::string_view text, bool stars) {
  constexpr std::string_view kAddressForm = "expected namespace/name/instance, each of a-z 0-9 - _";
  constexpr std::string_view kPatternForm = "expected three segments of a-z 0-9 - _, each of which may be or end in *";
  return {ErrorCode::invalid, "core",
          fmt::format("{} is no {}: {}; {}", quoted(text), what, fault_of(text, stars), stars ? kPatternForm : kAddressForm)};
}

/// Takes the text up to the next '/' off `rest`.
std::string_view take_segment(std::string_view& rest) noexcept {
  const std::size_t end = rest.find('/');
  const std::string_view segment = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return segment;
}

}  // namespace

Result<Address> Address::parse(std::string_view text) {
  if (!is_valid(text)) return std::unexpected(invalid("address", text, false));
  return Address(text);
}

std::string_view Address::space() const noexcept {
  return std::string_view(text_).substr(0, text_.find('/'));
}

std::string_view Address::name() const noexcept {
  std::string_view rest = text_;
  take_segment(rest);
  return take_segment(rest);
}

std::string_view Address::instance() const noexcept {
  return std::string_view(text_).substr(text_.rfind('/') + 1);
}

const Address& operator_address() noexcept {
  static const Address address = make_checked_address("airssys/operator/1");
  return address;
}

std::ostream& operator<<(std::ostream& out, const Address& address) {
  return out << address.text();
}

Result<AddressPattern> AddressPattern::parse(std::string_view text) {
  if (!is_valid(text)) return std::unexpected(invalid("address pattern", text, true));
  return AddressPattern(text);
}

bool AddressPattern::covers(std::string_view address) const noexcept {
  // Up to the first * it is the beginning of all that it matches. If nothing but * follows, that is all there is to see.
  const std::size_t star = std::min(text_.find('*'), text_.size());
  const std::string_view rest = std::string_view(text_).substr(star);
  if (!address.starts_with(std::string_view(text_).substr(0, star))) return false;
  if (rest == "*/*" || rest == "*" || rest == "*/*/*") return true;
  std::size_t at = star;
  for (const char c : rest) {
    if (c == '*') {
      // It ends its segment, so that it stands for whatever is left of the address's.
      while (at < address.size() && address[at] != '/') ++at;
    } else if (at == address.size() || address[at++] != c) {
      return false;
    }
  }
  return at == address.size();
}

std::ostream& operator<<(std::ostream& out, const AddressPattern& pattern) {
  return out << pattern.text();
}

Address make_checked_address(std::string_view text) {
  AIRSSYS_ASSERT(Address::is_valid(text));
  return Address(text);
}

AddressPattern make_checked_pattern(std::string_view text) {
  AIRSSYS_ASSERT(AddressPattern::is_valid(text));
  return AddressPattern(text);
}

}  // namespace airssys::core
