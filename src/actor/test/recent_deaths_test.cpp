#include "airssys/actor/recent_deaths.hpp"

#include <gtest/gtest.h>

namespace airssys::actor {
namespace {

using namespace std::chrono_literals;

TEST(RecentDeaths, are_counted_for_at_least_a_minute_and_then_forgotten) {
  RecentDeaths deaths;
  EXPECT_EQ(deaths.add(7, 59s), 1U);
  EXPECT_EQ(deaths.add(7, 61s), 2U);
  EXPECT_EQ(deaths.add(8, 61s), 1U);
  EXPECT_EQ(deaths.add(7, 179s), 2U) << "that of the 61st second counts";
  EXPECT_EQ(deaths.of(8), 1U);
  EXPECT_EQ(deaths.add(8, 240s), 1U);
  EXPECT_EQ(deaths.of(7), 0U);
}

TEST(RecentDeaths, of_one_that_keeps_dying_never_look_like_a_first_one) {
  RecentDeaths deaths;
  deaths.add(7, 0s);
  for (int second = 1; second < 1000; ++second) ASSERT_GT(deaths.add(7, std::chrono::seconds(second)), 1U);
}

TEST(RecentDeaths, beyond_the_bound_are_not_counted) {
  RecentDeaths deaths(2);
  for (std::uint64_t who = 1; who <= 3; ++who) EXPECT_EQ(deaths.add(who, 1s), 1U);
  EXPECT_EQ(deaths.add(2, 1s), 2U);
  EXPECT_EQ(deaths.add(3, 1s), 1U);
}

TEST(RecentDeaths, survive_a_clock_that_is_set_back) {
  RecentDeaths deaths;
  deaths.add(7, 1000s);
  EXPECT_EQ(deaths.add(7, 10s), 1U);
  EXPECT_EQ(deaths.add(7, 11s), 2U);
}

}  // namespace
}  // namespace airssys::actor
