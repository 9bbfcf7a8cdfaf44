#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace airssys::core {

/// W3C trace context (www.w3.org/TR/trace-context): which trace a turn or a message belongs to. A span is a turn: of a turn
/// `span` is its own, of a message that of the turn which sent it.
struct TraceContext {
  /// Turns that follow each other in a trace which is recorded; those beyond are not, so that what never ends does not fill
  /// the record by itself.
  static constexpr std::uint8_t kGenerations = 64;

  std::uint64_t trace_high = 0;
  std::uint64_t trace_low = 0;
  std::uint64_t span = 0;
  std::uint8_t recorded = 0;  ///< How many generations of turns are recorded from here on; 0: not sampled.

  /// Of what comes of it: the same trace, one generation on.
  TraceContext next() const noexcept {
    return {.trace_high = trace_high,
            .trace_low = trace_low,
            .span = span,
            .recorded = static_cast<std::uint8_t>(recorded == 0 ? 0 : recorded - 1)};
  }

  bool is_set() const noexcept { return (trace_high | trace_low) != 0; }
  bool is_recorded() const noexcept { return recorded != 0; }
  bool is_same_trace(const TraceContext& other) const noexcept {
    return trace_high == other.trace_high && trace_low == other.trace_low;
  }
  /// The 55 characters of `traceparent`: `00-<32 hex>-<16 hex>-01`; the last digit 0 if it is not recorded.
  std::array<char, 55> traceparent() const noexcept;

  friend bool operator==(const TraceContext&, const TraceContext&) noexcept = default;
};

inline std::array<char, 55> TraceContext::traceparent() const noexcept {
  std::array<char, 55> text{};
  constexpr const char* kHex = "0123456789abcdef";
  std::size_t at = 0;
  const auto put = [&](char c) { text[at++] = c; };
  const auto put_hex = [&](std::uint64_t value) {
    for (int shift = 60; shift >= 0; shift -= 4) put(kHex[(value >> shift) & 0xF]);
  };
  put('0'), put('0'), put('-');
  put_hex(trace_high), put_hex(trace_low);
  put('-');
  put_hex(span);
  put('-'), put('0'), put(is_recorded() ? '1' : '0');
  return text;
}

}  // namespace airssys::core
