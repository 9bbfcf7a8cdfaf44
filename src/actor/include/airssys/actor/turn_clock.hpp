#pragma once

#include <atomic>
#include <cstdint>

#include "airssys/core/ports/clock_port.hpp"

namespace airssys::actor {

/// The beginning of a turn, as far as anybody has looked.
struct Moment {
  core::MonotonicTime monotonic{};
  std::uint64_t wall_ms = 0;    ///< Milliseconds since 1970.
  core::MonotonicTime slack{};  ///< How much later it may be.
};

/// What time it is, for one worker's turns. Reading two clocks takes as long as a third of a native actor's turn, so it is done
/// once for many of them: when a ticker that somebody moves on about every millisecond has moved, or after `kTurnsPerReading`
/// turns. One thread.
class TurnClock {
 public:
  static constexpr int kTurnsPerReading = 64;
  /// What may have passed since the last look: a tick, and the time in which the ticker was late.
  static constexpr core::MonotonicTime kSlack{2'000'000};

  /// Both borrowed. `ticks`, null: the clocks are read for each turn.
  TurnClock(const core::ClockPort& clock, const std::atomic<std::uint64_t>* ticks) noexcept : clock_(clock), ticks_(ticks) {
    if (ticks_ != nullptr) now_.slack = kSlack;
  }

  const Moment& now() const noexcept { return now_; }
  core::MonotonicTime monotonic() const noexcept { return now_.monotonic; }
  std::uint64_t wall_ms() const noexcept { return now_.wall_ms; }

  /// A turn begins: looks if it is time to.
  void see() noexcept {
    if (ticks_ == nullptr) return look();
    const std::uint64_t tick = ticks_->load(std::memory_order_relaxed);
    if (tick == tick_seen_ && ++turns_unseen_ < kTurnsPerReading) return;
    tick_seen_ = tick;
    look();
  }
  /// Looks in any case: for what depends on the moment itself.
  void look() noexcept;
  /// Time may have passed while nobody moved the ticker on: the next `see` looks.
  void forget() noexcept { turns_unseen_ = kTurnsPerReading; }

 private:
  const core::ClockPort& clock_;
  const std::atomic<std::uint64_t>* ticks_;
  Moment now_;
  std::uint64_t tick_seen_ = 0;
  int turns_unseen_ = kTurnsPerReading;
};

}  // namespace airssys::actor
