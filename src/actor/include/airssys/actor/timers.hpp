#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "airssys/actor/behaviour.hpp"
#include "airssys/core/ports/clock_port.hpp"
#include "airssys/core/trace.hpp"

namespace airssys::actor {

/// One actor's armed timers, at most one per tag. Periods stay on the grid of the first due time, so they do not drift;
/// firings that were missed are counted into the next one instead of coming in a burst. A value; its owner runs the actor.
class Timers {
 public:
  struct Timer {
    core::Tag tag{};
    core::MonotonicTime due{};
    core::MonotonicTime period{};  ///< 0: once.
    std::uint64_t due_wall_ms = 0;
    core::TraceContext trace{};  ///< Of the turn that armed it.
  };
  /// One that has come due.
  struct Due {
    Firing firing;
    core::TraceContext trace;
    core::MonotonicTime first_attempt{};  ///< When `handle_timer` first answered `busy`; 0: never.
  };

  std::size_t size() const noexcept { return timers_.size(); }
  bool is_due(core::MonotonicTime now) const noexcept { return first_ <= now; }
  bool contains(core::Tag tag) const noexcept;
  /// Replaces a timer of the same tag.
  void arm(const Timer& timer);
  bool disarm(core::Tag tag) noexcept;
  void clear() noexcept {
    timers_.clear();
    first_ = core::MonotonicTime::max();
  }

  std::optional<core::MonotonicTime> next_due() const noexcept;
  /// The earliest timer that is due, taken out or moved to its next time.
  std::optional<Due> take_due(core::MonotonicTime now);

 private:
  void look_for_first() noexcept { first_ = next_due().value_or(core::MonotonicTime::max()); }

  core::MonotonicTime first_ = core::MonotonicTime::max();  ///< None is due before.
  std::vector<Timer> timers_;  ///< A heap by due time would pay only with many timers; an actor has few.
};

}  // namespace airssys::actor
