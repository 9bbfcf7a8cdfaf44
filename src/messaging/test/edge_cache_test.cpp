#include "airssys/messaging/edge_cache.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "testing/cells.hpp"

namespace airssys::messaging {
namespace {

using security::Verb;

class EdgeCacheTest : public ::testing::Test {
 protected:
  actor::ActorRef target(std::size_t number) { return cells.make("test/target/" + std::to_string(number)); }
  Channel& meet(const actor::ActorRef& target) {
    Channel& channel = edges.channel(sender, target, Verb::send);
    channel.grants_version = 1;
    return channel;
  }
  bool knows(const actor::ActorRef& target) {
    const Channel* const channel = edges.find(target->address().text(), Verb::send, 1);
    return channel != nullptr && &channel->edge->target() == target.get();
  }

  testing::Cells cells;
  actor::ActorRef sender = cells.make("test/sender/1");
  EdgeCache edges;
};

TEST_F(EdgeCacheTest, finds_each_of_few_and_of_many) {
  std::vector<actor::ActorRef> met;
  for (std::size_t i = 0; i < 300; ++i) {
    met.push_back(target(i));
    EXPECT_FALSE(knows(met.back()));
    meet(met.back());
    if (i % 50 != 3) continue;
    for (const actor::ActorRef& one : met) EXPECT_TRUE(knows(one)) << one->address();
  }
  EXPECT_EQ(edges.find("test/target/300", Verb::send, 1), nullptr);
  EXPECT_EQ(edges.find("test/target/7", Verb::send, 2), nullptr) << "decided under other grants";
  EXPECT_EQ(edges.find("test/target/7", Verb::request, 1), nullptr) << "never decided";
}

TEST_F(EdgeCacheTest, forgets_the_actor_that_had_the_address_before) {
  const actor::ActorRef first = target(1);
  const actor::ActorRef other = target(2);
  const actor::ActorRef second = target(1);
  meet(first);
  meet(other);
  meet(second);
  EXPECT_FALSE(knows(first));
  EXPECT_TRUE(knows(second));
  EXPECT_TRUE(knows(other));
}

TEST_F(EdgeCacheTest, forgets_idle_edges_when_it_has_met_too_many_but_none_in_use) {
  const actor::ActorRef busy = target(0);
  actor::Edge& used = *meet(busy).edge;
  ASSERT_TRUE(used.try_acquire(1));
  for (std::size_t i = 1; i < EdgeCache::kMost * 4; ++i) {
    const actor::ActorRef one = target(i);
    meet(one);
    ASSERT_TRUE(knows(one));
    ASSERT_LE(edges.size(), EdgeCache::kMost + 64);
  }
  EXPECT_TRUE(knows(busy));
  used.release(1, 1);
}

TEST_F(EdgeCacheTest, meets_one_more_at_the_same_price_however_many_are_in_use) {
  constexpr std::size_t kMany = 40'000;
  std::vector<actor::EdgePtr> in_use;
  for (std::size_t i = 0; i < kMany; ++i) in_use.push_back(edges.edge(sender, target(i)));
  EXPECT_EQ(edges.size(), kMany);
  in_use.clear();
  for (std::size_t i = 0; i < kMany * 2; ++i) meet(target(kMany + i));
  EXPECT_LT(edges.size(), EdgeCache::kMost + kMany / 8) << "what is no longer in use goes, a few for each that comes";
}

TEST_F(EdgeCacheTest, an_edge_in_use_outlives_the_cache) {
  const actor::ActorRef busy = target(0);
  actor::Edge& used = *meet(busy).edge;
  ASSERT_TRUE(used.try_acquire(1));
  edges.clear();
  EXPECT_FALSE(knows(busy));
  meet(busy);
  EXPECT_TRUE(knows(busy)) << "met again";
  used.release(1, 1);
  EXPECT_EQ(busy->mailbox().messages(), 0U);
}

}  // namespace
}  // namespace airssys::messaging
