#include "airssys/messaging/distribution.hpp"

#include <gtest/gtest.h>

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

class AudienceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(
        grants.add({.from = core::make_checked_pattern("*/*/*"), .to = pattern("#"), .allow = {security::Verb::subscribe}}));
  }
  void declare(std::string_view topic, std::optional<std::string> group, std::vector<actor::ActorRef> present) {
    topics.declare({.topic = pattern(topic), .actors = core::make_checked_pattern("test/s/*"), .group = std::move(group)},
                   [&] { return present; });
  }
  /// "a b | c d ": everyone, then each group; read in steps of `step`.
  std::string audience(std::string_view topic, std::size_t step = 1) {
    AudienceReading reading(topics.read(topic), grants.version());
    bool done = false;
    while (!done) {
      std::size_t most = step;
      done = reading.read_on(topics, publisher, edges, most);
    }
    const Audience audience = reading.take();
    std::string text;
    const auto add = [&](const std::vector<actor::EdgePtr>& some) {
      for (const actor::EdgePtr& edge : some) text += std::string(edge->target().address().instance()) + " ";
    };
    add(audience.everyone);
    for (const Audience::Group& group : audience.groups) {
      text += "| ";
      add(group.members);
    }
    return text;
  }

  testing::Cells cells;
  security::GrantTable grants;
  Topics topics{grants};
  EdgeCache edges;
  actor::ActorRef publisher = cells.make("test/publisher/1");
  actor::ActorRef a = cells.make("test/s/a");
  actor::ActorRef b = cells.make("test/s/b");
  actor::ActorRef c = cells.make("test/s/c");
};

TEST_F(AudienceTest, has_each_once_whatever_patterns_match) {
  topics.subscribe(a, pattern("words.#"));
  topics.subscribe(a, pattern("words.en"));
  topics.subscribe(b, pattern("words.*"));
  declare("words.en", std::nullopt, {a, c});
  for (const std::size_t step : {std::size_t{1}, std::size_t{2}, Distribution::kNoBound}) {
    EXPECT_EQ(audience("words.en", step), "a c b ");
  }
}

TEST_F(AudienceTest, has_a_group_once_and_not_at_all_if_a_member_hears_anyway) {
  declare("words.#", "readers", {a, b, c});
  declare("words.en", "readers", {b, c});
  declare("words.*", "others", {c});
  EXPECT_EQ(audience("words.en"), "| a b c | c ");
  topics.subscribe(b, pattern("words.en"));
  EXPECT_EQ(audience("words.en"), "b | c ");
  EXPECT_EQ(audience("words.de"), "| a b c | c ");
}

TEST_F(AudienceTest, of_many_topics_keeps_no_more_edges_than_the_bound_but_those_of_one) {
  const actor::EdgePtr edge = actor::Edge::make(publisher, a);
  const auto audience_of = [&](std::size_t size) {
    Audience audience;
    for (std::size_t i = 0; i < size; ++i) audience.everyone.push_back(actor::EdgePtr::share(*edge));
    return audience;
  };
  Outlets outlets;
  for (const std::string_view topic : {"a", "b", "c"}) {
    outlets.set_audience(outlets.insert(topic), audience_of(Outlets::kMostEdges / 3));
  }
  EXPECT_EQ(outlets.find("a")->audience.edges(), Outlets::kMostEdges / 3);
  outlets.set_audience(*outlets.find("a"), audience_of(Outlets::kMostEdges + 1));
  EXPECT_EQ(outlets.edges(), Outlets::kMostEdges + 1) << "one topic's are kept whatever they are";
  EXPECT_EQ(outlets.find("b")->audience.edges(), 0U);
  outlets.set_audience(*outlets.find("b"), audience_of(1));
  EXPECT_EQ(outlets.edges(), 1U);
  EXPECT_EQ(outlets.find("a")->audience.edges(), 0U);
}

}  // namespace
}  // namespace airssys::messaging
