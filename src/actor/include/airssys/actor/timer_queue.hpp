#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "airssys/actor/actor_cell.hpp"
#include "airssys/core/ports/clock_port.hpp"

namespace airssys::actor {

/// Wakes actors at a time. An actor keeps its own timers, deadlines and pauses and has one alarm at most, for the earliest: so
/// this holds no more than there are actors, whatever they arm and withdraw. A heap, in which each actor knows its place
/// (`ActorCell::alarm_place_`). Any thread, but where said.
class TimerQueue {
 public:
  TimerQueue() = default;
  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;
  ~TimerQueue() { clear(); }

  /// Signals `actor` at `when`, and no more at the time that it was armed for before. Only by whoever runs the actor.
  void arm(ActorCell& actor, core::MonotonicTime when);
  /// Withdraws its alarm. One that rings at this moment may still come. Without an alarm it costs a look. Only by whoever runs
  /// the actor.
  void disarm(ActorCell& actor);
  /// Signals every actor whose alarm is at or before `now`; in order of time, then of arming.
  std::size_t fire(core::MonotonicTime now);
  std::optional<core::MonotonicTime> next() const;
  std::size_t size() const;
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

  // With `mutex_` held.
  void put(std::size_t place, Alarm alarm) noexcept;
  /// Moves the alarm, which belongs at `place` or nearer to the first, or at `place` or further from it, to where it belongs.
  void settle(std::size_t place, Alarm alarm) noexcept;
  /// Takes the alarm at `place` out.
  Alarm take(std::size_t place) noexcept;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Alarm> heap_;
  std::uint64_t armed_ = 0;
  bool interrupted_ = false;
};

}  // namespace airssys::actor
