#include "airssys/core/shares.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace airssys::core {
namespace {

TEST(Shares, let_the_oldest_of_whoever_holds_most_go_first) {
  Shares shares;
  shares.add(1, "a", "x", 1);
  for (Shares::ItemNumber item = 2; item < 6; ++item) shares.add(item, "flood", "flood", 1);
  shares.add(6, "b", "y", 1);
  EXPECT_EQ(shares.first_to_go(), 2U);
  EXPECT_EQ(shares.holds_most(), "flood");
  shares.remove(2);
  EXPECT_EQ(shares.first_to_go(), 3U);
}

TEST(Shares, of_equals_let_the_one_go_that_was_there_first) {
  Shares shares;
  shares.add(1, "a", "x", 3);
  shares.add(2, "b", "y", 3);
  shares.add(3, "c", "z", 2);
  EXPECT_EQ(shares.first_to_go(), 1U);
}

TEST(Shares, of_one_who_refuses_everybody_let_those_for_him_go) {
  Shares shares;
  for (Shares::ItemNumber item = 1; item <= 50; ++item) shares.add(item, "sender" + std::to_string(item % 10), "refuser", 1);
  shares.add(51, "sender1", "friend", 1);
  for (int i = 0; i < 40; ++i) {
    const Shares::ItemNumber gone = shares.first_to_go();
    EXPECT_LE(gone, 50U);
    shares.remove(gone);
  }
}

TEST(Shares, of_one_who_floods_many_let_his_go) {
  Shares shares;
  for (Shares::ItemNumber item = 1; item <= 50; ++item) shares.add(item, "flood", "target" + std::to_string(item % 10), 1);
  for (Shares::ItemNumber item = 51; item <= 60; ++item) shares.add(item, "honest", "target" + std::to_string(item % 10), 1);
  for (int i = 0; i < 40; ++i) {
    const Shares::ItemNumber gone = shares.first_to_go();
    EXPECT_LE(gone, 50U);
    shares.remove(gone);
  }
}

TEST(Shares, weigh_items) {
  Shares shares;
  for (Shares::ItemNumber item = 1; item < 5; ++item) shares.add(item, "small", "x", 1);
  shares.add(5, "large", "y", 10);
  EXPECT_EQ(shares.first_to_go(), 5U);
}

TEST(Shares, keep_nothing_of_what_is_gone_whatever_the_order) {
  Shares shares;
  std::mt19937 random(7);
  std::vector<Shares::ItemNumber> there;
  for (Shares::ItemNumber item = 1; item <= 2000; ++item) {
    const auto name = [&] { return "n" + std::to_string(random() % 7); };
    shares.add(item, name(), name(), 1 + random() % 100);
    there.push_back(item);
    if (item % 3 == 0) {
      const Shares::ItemNumber gone = item % 2 == 0 ? shares.first_to_go() : there[random() % there.size()];
      shares.remove(gone);
      std::erase(there, gone);
    }
  }
  while (!there.empty()) {
    const Shares::ItemNumber gone = shares.first_to_go();
    shares.remove(gone);
    ASSERT_EQ(std::erase(there, gone), 1U);
  }
  EXPECT_EQ(shares.holders(), 0U);
}

}  // namespace
}  // namespace airssys::core
