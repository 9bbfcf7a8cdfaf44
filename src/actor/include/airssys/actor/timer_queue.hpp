#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "airssys/actor/actor_cell.hpp"
#include "airssys/core/ports/clock_port.hpp"

namespace airssys::actor {

/// Wakes actors at a time. An actor keeps its own timers, deadlines and pauses and needs one alarm, for the earliest; so a
/// request with a deadline costs a comparison here in the steady state. Any thread.
class TimerQueue {
 public:
  /// Signals `actor` at `when`, or at an earlier alarm of it that is set already. Only by whoever runs the actor.
  void arm(ActorCell& actor, core::MonotonicTime when);
  /// Signals every actor whose alarm is at or before `now`; in order of time, then of arming.
  std::size_t fire(core::MonotonicTime now);
  std::optional<core::MonotonicTime> next() const;
  void clear();

  /// Blocks until `arm` brings an earlier alarm than `until`, `interrupt` is called, or `timeout` is over.
  void wait(core::MonotonicTime until, std::chrono::nanoseconds timeout);
  void interrupt();

 private:
  struct Alarm {
    core::MonotonicTime when;
    std::uint64_t order;
    ActorRef actor;
  };
  static bool later(const Alarm& left, const Alarm& right) noexcept;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Alarm> heap_;
  std::uint64_t armed_ = 0;
  bool interrupted_ = false;
};

}  // namespace airssys::actor
