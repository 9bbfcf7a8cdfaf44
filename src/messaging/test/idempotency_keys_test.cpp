#include "airssys/messaging/idempotency_keys.hpp"

#include <gtest/gtest.h>

#include <string>

namespace airssys::messaging {
namespace {

using namespace std::chrono_literals;

class IdempotencyKeysTest : public ::testing::Test {
 protected:
  static IdempotencyKeys::Use use(std::string_view key, const core::Payload& payload, std::string_view sender = "a/b/c") {
    return {.sender = sender, .key = key, .to = "t/t/1", .payload = payload};
  }
  IdempotencyKeys keys;
  core::Payload order = core::raw("order 7");
  core::Payload other = core::raw("order 8");
};

TEST_F(IdempotencyKeysTest, give_the_first_id_to_who_says_the_same_again) {
  EXPECT_EQ(keys.find(use("k", order), 0s), std::nullopt);
  keys.remember(use("k", order), core::MessageId{5}, 0s);
  EXPECT_EQ(keys.find(use("k", order), 1s), core::MessageId{5});
  EXPECT_EQ(keys.find(use("another", order), 1s), std::nullopt);
  EXPECT_EQ(keys.find(use("k", order, "x/y/z"), 1s), std::nullopt) << "two senders do not meet";
}

TEST_F(IdempotencyKeysTest, refuse_a_key_that_was_used_for_another_message) {
  keys.remember(use("k", order), core::MessageId{5}, 0s);
  const auto refused = keys.find(use("k", other), 1s);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text, "the idempotency key \"k\" was used for another message, 5: use a new key for a new message");
}

TEST_F(IdempotencyKeysTest, refuse_an_empty_and_an_endless_key) {
  EXPECT_FALSE(keys.find(use("", order), 0s));
  EXPECT_TRUE(keys.find(use(std::string(255, 'k'), order), 0s));
  EXPECT_FALSE(keys.find(use(std::string(256, 'k'), order), 0s));
}

TEST_F(IdempotencyKeysTest, are_kept_for_a_day) {
  keys.remember(use("k", order), core::MessageId{5}, 0s);
  EXPECT_EQ(keys.find(use("k", order), 24h - 1ns), core::MessageId{5});
  EXPECT_EQ(keys.find(use("k", order), 24h), std::nullopt);
  EXPECT_EQ(keys.size(), 0U);
}

TEST_F(IdempotencyKeysTest, of_one_sender_push_out_no_other_senders) {
  keys.remember(use("mine", order), core::MessageId{5}, 0s);
  for (std::size_t i = 0; i < IdempotencyKeys::kMost + 5; ++i) {
    keys.remember(use(std::to_string(i), order, "flood/f/1"), core::MessageId{i + 6}, 1s);
  }
  EXPECT_EQ(keys.size(), IdempotencyKeys::kMost);
  EXPECT_EQ(keys.find(use("mine", order), 2s), core::MessageId{5});
  EXPECT_EQ(keys.find(use("0", order, "flood/f/1"), 2s), std::nullopt);
}

TEST_F(IdempotencyKeysTest, are_bounded_and_the_oldest_go_first) {
  for (std::size_t i = 0; i < IdempotencyKeys::kMost + 1; ++i) {
    keys.remember(use(std::to_string(i), order), core::MessageId{i + 1}, 0s);
  }
  EXPECT_EQ(keys.size(), IdempotencyKeys::kMost);
  EXPECT_EQ(keys.find(use("0", order), 1s), std::nullopt);
  EXPECT_EQ(keys.find(use("1", order), 1s), core::MessageId{2});
}

}  // namespace
}  // namespace airssys::messaging
