#include "airssys/messaging/denials.hpp"

#include <gtest/gtest.h>

#include <string>

namespace airssys::messaging {
namespace {

using namespace std::chrono_literals;
using security::Verb;

constexpr core::MonotonicTime kStart = 100s;

TEST(Denials, are_told_once_an_edge_and_second_with_a_count_of_the_rest) {
  Denials denials(kStart);
  EXPECT_EQ(denials.note(Verb::send, "demo/b/1", kStart, 1), "");
  for (int i = 0; i < 41; ++i) EXPECT_EQ(denials.note(Verb::send, "demo/b/1", kStart + 500ms, 2), std::nullopt);
  EXPECT_EQ(denials.note(Verb::request, "demo/b/1", kStart + 500ms, 2), "") << "another verb is another edge";
  EXPECT_EQ(denials.note(Verb::send, "demo/b/1", kStart + 1s, 3), "; 41 more before");
  EXPECT_EQ(denials.note(Verb::send, "demo/b/1", kStart + 3s, 4), "");
  EXPECT_EQ(denials.count(), 45U);
}

TEST(Denials, of_ever_new_targets_are_counted_and_tell_no_more_than_their_share) {
  Denials denials(kStart);
  int told = 0;
  for (int i = 0; i < 100'000; ++i) {
    if (denials.note(Verb::send, "demo/b/" + std::to_string(i), kStart, 1)) ++told;
  }
  EXPECT_EQ(told, 4);
  EXPECT_EQ(denials.count(), 100'000U);
  EXPECT_EQ(denials.last().size(), Denials::kEdgesKept);
  const auto later = denials.note(Verb::send, "demo/c/1", kStart + 1s, 2);
  ASSERT_TRUE(later);
  // Each is in the count of one notice or of one edge that is still kept.
  EXPECT_EQ(*later,
            "; " + std::to_string(100'000 - 4 - (Denials::kEdgesKept - 1)) + " others that it was denied were not told");
}

TEST(Denials, keep_the_last_edges_latest_first_with_their_counts) {
  Denials denials(kStart);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 9; ++i)
      denials.note(Verb::publish, "topic." + std::to_string(i), kStart, static_cast<std::uint64_t>(i));
  }
  denials.note(Verb::publish, "topic.4", kStart, 77);
  const auto last = denials.last();
  ASSERT_EQ(last.size(), Denials::kEdgesKept);
  EXPECT_EQ(last[0].target, "topic.4");
  EXPECT_EQ(last[0].last_ms, 77U);
  EXPECT_EQ(last[1].target, "topic.8");
}

TEST(Denials, are_said_with_the_verb_of_the_grant) {
  EXPECT_EQ(phrase_of(Verb::send, "demo/b/1"), "send to demo/b/1");
  EXPECT_EQ(phrase_of(Verb::request, "demo/b/1"), "request demo/b/1");
  EXPECT_EQ(phrase_of(Verb::publish, "words.new"), "publish on words.new");
  EXPECT_EQ(phrase_of(Verb::subscribe, "words.#"), "subscribe to words.#");
}

}  // namespace
}  // namespace airssys::messaging
