#include "targets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

namespace airssys::gateways {
namespace {

using ::testing::Optional;

constexpr std::uint64_t kHashes = 1000;

Targets targets(int count) {
  std::vector<core::Address> all;
  for (int i = 1; i <= count; ++i) all.push_back(core::make_checked_address("demo/split/" + std::to_string(i)));
  return Targets(std::move(all));
}

TEST(Targets, take_turns_and_pass_over_who_is_not_there) {
  Targets all = targets(3);
  EXPECT_THAT(all.in_turn(), Optional(0));
  EXPECT_TRUE(all.note_gone(1, {}));
  EXPECT_FALSE(all.note_gone(1, {})) << "known";
  EXPECT_THAT(all.in_turn(), Optional(2));
  EXPECT_THAT(all.in_turn(), Optional(0));
  EXPECT_THAT(all.in_turn(), Optional(2));
}

TEST(Targets, are_tried_again_after_a_second_and_then_passed_over_for_another) {
  Targets all = targets(1);
  all.note_gone(0, Targets::kLook);
  EXPECT_EQ(all.in_turn(), std::nullopt);
  EXPECT_EQ(all.next_look(), 2 * Targets::kLook);
  all.look(2 * Targets::kLook);
  EXPECT_THAT(all.in_turn(), Optional(0));
  all.note_gone(0, 2 * Targets::kLook);
  EXPECT_EQ(all.in_turn(), std::nullopt);
  EXPECT_TRUE(all.note_here(0));
  EXPECT_FALSE(all.note_here(0)) << "known";
  EXPECT_THAT(all.in_turn(), Optional(0));
  EXPECT_TRUE(all.all_here());
}

TEST(Targets, of_the_least_load_are_those_that_are_there) {
  Targets all = targets(3);
  const auto load = [](const core::Address& address) {
    return static_cast<std::size_t>(std::stoi(std::string(address.instance())));
  };
  EXPECT_THAT(all.with_least(load), Optional(0));
  all.note_gone(0, {});
  EXPECT_THAT(all.with_least(load), Optional(1));
  all.note_gone(1, {});
  all.note_gone(2, {});
  EXPECT_EQ(all.with_least(load), std::nullopt);
}

TEST(Targets, keep_their_hashes_whoever_else_goes_and_get_them_back) {
  Targets all = targets(5);
  std::map<std::uint64_t, std::size_t> at_first;
  for (std::uint64_t hash = 0; hash < kHashes; ++hash) at_first[hash] = *all.by_hash(hash);
  all.note_gone(2, {});
  std::map<std::uint64_t, std::size_t> without_one;
  std::set<std::size_t> substitutes;
  for (const auto& [hash, target] : at_first) {
    const std::size_t now = without_one[hash] = *all.by_hash(hash);
    EXPECT_NE(now, 2U);
    if (target == 2) {
      substitutes.insert(now);
    } else {
      EXPECT_EQ(now, target);
    }
  }
  EXPECT_EQ(substitutes.size(), 4U) << "nobody has to do the work of two";
  all.note_gone(0, {});
  for (const auto& [hash, target] : without_one) {
    EXPECT_TRUE(target == 0 || all.by_hash(hash) == target);
  }
  all.note_here(0);
  all.note_here(2);
  for (const auto& [hash, target] : at_first) EXPECT_EQ(all.by_hash(hash), target);
}

TEST(Targets, are_found_by_hash_if_there_is_but_one) {
  Targets all = targets(500);
  for (std::size_t target = 0; target < all.size(); ++target) {
    if (target != 77) all.note_gone(target, {});
  }
  for (std::uint64_t hash = 0; hash < kHashes; ++hash) EXPECT_THAT(all.by_hash(hash), Optional(77));
  EXPECT_EQ(all.nobody_since(), std::nullopt);
  all.note_gone(77, Targets::kLook / 2);
  EXPECT_EQ(all.by_hash(1), std::nullopt);
  EXPECT_EQ(all.nobody_since(), Targets::kLook / 2);
}

}  // namespace
}  // namespace airssys::gateways
