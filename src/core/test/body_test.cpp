#include "airssys/core/body.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace airssys::core {
namespace {

TEST(Body, copies_the_bytes_it_is_made_of) {
  std::string text = "hello";
  const Body body = Body::copy_of(text);
  text = "HELLO";
  EXPECT_EQ(body.text(), "hello");
  EXPECT_EQ(body.size(), 5U);
}

TEST(Body, keeps_any_bytes) {
  const std::array bytes{std::byte{0}, std::byte{0xff}, std::byte{0}};
  const Body body = Body::copy_of(bytes);
  ASSERT_EQ(body.size(), 3U);
  EXPECT_EQ(body.bytes()[1], std::byte{0xff});
  EXPECT_EQ(body.text(), std::string_view("\0\xff\0", 3));
}

TEST(Body, may_be_empty) {
  const Body none;
  const Body of_nothing = Body::copy_of("");
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none, of_nothing);
  EXPECT_TRUE(none.bytes().empty());
  EXPECT_EQ(none.text(), "");
}

TEST(Body, shares_its_bytes_with_copies) {
  const Body first = Body::copy_of("shared");
  const Body second = first;  // NOLINT(performance-unnecessary-copy-initialization): the copy is what is tested
  EXPECT_EQ(first.bytes().data(), second.bytes().data());
}

TEST(Body, outlives_the_one_it_was_copied_from) {
  Body survivor;
  {
    const Body first = Body::copy_of("survives");
    survivor = first;
  }
  EXPECT_EQ(survivor.text(), "survives");
}

TEST(Body, leaves_nothing_behind_when_moved_from) {
  Body first = Body::copy_of("moved");
  const Body second = std::move(first);
  EXPECT_EQ(second.text(), "moved");
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): documented by the test
}

TEST(Body, may_be_assigned_to_itself) {
  Body body = Body::copy_of("itself");
  const Body& alias = body;
  body = alias;
  EXPECT_EQ(body.text(), "itself");
}

TEST(Body, compares_contents) {
  EXPECT_EQ(Body::copy_of("same"), Body::copy_of("same"));
  EXPECT_NE(Body::copy_of("same"), Body::copy_of("other"));
}

// Copies and releases meet in all orders; the last owner is sometimes one thread, sometimes another. The address and thread
// sanitizers see a count that goes wrong.
TEST(Body, is_shared_across_threads) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 2000;
  const std::string text(1000, 'x');
  for (int round = 0; round < 20; ++round) {
    Body body = Body::copy_of(text);
    std::vector<std::jthread> threads;
    threads.reserve(kThreads);
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([mine = body, &text] {
        std::vector<Body> copies;
        for (int j = 0; j < kRounds; ++j) {
          copies.push_back(mine);
          if (j % 7 == 0) copies.clear();
        }
        EXPECT_EQ(mine.text(), text);
      });
    }
    body = Body();
  }
}

}  // namespace
}  // namespace airssys::core
