#include "airssys/core/restart_policy.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace airssys::core {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(RestartPolicy, never_pauses_for_less_however_often_it_has_doubled) {
  // 9 s doubled thirty times are more nanoseconds than there are numbers.
  constexpr RestartPolicy kLong{
      .max_restarts = 1000, .window = std::chrono::hours(24), .backoff = seconds(9), .backoff_max = std::chrono::hours(24)};
  MonotonicTime before{};
  for (std::size_t count = 1; count <= 1000; ++count) {
    const MonotonicTime pause = kLong.pause_before(count);
    ASSERT_GE(pause, before) << count;
    before = pause;
  }
  EXPECT_EQ(before, MonotonicTime(std::chrono::hours(24)));
}

TEST(RestartPolicy, takes_any_time_that_an_embedder_asks_for) {
  constexpr RestartPolicy kEndless{
      .max_restarts = 2, .window = milliseconds::max(), .backoff = milliseconds::max(), .backoff_max = milliseconds::max()};
  EXPECT_EQ(kEndless.pause_before(1), MonotonicTime(std::chrono::hours(24)));
  constexpr RestartPolicy kBackwards{
      .max_restarts = 2, .window = milliseconds(-1), .backoff = milliseconds(-5), .backoff_max = milliseconds(-7)};
  EXPECT_EQ(kBackwards.pause_before(2), MonotonicTime(0));
}

TEST(RestartPolicy, knows_when_its_pauses_outlast_its_window) {
  EXPECT_FALSE(RestartPolicy{}.outlasts_its_window());
  EXPECT_TRUE((RestartPolicy{.max_restarts = 3, .window = seconds(1), .backoff = milliseconds(400)}.outlasts_its_window()));
  EXPECT_FALSE((RestartPolicy{.max_restarts = 3, .window = seconds(1), .backoff = milliseconds(100)}.outlasts_its_window()));
  EXPECT_FALSE((RestartPolicy{.max_restarts = 0, .window = seconds(1), .backoff = seconds(2)}.outlasts_its_window()));
  constexpr auto kEver = std::numeric_limits<std::uint32_t>::max();
  EXPECT_FALSE((RestartPolicy{.max_restarts = kEver, .window = seconds(1), .backoff = milliseconds(0)}.outlasts_its_window()));
  constexpr milliseconds kOne{1};
  EXPECT_TRUE(
      (RestartPolicy{.max_restarts = 1000, .window = seconds(1), .backoff = kOne, .backoff_max = kOne}.outlasts_its_window()));
  EXPECT_FALSE(
      (RestartPolicy{.max_restarts = 999, .window = seconds(1), .backoff = kOne, .backoff_max = kOne}.outlasts_its_window()));
}

}  // namespace
}  // namespace airssys::core
