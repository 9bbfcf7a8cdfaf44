#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace airssys::core {

/// W3C trace context (www.w3.org/TR/trace-context): which trace a turn or a message belongs to. A span is a turn: of a turn
/// `span` is its own, of a message that of the turn which sent it.
struct TraceContext {
  /// The most turns of one trace that are recorded, so that neither what never ends nor what multiplies fills the record, or
  /// costs more than it is worth.
  static constexpr std::uint64_t kTurns = 255;

  std::uint64_t trace_high = 0;
  std::uint64_t trace_low = 0;
  std::uint64_t span = 0;
  /// How many turns are recorded from here on, this one among them; 0: not sampled. As wide as the others: 25 bytes are copied
  /// in two overlapping pieces, which the processor can't read back at once.
  std::uint64_t recorded = 0;

  /// Of the only thing that comes of it: the same trace, one turn less to record. Where more comes of it, `RecordShares`.
  TraceContext next() const noexcept { return with(recorded == 0 ? 0 : recorded - 1); }
  /// The same, but of what comes of it nothing is recorded.
  TraceContext last() const noexcept { return with(std::min<std::uint64_t>(recorded, 1)); }

  bool is_set() const noexcept { return (trace_high | trace_low) != 0; }
  bool is_recorded() const noexcept { return recorded != 0; }
  bool is_same_trace(const TraceContext& other) const noexcept {
    return trace_high == other.trace_high && trace_low == other.trace_low;
  }
  /// The 55 characters of `traceparent`: `00-<32 hex>-<16 hex>-01`; the last digit 0 if it is not recorded.
  std::array<char, 55> traceparent() const noexcept;

  friend bool operator==(const TraceContext&, const TraceContext&) noexcept = default;

 private:
  TraceContext with(std::uint64_t turns) const noexcept {
    return {.trace_high = trace_high, .trace_low = trace_low, .span = span, .recorded = turns};
  }
};

/// Deals the turns that may still be recorded out to what comes of a turn: the same for each, and one more for the first as
/// long as there are some.
class RecordShares {
 public:
  RecordShares(std::uint64_t turns, std::size_t heirs) noexcept
      : each_(heirs == 0 ? 0 : turns / heirs), more_(heirs == 0 ? 0 : turns % heirs) {}

  std::uint64_t deal() noexcept {
    if (more_ == 0) return each_;
    --more_;
    return each_ + 1;
  }

 private:
  std::uint64_t each_;
  std::uint64_t more_;
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
