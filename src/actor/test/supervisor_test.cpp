#include "airssys/actor/supervisor.hpp"

#include <gtest/gtest.h>

namespace airssys::actor {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr core::RestartPolicy kPolicy{
    .max_restarts = 3, .window = seconds(10), .backoff = milliseconds(100), .backoff_max = milliseconds(250)};

/// The deaths of one actor. Each instance starts well; in a good life some turns stand beside its start.
class Deaths {
 public:
  explicit Deaths(core::RestartPolicy policy) : history_(policy) {}
  auto at_once(core::MonotonicTime now, std::uint64_t chance = 0) { return history_.next(now, chance, ++turns_); }
  auto after_a_good_life(core::MonotonicTime now, std::uint64_t chance = 0) {
    turns_ += 10;
    return history_.next(now, chance, turns_);
  }
  auto while_starting(core::MonotonicTime now) { return history_.next(now, 0, turns_); }
  const RestartHistory& history() const { return history_; }

 private:
  RestartHistory history_;
  std::uint64_t turns_ = 0;
};

TEST(RestartHistory, doubles_the_pause_up_to_its_most) {
  Deaths deaths(kPolicy);
  EXPECT_EQ(deaths.at_once(seconds(1))->at - core::MonotonicTime(seconds(1)), milliseconds(100));
  EXPECT_EQ(deaths.at_once(seconds(1))->at - core::MonotonicTime(seconds(1)), milliseconds(200));
  EXPECT_EQ(deaths.at_once(seconds(1))->at - core::MonotonicTime(seconds(1)), milliseconds(250));
}

TEST(RestartHistory, gives_up_beyond_its_intensity) {
  Deaths deaths(kPolicy);
  for (std::uint32_t i = 1; i <= 3; ++i) EXPECT_EQ(deaths.after_a_good_life(seconds(1))->count, i);
  EXPECT_FALSE(deaths.after_a_good_life(seconds(1)));
  EXPECT_TRUE(deaths.history().within_window(seconds(1)));
}

TEST(RestartHistory, forgets_what_is_older_than_the_window) {
  Deaths deaths(kPolicy);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(deaths.at_once(seconds(1)));
  const auto later = deaths.after_a_good_life(seconds(11));
  ASSERT_TRUE(later);
  EXPECT_EQ(later->count, 1U);
}

TEST(RestartHistory, counts_deaths_without_a_success_in_between_beyond_the_window) {
  // Three pauses take longer than the window: within it nobody ever dies four times.
  constexpr core::RestartPolicy kSlow{
      .max_restarts = 3, .window = seconds(1), .backoff = milliseconds(400), .backoff_max = milliseconds(400)};
  Deaths deaths(kSlow);
  core::MonotonicTime now = seconds(1);
  for (std::uint32_t i = 1; i <= 3; ++i) {
    const auto restart = i == 2 ? deaths.while_starting(now) : deaths.at_once(now);
    ASSERT_TRUE(restart) << i;
    EXPECT_EQ(restart->count, i);
    now = restart->at;
  }
  EXPECT_FALSE(deaths.at_once(now + core::MonotonicTime(seconds(60))));
  EXPECT_FALSE(deaths.history().within_window(now));
}

TEST(RestartHistory, forgives_after_one_turn_that_stood) {
  Deaths deaths(kPolicy);
  core::MonotonicTime now = seconds(1);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(i % 3 == 2 ? deaths.after_a_good_life(now) : deaths.at_once(now)) << i;
    now += core::MonotonicTime(seconds(20));
  }
}

TEST(RestartHistory, spreads_the_pause_by_less_than_a_quarter) {
  for (std::uint64_t chance = 0; chance < 256; ++chance) {
    const auto pause = Deaths(kPolicy).at_once(seconds(1), chance)->at - core::MonotonicTime(seconds(1));
    EXPECT_GE(pause, milliseconds(100));
    EXPECT_LT(pause, milliseconds(125));
  }
}

TEST(RestartHistory, with_no_restarts_allowed_gives_up_at_once) {
  Deaths deaths({.max_restarts = 0, .window = seconds(1), .backoff = {}, .backoff_max = {}});
  EXPECT_FALSE(deaths.at_once(seconds(1)));
}

TEST(RestartHistory, takes_any_time_that_an_embedder_asks_for) {
  Deaths deaths(
      {.max_restarts = 2, .window = milliseconds::max(), .backoff = milliseconds::max(), .backoff_max = milliseconds::max()});
  EXPECT_GT(deaths.at_once(seconds(1), 255)->at, core::MonotonicTime(std::chrono::hours(24)));
}

}  // namespace
}  // namespace airssys::actor
