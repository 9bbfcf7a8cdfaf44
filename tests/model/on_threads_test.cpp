// The same random systems on two to four workers: whatever races, the same promises hold, nobody is stuck, and when nothing is
// left to happen no permit, no reply slot and no byte is taken. Environment: as in by_hand_test.cpp.

#include <gtest/gtest.h>

#include "property.hpp"

namespace airssys::model {
namespace {

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int kScale = 3;
#else
constexpr int kScale = 1;
#endif

std::unique_ptr<World> on_threads(const Case& played) {
  return std::make_unique<ThreadWorld>(played.seed, 2 + static_cast<unsigned>(played.seed % 3));
}

TEST(SystemsOnThreads, of_native_actors_keep_every_promise) {
  EXPECT_TRUE(hold({.name = "systems of native actors on threads keep every promise",
                    .cases = 300 / kScale,
                    .seed = 1,
                    .draw = {.actions = 60, .longest_ms = 40, .smallest_mailbox = 20, .fewest_deferred = 1000},
                    .by_hand = false},
                   on_threads));
}

TEST(SystemsOnThreads, of_both_keep_every_promise) {
  EXPECT_TRUE(
      hold({.name = "systems of guests and native actors on threads keep every promise",
            .cases = 150 / kScale,
            .seed = 2,
            .draw = {.guests_in_ten = 5, .actions = 60, .longest_ms = 40, .smallest_mailbox = 20, .fewest_deferred = 1000},
            .by_hand = false},
           on_threads));
}

}  // namespace
}  // namespace airssys::model
