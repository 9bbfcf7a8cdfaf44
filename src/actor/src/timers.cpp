#include "airssys/actor/timers.hpp"

#include <algorithm>

namespace airssys::actor {

bool Timers::contains(core::Tag tag) const noexcept {
  return std::ranges::any_of(timers_, [tag](const Timer& timer) { return timer.tag == tag; });
}

void Timers::arm(const Timer& timer) {
  disarm(timer.tag);
  timers_.push_back(timer);
  first_ = std::min(first_, timer.due);
}

bool Timers::disarm(core::Tag tag) noexcept {
  if (std::erase_if(timers_, [tag](const Timer& timer) { return timer.tag == tag; }) == 0) return false;
  look_for_first();
  return true;
}

std::optional<core::MonotonicTime> Timers::next_due() const noexcept {
  const auto first = std::ranges::min_element(timers_, {}, &Timer::due);
  if (first == timers_.end()) return std::nullopt;
  return first->due;
}

std::optional<Timers::Due> Timers::take_due(core::MonotonicTime now) {
  const auto first = std::ranges::min_element(timers_, {}, &Timer::due);
  if (first == timers_.end() || first->due > now) return std::nullopt;
  Due due{.firing = {.tag = first->tag, .due_ms = first->due_wall_ms, .missed = 0}, .trace = first->trace};
  if (first->period.count() == 0) {
    timers_.erase(first);
    look_for_first();
    return due;
  }
  const auto missed = (now - first->due) / first->period;
  const auto period_ms = std::chrono::duration_cast<std::chrono::milliseconds>(first->period).count();
  due.firing.missed = static_cast<std::uint64_t>(missed);
  due.firing.due_ms += static_cast<std::uint64_t>(missed * period_ms);
  first->due += first->period * (missed + 1);
  first->due_wall_ms += static_cast<std::uint64_t>((missed + 1) * period_ms);
  // A timer that never ends is not recorded for ever: each firing takes a quarter of what is left.
  due.trace.recorded = (first->trace.recorded + 3) / 4;
  first->trace.recorded -= due.trace.recorded;
  look_for_first();
  return due;
}

}  // namespace airssys::actor
