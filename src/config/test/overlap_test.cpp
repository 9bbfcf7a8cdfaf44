#include "airssys/config/overlap.hpp"

#include <gtest/gtest.h>

namespace airssys::config {
namespace {

bool addresses_meet(std::string_view left, std::string_view right) {
  const auto one = core::AddressPattern::parse(left).value();
  const auto other = core::AddressPattern::parse(right).value();
  EXPECT_EQ(overlap(one, other), overlap(other, one)) << left << ' ' << right;
  return overlap(one, other);
}

bool topics_meet(std::string_view left, std::string_view right) {
  const auto one = security::TopicPattern::parse(left).value();
  const auto other = security::TopicPattern::parse(right).value();
  EXPECT_EQ(overlap(one, other), overlap(other, one)) << left << ' ' << right;
  return overlap(one, other);
}

TEST(Overlap, of_address_patterns_is_an_address_that_both_match) {
  EXPECT_TRUE(addresses_meet("a/b/*", "*/b/1"));
  EXPECT_TRUE(addresses_meet("a/be*/*", "a/b*/1"));
  EXPECT_FALSE(addresses_meet("a/b/1", "a/b/2"));
  EXPECT_FALSE(addresses_meet("a/bc*/*", "a/bd*/*"));
}

TEST(Overlap, of_topic_patterns_is_a_topic_that_both_match) {
  EXPECT_TRUE(topics_meet("#", "a.b"));
  EXPECT_TRUE(topics_meet("a.#", "a"));
  EXPECT_TRUE(topics_meet("a.*", "*.b"));
  EXPECT_TRUE(topics_meet("a.#", "a.b.#"));
  EXPECT_FALSE(topics_meet("a", "a.b"));
  EXPECT_FALSE(topics_meet("a.b.#", "a"));
  EXPECT_FALSE(topics_meet("a.*", "b.*"));
  EXPECT_FALSE(topics_meet("a.*", "a.b.c"));
}

}  // namespace
}  // namespace airssys::config
