#include "airssys/messaging/topics.hpp"

#include <gtest/gtest.h>

#include "testing/cells.hpp"

namespace airssys::messaging {
namespace {

using namespace airssys::literals;

security::TopicPattern pattern(std::string_view text) {
  return *security::TopicPattern::parse(text);
}

/// "a,b | c,d": everyone, then the groups.
std::string names(const Audience& audience) {
  std::string text;
  for (const auto& actor : audience.everyone) text += std::string(actor->address().instance()) + " ";
  for (const auto& group : audience.groups) {
    text += "| ";
    for (const auto& actor : group.members) text += std::string(actor->address().instance()) + " ";
  }
  return text;
}

class TopicsTest : public ::testing::Test {
 protected:
  void SetUp() override { allow("*/*/*"); }
  void allow(std::string_view from) {
    grant = *grants.add({.from = core::make_checked_pattern(from), .to = pattern("#"), .allow = {security::Verb::subscribe}});
  }

  testing::Cells cells;
  security::GrantTable grants;
  security::GrantId grant{};
  Topics topics{grants};
  actor::ActorRef a = cells.make("test/s/a");
  actor::ActorRef b = cells.make("test/s/b");
  actor::ActorRef c = cells.make("test/s/c");
};

TEST_F(TopicsTest, find_who_subscribed_to_a_matching_pattern_in_the_order_of_subscribing) {
  topics.subscribe(b, pattern("words.*"));
  topics.subscribe(a, pattern("words.#"));
  topics.subscribe(c, pattern("other.#"));
  EXPECT_EQ(names(topics.audience("words.en")), "b a ");
  EXPECT_EQ(names(topics.audience("words")), "a ");
  EXPECT_EQ(names(topics.audience("words.en.uk")), "a ");
  EXPECT_EQ(names(topics.audience("nothing")), "");
}

TEST_F(TopicsTest, give_an_event_once_to_who_subscribed_twice) {
  topics.subscribe(a, pattern("words.#"));
  topics.subscribe(a, pattern("words.en"));
  topics.subscribe(a, pattern("words.en"));
  EXPECT_EQ(topics.size(), 2U);
  EXPECT_EQ(names(topics.audience("words.en")), "a ");
}

TEST_F(TopicsTest, forget_who_unsubscribed_and_who_is_gone) {
  topics.subscribe(a, pattern("words.#"));
  topics.subscribe(a, pattern("words.en"));
  topics.subscribe(b, pattern("words.#"));
  topics.unsubscribe(*a, "words.#");
  EXPECT_EQ(names(topics.audience("words.en")), "a b ");
  EXPECT_EQ(names(topics.audience("words.de")), "b ");
  topics.remove(*a);
  topics.remove(*a);
  EXPECT_EQ(names(topics.audience("words.en")), "b ");
  topics.remove(*b);
  EXPECT_EQ(topics.size(), 0U);
}

TEST_F(TopicsTest, move_their_version_on_with_each_change_and_only_then) {
  const std::uint64_t before = topics.version();
  topics.subscribe(a, pattern("words"));
  const std::uint64_t subscribed = topics.version();
  EXPECT_NE(subscribed, before);
  topics.subscribe(a, pattern("words"));
  topics.unsubscribe(*b, "words");
  EXPECT_EQ(topics.version(), subscribed);
  topics.unsubscribe(*a, "words");
  EXPECT_NE(topics.version(), subscribed);
}

TEST_F(TopicsTest, declared_count_for_those_who_are_there_and_those_who_come) {
  topics.declare({.topic = pattern("words.#"), .actors = "test/s/*"_pattern}, {a});
  EXPECT_EQ(names(topics.audience("words.en")), "a ");
  topics.admit(*b);
  topics.admit(*cells.make("other/s/x"));
  EXPECT_EQ(names(topics.audience("words.en")), "a b ");
  topics.unsubscribe(*a, "words.#");
  EXPECT_EQ(names(topics.audience("words.en")), "a b ") << "it is the owner's, not the actor's";
}

TEST_F(TopicsTest, of_a_group_one_member_is_for_each_event) {
  topics.declare({.topic = pattern("words.#"), .actors = "test/s/*"_pattern, .group = "readers"}, {a, b, c});
  EXPECT_EQ(names(topics.audience("words.en")), "| a b c ");
  topics.subscribe(b, pattern("words.en"));
  EXPECT_EQ(names(topics.audience("words.en")), "b ") << "one of the group has it anyway";
  EXPECT_EQ(names(topics.audience("words.de")), "| a b c ");
}

TEST_F(TopicsTest, ask_the_grants_again_about_what_an_actor_subscribed_to_itself) {
  topics.subscribe(a, pattern("words.#"));
  topics.declare({.topic = pattern("words.#"), .actors = "test/s/b"_pattern}, {b});
  ASSERT_TRUE(grants.revoke(grant));
  EXPECT_EQ(names(topics.audience("words.en")), "b ");
  allow("test/s/a");
  EXPECT_EQ(names(topics.audience("words.en")), "a b ");
}

}  // namespace
}  // namespace airssys::messaging
