#include "airssys/core/actor_counts.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace airssys::core {
namespace {

TEST(ActorCounters, are_each_described_once_and_each_of_them_is_a_number_of_its_own) {
  std::set<std::string_view> names;
  ActorCounts counts;
  std::uint64_t number = 0;
  for (const ActorCounter& counter : kActorCounters) {
    EXPECT_TRUE(names.insert(counter.name).second) << counter.name;
    EXPECT_FALSE(counter.unit.empty()) << counter.name;
    EXPECT_FALSE(counter.what.empty()) << counter.name;
    counts.*counter.value = ++number;
  }
  number = 0;
  for (const ActorCounter& counter : kActorCounters) EXPECT_EQ(counts.*counter.value, ++number) << counter.name;
}

TEST(ActorCounters, have_names_that_are_keys_anywhere) {
  const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  for (const ActorCounter& counter : kActorCounters) EXPECT_TRUE(std::ranges::all_of(counter.name, is_plain)) << counter.name;
}

}  // namespace
}  // namespace airssys::core
