#include "airssys/actor/timers.hpp"

#include <gtest/gtest.h>

namespace airssys::actor {
namespace {

using std::chrono::milliseconds;

Timers::Timer timer(std::uint64_t tag, int due_ms, int period_ms = 0) {
  return {.tag = core::Tag{tag},
          .due = milliseconds(due_ms),
          .period = milliseconds(period_ms),
          .due_wall_ms = static_cast<std::uint64_t>(due_ms)};
}

TEST(Timers, fire_once_in_order_of_their_time) {
  Timers timers;
  timers.arm(timer(1, 20));
  timers.arm(timer(2, 10));
  EXPECT_EQ(timers.next_due(), core::MonotonicTime(milliseconds(10)));
  EXPECT_FALSE(timers.take_due(milliseconds(9)));
  EXPECT_EQ(timers.take_due(milliseconds(30))->firing.tag, core::Tag{2});
  EXPECT_EQ(timers.take_due(milliseconds(30))->firing.tag, core::Tag{1});
  EXPECT_FALSE(timers.take_due(milliseconds(30)));
  EXPECT_FALSE(timers.next_due());
}

TEST(Timers, one_per_tag_and_the_last_one_counts) {
  Timers timers;
  timers.arm(timer(1, 10));
  timers.arm(timer(1, 50));
  EXPECT_EQ(timers.size(), 1U);
  EXPECT_FALSE(timers.take_due(milliseconds(40)));
  EXPECT_TRUE(timers.take_due(milliseconds(50)));
}

TEST(Timers, stay_on_their_grid_and_count_what_they_missed) {
  Timers timers;
  timers.arm(timer(1, 100, 10));
  const auto late = timers.take_due(milliseconds(137));
  ASSERT_TRUE(late);
  EXPECT_EQ(late->firing.missed, 3U);
  EXPECT_EQ(late->firing.due_ms, 130U);
  EXPECT_EQ(timers.next_due(), core::MonotonicTime(milliseconds(140)));
  EXPECT_EQ(timers.take_due(milliseconds(140))->firing.missed, 0U);
}

TEST(Timers, are_gone_once_disarmed) {
  Timers timers;
  timers.arm(timer(1, 10));
  EXPECT_TRUE(timers.disarm(core::Tag{1}));
  EXPECT_FALSE(timers.disarm(core::Tag{1}));
  EXPECT_FALSE(timers.take_due(milliseconds(99)));
}

TEST(Timers, count_those_that_fire_once) {
  Timers timers;
  timers.arm(timer(1, 10));
  timers.arm(timer(2, 10, 10));
  EXPECT_EQ(timers.fire_once(), 1U);
  timers.arm(timer(2, 20));
  EXPECT_EQ(timers.fire_once(), 2U) << "armed anew, as one that fires once";
  timers.arm(timer(1, 10, 10));
  EXPECT_EQ(timers.fire_once(), 1U);
  EXPECT_TRUE(timers.take_due(milliseconds(10)));
  EXPECT_EQ(timers.fire_once(), 1U);
  EXPECT_TRUE(timers.disarm(core::Tag{2}));
  EXPECT_EQ(timers.fire_once(), 0U);
  EXPECT_EQ(timers.size(), 1U);
  timers.clear();
  EXPECT_EQ(timers.size(), 0U);
  EXPECT_FALSE(timers.is_due(core::MonotonicTime::max() - milliseconds(1)));
}

TEST(Timers, that_are_due_at_one_moment_fire_in_the_order_of_their_tags) {
  Timers timers;
  for (const std::uint64_t tag : {3U, 1U, 2U}) timers.arm(timer(tag, 10));
  for (const std::uint64_t tag : {1U, 2U, 3U}) EXPECT_EQ(timers.take_due(milliseconds(10))->firing.tag, core::Tag{tag});
}

}  // namespace
}  // namespace airssys::actor
