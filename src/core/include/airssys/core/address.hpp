#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>

#include "airssys/core/error.hpp"

namespace airssys::core {

/// The name of an actor: `namespace/name/instance`, three non-empty segments of `a-z 0-9 - _`, at most 255 bytes.
/// Those that begin with `airssys/` belong to the host (the operator, gateways). Always valid: there is no empty address.
class Address {
 public:
  static constexpr std::size_t kMaxBytes = 255;

  /// `ErrorCode::invalid` says what is wrong and where.
  static Result<Address> parse(std::string_view text);
  static constexpr bool is_valid(std::string_view text) noexcept;

  const std::string& text() const noexcept { return text_; }
  std::string_view space() const noexcept;
  std::string_view name() const noexcept;
  std::string_view instance() const noexcept;
  bool is_host() const noexcept { return text_.starts_with("airssys/"); }

  friend bool operator==(const Address&, const Address&) noexcept = default;
  friend std::strong_ordering operator<=>(const Address&, const Address&) noexcept = default;

 private:
  friend Address make_checked_address(std::string_view text);
  explicit Address(std::string_view text) : text_(text) {}

  std::string text_;
};

/// The operator: may reach every actor, gets replies but no other messages.
const Address& operator_address() noexcept;

std::ostream& operator<<(std::ostream& out, const Address& address);

/// Which addresses a grant covers: three segments, each literal, `*`, or a literal beginning followed by `*`.
class AddressPattern {
 public:
  static Result<AddressPattern> parse(std::string_view text);
  static constexpr bool is_valid(std::string_view text) noexcept;
  /// Matches exactly one address; implicit, since an address is the pattern of itself.
  AddressPattern(const Address& address)  // NOLINT(google-explicit-constructor)
      : text_(address.text()) {}

  /// False for what is no address.
  bool matches(std::string_view address) const noexcept { return Address::is_valid(address) && covers(address); }
  bool matches(const Address& address) const noexcept { return covers(address.text()); }
  /// No `*` in it.
  bool is_literal() const noexcept { return text_.find('*') == std::string::npos; }
  const std::string& text() const noexcept { return text_; }

  friend bool operator==(const AddressPattern&, const AddressPattern&) noexcept = default;

 private:
  friend AddressPattern make_checked_pattern(std::string_view text);
  explicit AddressPattern(std::string_view text) : text_(text) {}

  bool covers(std::string_view valid_address) const noexcept;

  std::string text_;
};

std::ostream& operator<<(std::ostream& out, const AddressPattern& pattern);

namespace detail {
/// By character: whether it may stand in a segment. A table, since each actor that is made has its address looked at.
inline constexpr std::array<bool, 256> kIsAddressChar = [] {
  std::array<bool, 256> is{};
  for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyz0123456789-_")) is[static_cast<unsigned char>(c)] = true;
  return is;
}();
constexpr bool is_address_char(char c) noexcept {
  return kIsAddressChar[static_cast<unsigned char>(c)];
}
/// Three non-empty segments of address characters; with `stars`, a segment may end in one `*`.
constexpr bool is_three_segments(std::string_view text, bool stars) noexcept {
  if (text.size() > Address::kMaxBytes) return false;
  std::size_t at = 0;
  for (int segment = 1;; ++segment) {
    const std::size_t begin = at;
    while (at < text.size() && is_address_char(text[at])) ++at;
    if (stars && at < text.size() && text[at] == '*') ++at;
    if (at == begin) return false;
    if (at == text.size()) return segment == 3;
    if (text[at++] != '/' || segment == 3) return false;
  }
}
}  // namespace detail

constexpr bool Address::is_valid(std::string_view text) noexcept {
  return detail::is_three_segments(text, false);
}
constexpr bool AddressPattern::is_valid(std::string_view text) noexcept {
  return detail::is_three_segments(text, true);
}

/// For literals that the compiler has checked; asserts otherwise.
Address make_checked_address(std::string_view text);
AddressPattern make_checked_pattern(std::string_view text);

namespace detail {
/// A string literal as a template argument.
template <std::size_t Size>
struct LiteralText {
  char data[Size]{};
  consteval LiteralText(const char (&text)[Size]) {  // NOLINT(google-explicit-constructor): a literal is one
    for (std::size_t i = 0; i < Size; ++i) data[i] = text[i];
  }
  constexpr std::string_view view() const noexcept { return {data, Size - 1}; }
};
}  // namespace detail

}  // namespace airssys::core

namespace airssys::literals {

/// `"demo/counter/1"_address`: a malformed one does not compile.
template <core::detail::LiteralText Text>
core::Address operator""_address() {
  static_assert(core::Address::is_valid(Text.view()), "an address is three segments of a-z 0-9 - _");
  return core::make_checked_address(Text.view());
}

/// `"demo/*/*"_pattern`: a malformed one does not compile.
template <core::detail::LiteralText Text>
core::AddressPattern operator""_pattern() {
  static_assert(core::AddressPattern::is_valid(Text.view()), "a pattern is three segments, each of which may end in *");
  return core::make_checked_pattern(Text.view());
}

}  // namespace airssys::literals

template <>
struct std::hash<airssys::core::Address> {
  std::size_t operator()(const airssys::core::Address& address) const noexcept {
    return std::hash<std::string_view>{}(address.text());
  }
};
