#include "airssys/security/token_bucket.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>

namespace airssys::security {
namespace {

using namespace std::chrono_literals;
using core::MonotonicTime;
using core::Rate;

int taken(TokenBucket& bucket, MonotonicTime now) {
  int count = 0;
  while (count < 1'000'000 && bucket.take(now)) ++count;
  return count;
}

TEST(TokenBucket, starts_with_one_seconds_worth) {
  TokenBucket bucket({10}, 5s);
  EXPECT_EQ(taken(bucket, 5s), 10);
}

TEST(TokenBucket, fills_at_its_rate_and_not_beyond_a_second) {
  TokenBucket bucket({10}, 0s);
  taken(bucket, 0s);
  EXPECT_EQ(taken(bucket, 99ms), 0);
  EXPECT_EQ(taken(bucket, 100ms), 1);
  EXPECT_EQ(taken(bucket, 350ms), 2);
  EXPECT_EQ(taken(bucket, 400ms), 1);
  EXPECT_EQ(taken(bucket, 100s), 10);
}

TEST(TokenBucket, loses_nothing_to_rounding) {
  TokenBucket bucket({3}, 0s);
  taken(bucket, 0s);
  int count = 0;
  for (MonotonicTime now = 1us; now <= 10s; now += 1us) count += bucket.take(now) ? 1 : 0;
  EXPECT_EQ(count, 30);
}

TEST(TokenBucket, of_rate_0_never_has_any) {
  TokenBucket bucket({0}, 0s);
  EXPECT_FALSE(bucket.take(0s));
  EXPECT_FALSE(bucket.take(1000h));
}

TEST(TokenBucket, stands_still_when_the_clock_goes_back) {
  TokenBucket bucket({1}, 10s);
  EXPECT_TRUE(bucket.take(10s));
  EXPECT_FALSE(bucket.take(1s));
  EXPECT_FALSE(bucket.take(10999ms));
  EXPECT_TRUE(bucket.take(11s));
}

TEST(TokenBucket, takes_back_what_was_used_for_nothing) {
  TokenBucket bucket({1}, 0s);
  EXPECT_TRUE(bucket.take(0s));
  bucket.give_back();
  bucket.give_back();
  EXPECT_EQ(taken(bucket, 0s), 1);
}

TEST(TokenBucket, bears_the_largest_rate_and_time) {
  TokenBucket bucket({std::numeric_limits<std::uint32_t>::max()}, MonotonicTime(0));
  EXPECT_EQ(taken(bucket, MonotonicTime(0)), 1'000'000);
  EXPECT_TRUE(bucket.take(MonotonicTime::max()));
}

}  // namespace
}  // namespace airssys::security
