// Random systems on one thread, by hand, against what is promised (docs/PROMISES.md), ten thousand of them.
//
//   RC_PARAMS="seed=7 max_success=100000"   other cases, more of them
//   AIRSSYS_MODEL_CASE=<hexadecimal>        replays one, as a failure prints it
//   AIRSSYS_MODEL_JOURNAL=1                 prints what happened in each case that fails

#include <gtest/gtest.h>

#include "property.hpp"

namespace airssys::model {
namespace {

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int kScale = 20;
#else
constexpr int kScale = 1;
#endif

std::unique_ptr<World> by_hand(const Case& played) {
  return std::make_unique<HandWorld>(played.seed);
}

/// Parts of the same property, so that they run beside each other.
class SystemsOfNatives : public ::testing::TestWithParam<int> {};
TEST_P(SystemsOfNatives, keep_every_promise) {
  EXPECT_TRUE(hold({.name = "systems of native actors keep every promise",
                    .cases = 2500 / kScale,
                    .seed = static_cast<std::uint64_t>(GetParam())},
                   by_hand));
}
INSTANTIATE_TEST_SUITE_P(Model, SystemsOfNatives, ::testing::Range(1, 5));

TEST(SystemsOfBoth, keep_every_promise) {
  EXPECT_TRUE(hold({.name = "systems of guests and native actors keep every promise",
                    .cases = 1000 / kScale,
                    .seed = 1,
                    .draw = {.guests_in_ten = 5}},
                   by_hand));
}

}  // namespace
}  // namespace airssys::model
