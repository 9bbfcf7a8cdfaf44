#include "airssys/actor/turn_clock.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>

#include "airssys/core/ports/clock_port.hpp"

namespace airssys::actor {
namespace {

using std::chrono::milliseconds;

/// Counts how often it is read.
class CountingClock final : public core::ClockPort {
 public:
  core::MonotonicTime monotonic() const noexcept override {
    ++looks;
    return milliseconds(time_ms);
  }
  std::uint64_t wall_ms() const noexcept override { return 1000 + time_ms; }
  core::MonotonicTime thread_cpu() const noexcept override { return {}; }

  std::uint64_t time_ms = 0;
  mutable int looks = 0;
};

TEST(TurnClock, looks_for_each_turn_where_nobody_ticks) {
  CountingClock world;
  TurnClock clock(world, nullptr);
  for (world.time_ms = 1; world.time_ms <= 3; ++world.time_ms) {
    clock.see();
    EXPECT_EQ(clock.monotonic(), core::MonotonicTime(milliseconds(world.time_ms)));
    EXPECT_EQ(clock.wall_ms(), 1000 + world.time_ms);
  }
  EXPECT_EQ(clock.now().slack.count(), 0) << "it is never late";
}

TEST(TurnClock, looks_once_a_tick) {
  CountingClock world;
  std::atomic<std::uint64_t> ticks{0};
  TurnClock clock(world, &ticks);
  clock.see();
  EXPECT_EQ(world.looks, 1) << "the first turn of all";
  world.time_ms = 5;
  for (int turn = 0; turn < 10; ++turn) clock.see();
  EXPECT_EQ(world.looks, 1);
  EXPECT_EQ(clock.monotonic().count(), 0) << "what it says may be a little old";
  EXPECT_EQ(clock.now().slack, TurnClock::kSlack);
  ++ticks;
  clock.see();
  EXPECT_EQ(world.looks, 2);
  EXPECT_EQ(clock.monotonic(), core::MonotonicTime(milliseconds(5)));
}

TEST(TurnClock, looks_after_many_turns_even_if_nobody_ticks) {
  CountingClock world;
  const std::atomic<std::uint64_t> stands_still{0};
  TurnClock clock(world, &stands_still);
  clock.see();
  for (int turn = 1; turn < TurnClock::kTurnsPerReading; ++turn) clock.see();
  EXPECT_EQ(world.looks, 1);
  clock.see();
  EXPECT_EQ(world.looks, 2);
}

TEST(TurnClock, looks_at_the_next_turn_after_a_pause_and_at_once_when_told) {
  CountingClock world;
  const std::atomic<std::uint64_t> stands_still{0};
  TurnClock clock(world, &stands_still);
  clock.see();
  clock.forget();
  clock.see();
  EXPECT_EQ(world.looks, 2);
  clock.look();
  EXPECT_EQ(world.looks, 3);
}

}  // namespace
}  // namespace airssys::actor
