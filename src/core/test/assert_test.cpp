#include "airssys/core/assert.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>

namespace airssys::core {
namespace {

TEST(AssertionDeath, says_what_failed_and_where_and_aborts) {
  const int one = 1;
  EXPECT_EXIT(AIRSSYS_ASSERT(one == 2), testing::KilledBySignal(SIGABRT), "assertion failed: one == 2 .*assert_test.cpp:");
}

TEST(AssertionDeath, calls_the_handler_that_was_set_and_aborts_if_it_returns) {
  const auto fail_with_handler = [] {
    set_assertion_handler([](const char* expression, const std::source_location&) noexcept {
      std::fprintf(stderr, "handler saw: %s", expression);
    });
    AIRSSYS_ASSERT(2 > 3);
  };
  EXPECT_EXIT(fail_with_handler(), testing::KilledBySignal(SIGABRT), "handler saw: 2 > 3");
}

TEST(Assertion, evaluates_its_expression_once) {
  int calls = 0;
  AIRSSYS_ASSERT(++calls > 0);
  EXPECT_EQ(calls, 1);
}

TEST(Assertion, gives_the_handler_before_back) {
  const AssertionHandler mine = [](const char*, const std::source_location&) noexcept {};
  const AssertionHandler before = set_assertion_handler(mine);
  EXPECT_EQ(set_assertion_handler(before), mine);
}

}  // namespace
}  // namespace airssys::core
