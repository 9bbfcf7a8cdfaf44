#pragma once

#include <cstdint>

#include "airssys/core/ports/clock_port.hpp"
#include "airssys/core/units.hpp"

namespace airssys::security {

/// Meters one edge: a bucket that starts full with one second's worth of tokens and fills at its rate. So a sender that was
/// idle may send one second's worth at once, and never more than its rate over time. Exact integers: nothing is rounded
/// away. A value without a lock: it belongs to one sender, whose turns never overlap.
class TokenBucket {
 public:
  TokenBucket(core::Rate rate, core::MonotonicTime now) noexcept;

  /// Takes one token; false if there is none. A clock that seems to go back counts as standing still.
  bool take(core::MonotonicTime now) noexcept;
  /// Gives back a token that was taken for nothing: the message was refused further on.
  void give_back() noexcept;
  core::Rate rate() const noexcept { return {per_second_}; }

 private:
  /// Parts of a token: a nanosecond brings `per_second_` of them.
  static constexpr std::uint64_t kPartsPerToken = 1'000'000'000;

  std::uint64_t capacity() const noexcept { return per_second_ * kPartsPerToken; }
  void fill(core::MonotonicTime now) noexcept;

  std::uint32_t per_second_;
  std::uint64_t parts_;
  core::MonotonicTime filled_at_;
};

}  // namespace airssys::security
