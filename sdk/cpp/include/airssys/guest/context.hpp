/// The turn in hand, and what the system file says about this actor. Time stands still within a turn.
#pragma once

#include <airssys/guest/values.hpp>
#include <charconv>
#include <vector>

namespace airssys::guest {

namespace detail {

inline std::string text_from(void (*import)(abi::Text*)) {
  abi::Text result;
  import(&result);
  return HostText(result).copy();
}

inline std::optional<std::string> lift(const abi::OptionalText& text) {
  if (text.present == 0) return std::nullopt;
  return HostText(text.value).copy();
}

}  // namespace detail

/// This actor's address.
inline std::string self() {
  return detail::text_from(&abi::airssys_self_address);
}
/// Kept with the data directory; with a message id a key unique in the world.
inline std::string system_id() {
  return detail::text_from(&abi::airssys_system_id);
}
/// Wall clock at the start of the turn, milliseconds since 1970.
inline std::uint64_t now_ms() {
  return abi::airssys_now_ms();
}
inline std::uint64_t random_u64() {
  return abi::airssys_random_u64();
}
/// 1 on first delivery.
inline std::uint32_t attempt() {
  return abi::airssys_attempt();
}
inline std::uint64_t sent_at_ms() {
  return abi::airssys_sent_at_ms();
}
/// When the requester stops waiting.
inline std::optional<std::uint64_t> deadline_ms() {
  abi::OptionalNumber result;
  abi::airssys_deadline_ms(&result);
  return result.present != 0 ? std::optional(result.value) : std::nullopt;
}
/// W3C traceparent.
inline std::string trace_parent() {
  return detail::text_from(&abi::airssys_trace_parent);
}

/// A value of the actor's `config` in the system file.
inline std::optional<std::string> config(std::string_view key) {
  const detail::ContractText name(key);
  abi::OptionalText result;
  abi::airssys_config_get(name.data(), name.size(), &result);
  return detail::lift(result);
}

/// The whole of `text` as a number.
template <std::integral T>
std::optional<T> number(std::string_view text) noexcept {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The value, or `fallback` if there is none; for numbers also if it is none.
inline std::string config_or(std::string_view key, std::string_view fallback) {
  return config(key).value_or(std::string(fallback));
}
template <std::integral T>
T config_or(std::string_view key, T fallback) {
  const auto text = config(key);
  return text ? number<T>(*text).value_or(fallback) : fallback;
}

/// Never shown in listings, logs, recordings or crash reports.
inline std::optional<std::string> secret(std::string_view name) {
  const detail::ContractText text(name);
  abi::OptionalText result;
  abi::airssys_secret_get(text.data(), text.size(), &result);
  return detail::lift(result);
}

struct AddressPage {
  std::vector<std::string> addresses;
  std::optional<std::string> next;
};
/// Addresses that a grant with `find` covers and that match.
AddressPage find_actors(std::string_view pattern, std::optional<std::string_view> after = {}, std::uint32_t limit = 1000);

}  // namespace airssys::guest
