#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "airssys/core/ports/clock_port.hpp"

namespace airssys::actor {

/// How often each actor died within the last minute or two. Describing a death costs time and room that all share; with this,
/// those who die over and over compete with each other, and one that dies for once is described whatever they do.
///
/// Bounded: of actors beyond the bound each death looks like a first one. They are forgotten minute by minute. Not for two
/// threads at once.
class RecentDeaths {
 public:
  static constexpr std::size_t kMost = 131'072;
  static constexpr std::chrono::seconds kPeriod{60};

  explicit RecentDeaths(std::size_t most = kMost) : most_(most) {}

  /// One more. Returns which it is: 1 is the first in at least a minute. `who`: its number, or a hash of its address. `now`
  /// counts from any point.
  std::uint32_t add(std::uint64_t who, core::MonotonicTime now);
  /// How many there were, as of the last call of `add`.
  std::uint32_t of(std::uint64_t who) const;

 private:
  using Counts = std::unordered_map<std::uint64_t, std::uint32_t>;
  void see(core::MonotonicTime now);

  std::size_t most_;
  std::int64_t period_ = 0;
  Counts now_;
  Counts before_;
};

}  // namespace airssys::actor
