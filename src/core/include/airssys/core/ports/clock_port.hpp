#pragma once

#include <chrono>
#include <cstdint>

namespace airssys::core {

/// Nanoseconds since some beginning; never goes back.
using MonotonicTime = std::chrono::duration<std::int64_t, std::nano>;

/// The two clocks. Any thread; cheap enough to read once per turn.
class ClockPort {
 public:
  virtual ~ClockPort() = default;

  virtual MonotonicTime monotonic() const noexcept = 0;
  /// Milliseconds since 1970-01-01T00:00:00Z.
  virtual std::uint64_t wall_ms() const noexcept = 0;
  /// CPU time of the calling thread. Dearer than the others: not for every turn.
  virtual MonotonicTime thread_cpu() const noexcept = 0;
};

/// Chance, of which guests get numbers, too: who knows some of them must not know others, so that each is fit for a key. In
/// simulation alone they follow from a seed. Any thread; no lock that threads share.
class RandomPort {
 public:
  virtual ~RandomPort() = default;

  virtual std::uint64_t next_u64() noexcept = 0;
};

}  // namespace airssys::core
