#include "airssys/actor/supervisor.hpp"

#include <gtest/gtest.h>

namespace airssys::actor {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr RestartPolicy kPolicy{
    .max_restarts = 3, .window = seconds(10), .backoff = milliseconds(100), .backoff_max = milliseconds(250)};

TEST(RestartHistory, doubles_the_pause_up_to_its_most) {
  RestartHistory history(kPolicy);
  EXPECT_EQ(history.next(seconds(1), 0)->at - core::MonotonicTime(seconds(1)), milliseconds(100));
  EXPECT_EQ(history.next(seconds(1), 0)->at - core::MonotonicTime(seconds(1)), milliseconds(200));
  EXPECT_EQ(history.next(seconds(1), 0)->at - core::MonotonicTime(seconds(1)), milliseconds(250));
}

TEST(RestartHistory, gives_up_beyond_its_intensity) {
  RestartHistory history(kPolicy);
  for (std::uint32_t i = 1; i <= 3; ++i) EXPECT_EQ(history.next(seconds(1), 0)->count_in_window, i);
  EXPECT_FALSE(history.next(seconds(1), 0));
}

TEST(RestartHistory, forgets_what_is_older_than_the_window) {
  RestartHistory history(kPolicy);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(history.next(seconds(1), 0));
  const auto later = history.next(seconds(11), 0);
  ASSERT_TRUE(later);
  EXPECT_EQ(later->count_in_window, 1U);
}

TEST(RestartHistory, spreads_the_pause_by_less_than_a_quarter) {
  for (std::uint64_t chance = 0; chance < 256; ++chance) {
    RestartHistory history(kPolicy);
    const auto pause = history.next(seconds(1), chance)->at - core::MonotonicTime(seconds(1));
    EXPECT_GE(pause, milliseconds(100));
    EXPECT_LT(pause, milliseconds(125));
  }
}

TEST(RestartHistory, with_no_restarts_allowed_gives_up_at_once) {
  RestartHistory history({.max_restarts = 0, .window = seconds(1), .backoff = {}, .backoff_max = {}});
  EXPECT_FALSE(history.next(seconds(1), 0));
}

}  // namespace
}  // namespace airssys::actor
