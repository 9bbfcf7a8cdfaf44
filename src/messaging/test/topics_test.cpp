#include "airssys/messaging/topics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "testing/cells.hpp"

namespace airssys::messaging {
namespace {

using namespace airssys::literals;

security::TopicPattern pattern(std::string_view text) {
  return *security::TopicPattern::parse(text);
}

/// "a b | c d ": members of no group, then those of one, in the order in which they are read, a few at a time.
std::string names(const Topics& topics, Topics::Reading reading, std::size_t at_a_time = 2) {
  std::vector<Topics::Subscriber> found;
  while (topics.read_on(reading, at_a_time, found)) {
  }
  std::string singles;
  std::string members;
  for (const Topics::Subscriber& one : found) {
    (one.group == nullptr ? singles : members) += std::string(one.actor->address().instance()) + " ";
  }
  return singles + (members.empty() ? "" : "| " + members);
}
std::string names(const Topics& topics, std::string_view topic) {
  return names(topics, topics.read(topic));
}

class TopicsTest : public ::testing::Test {
 protected:
  void SetUp() override { allow("*/*/*"); }
  void allow(std::string_view from) {
    grant = *grants.add({.from = core::make_checked_pattern(from), .to = pattern("#"), .allow = {security::Verb::subscribe}});
  }

  void declare(DeclaredSubscription subscription, std::vector<actor::ActorRef> present) {
    topics.declare(std::move(subscription), [&] { return present; });
  }

  testing::Cells cells;
  security::GrantTable grants;
  security::GrantId grant{};
  Topics topics{grants};
  actor::ActorRef a = cells.make("test/s/a");
  actor::ActorRef b = cells.make("test/s/b");
  actor::ActorRef c = cells.make("test/s/c");
};

TEST_F(TopicsTest, find_who_subscribed_to_a_matching_pattern) {
  topics.subscribe(b, pattern("words.*"));
  topics.subscribe(a, pattern("words.*"));
  topics.subscribe(c, pattern("other.#"));
  EXPECT_EQ(names(topics, "words.en"), "b a ");
  EXPECT_EQ(names(topics, "words"), "");
  EXPECT_EQ(names(topics, "other"), "c ");
  EXPECT_EQ(names(topics, "other.en.uk"), "c ");
  EXPECT_EQ(names(topics, "nothing"), "");
}

TEST_F(TopicsTest, match_as_the_patterns_themselves_do) {
  const std::vector<std::string> patterns{"#",     "*",     "a",     "a.#",   "a.*",   "*.b",  "a.b",
                                          "a.b.#", "*.*.#", "a.*.c", "*.b.*", "b.b.b", "*.*.*"};
  for (const std::string& text : patterns) topics.subscribe(cells.make("test/s/a"), pattern(text));
  for (const std::string_view topic : {"a", "b", "a.b", "a.c", "b.b", "a.b.c", "b.b.b", "a.c.c", "c.c.c.c", "a.b.c.d"}) {
    const auto matching =
        std::ranges::count_if(patterns, [&](const std::string& text) { return pattern(text).matches(topic); });
    EXPECT_EQ(topics.copies(topic), static_cast<std::size_t>(matching)) << topic;
    EXPECT_EQ(names(topics, topic).size(), static_cast<std::size_t>(matching) * 2) << topic;
  }
}

TEST_F(TopicsTest, count_a_subscription_once) {
  topics.subscribe(a, pattern("words.#"));
  topics.subscribe(a, pattern("words.en"));
  topics.subscribe(a, pattern("words.en"));
  EXPECT_EQ(topics.size(), 2U);
}

TEST_F(TopicsTest, forget_who_unsubscribed_and_who_is_gone) {
  topics.subscribe(a, pattern("words.#"));
  topics.subscribe(a, pattern("words.en"));
  topics.subscribe(b, pattern("words.#"));
  topics.unsubscribe(*a, "words.#");
  EXPECT_EQ(names(topics, "words.en"), "b a ");
  EXPECT_EQ(names(topics, "words.de"), "b ");
  topics.remove(*a);
  topics.remove(*a);
  EXPECT_EQ(names(topics, "words.en"), "b ");
  topics.remove(*b);
  EXPECT_EQ(topics.size(), 0U);
  EXPECT_EQ(topics.kept(), 0U);
}

TEST_F(TopicsTest, keep_nothing_of_ever_new_patterns_that_are_withdrawn) {
  topics.subscribe(b, pattern("words.#"));
  const std::size_t before = topics.kept();
  for (int i = 0; i < 1000; ++i) {
    const std::string text = "words.p" + std::to_string(i) + ".*";
    topics.subscribe(a, pattern(text));
    topics.unsubscribe(*a, text);
    ASSERT_EQ(topics.kept(), before);
  }
  EXPECT_EQ(topics.size(), 1U);
  for (int i = 0; i < 1000; ++i) {
    topics.subscribe(a, pattern("words.#"));
    topics.unsubscribe(*a, "words.#");
  }
  EXPECT_LE(topics.kept(), before + 1) << "a member that left keeps its place for a while, not more than one in two does";
}

TEST_F(TopicsTest, have_the_same_state_for_a_topic_while_others_come_and_go) {
  topics.subscribe(a, pattern("words.en"));
  const Topics::PatternState before = topics.read("words.en").state();
  for (const std::string_view other : {"words.de", "words.en.uk", "words", "x.#"}) topics.subscribe(b, pattern(other));
  EXPECT_EQ(topics.read("words.en").state(), before);
  topics.subscribe(b, pattern("words.*"));
  EXPECT_NE(topics.read("words.en").state(), before);
  topics.unsubscribe(*b, "words.*");
  EXPECT_EQ(topics.read("words.en").state(), before);
  topics.unsubscribe(*a, "words.en");
  topics.subscribe(a, pattern("words.en"));
  EXPECT_NE(topics.read("words.en").state(), before) << "another subscription than the first";
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
  declare({.topic = pattern("words.#"), .actors = "test/s/*"_pattern}, {a});
  EXPECT_EQ(names(topics, "words.en"), "a ");
  topics.admit(*b);
  topics.admit(*cells.make("other/s/x"));
  EXPECT_EQ(names(topics, "words.en"), "a b ");
  topics.unsubscribe(*a, "words.#");
  EXPECT_EQ(names(topics, "words.en"), "a b ") << "it is the owner's, not the actor's";
}

TEST_F(TopicsTest, declared_miss_nobody_who_comes_at_that_moment) {
  // Just when it is asked who is there, b comes: it is in no list yet, and knows of what is declared.
  topics.declare({.topic = pattern("words.#"), .actors = "test/s/*"_pattern}, [this] {
    topics.admit(*b);
    return std::vector{a};
  });
  EXPECT_EQ(names(topics, "words.en"), "b a ");
}

TEST_F(TopicsTest, of_a_group_are_read_with_it) {
  declare({.topic = pattern("words.#"), .actors = "test/s/*"_pattern, .group = "readers"}, {a, b, c});
  EXPECT_EQ(names(topics, "words.en"), "| a b c ");
  EXPECT_EQ(topics.copies("words.en"), 1U);
  topics.subscribe(b, pattern("words.en"));
  EXPECT_EQ(names(topics, "words.en"), "b | a b c ");
  EXPECT_EQ(topics.copies("words.en"), 2U);
}

TEST_F(TopicsTest, ask_the_grants_again_about_what_an_actor_subscribed_to_itself) {
  topics.subscribe(a, pattern("words.#"));
  declare({.topic = pattern("words.#"), .actors = "test/s/b"_pattern}, {b});
  ASSERT_TRUE(grants.revoke(grant));
  EXPECT_EQ(names(topics, "words.en"), "b ");
  allow("test/s/a");
  EXPECT_EQ(names(topics, "words.en"), "a b ");
}

TEST_F(TopicsTest, of_a_moment_that_is_held_are_those_of_then_and_afterwards_nothing_is_kept) {
  topics.subscribe(a, pattern("words.#"));
  topics.subscribe(b, pattern("words.en"));
  const std::uint64_t held = topics.hold();
  topics.unsubscribe(*b, "words.en");
  topics.subscribe(c, pattern("words.en"));
  topics.unsubscribe(*c, "words.en");
  topics.subscribe(c, pattern("words.#"));
  EXPECT_EQ(names(topics, "words.en"), "a c ");
  EXPECT_EQ(names(topics, topics.read("words.en", held)), "a b ");
  EXPECT_EQ(names(topics, topics.read("words.en", held, b.get())), "a ") << "who publishes sees its own changes";
  EXPECT_EQ(names(topics, topics.read("words.en", held, c.get())), "a c b ");
  const std::size_t before = topics.kept();
  topics.let_go(held);
  EXPECT_EQ(topics.kept(), before - 1);
  EXPECT_EQ(names(topics, topics.read("words.en", held)), "a ");
}

TEST_F(TopicsTest, are_read_to_the_end_whoever_leaves_meanwhile) {
  std::vector<actor::ActorRef> many;
  for (int i = 0; i < 100; ++i) topics.subscribe(many.emplace_back(cells.make("test/s/m" + std::to_string(i))), pattern("t"));
  Topics::Reading reading = topics.read("t");
  std::vector<Topics::Subscriber> found;
  ASSERT_TRUE(topics.read_on(reading, 50, found));
  for (int i = 0; i < 90; ++i) topics.unsubscribe(*many[static_cast<std::size_t>(i)], "t");
  while (topics.read_on(reading, 50, found)) {
  }
  EXPECT_EQ(found.size(), 60U) << "fifty before, and ten that were still there";
}

}  // namespace
}  // namespace airssys::messaging
