#include "subprocess.hpp"

#include <gtest/gtest.h>

namespace airssys::toolchain {
namespace {

TEST(Subprocess, gives_output_and_exit_code) {
  const auto finished = run("/bin/sh", {"-c", "echo out; echo err >&2; exit 3"});
  ASSERT_TRUE(finished) << finished.error();
  EXPECT_EQ(finished->output, "out\nerr\n");
  EXPECT_EQ(finished->exit_code, 3);
}

TEST(Subprocess, passes_arguments_as_they_are) {
  const auto finished = run("/bin/echo", {"$HOME", "a b", "*", ""});
  ASSERT_TRUE(finished) << finished.error();
  EXPECT_EQ(finished->output, "$HOME a b * \n");
}

TEST(Subprocess, has_no_input_and_tells_of_a_signal) {
  const auto finished = run("/bin/sh", {"-c", "cat; kill -9 $$"});
  ASSERT_TRUE(finished) << finished.error();
  EXPECT_EQ(finished->exit_code, 128 + 9);
}

TEST(Subprocess, cuts_endless_output_and_does_not_block) {
  const auto finished = run("/bin/sh", {"-c", "head -c 2000000 /dev/zero"});
  ASSERT_TRUE(finished) << finished.error();
  EXPECT_LT(finished->output.size(), 300'000U);
  EXPECT_TRUE(finished->output.ends_with("[more output was cut]\n"));
}

TEST(Subprocess, says_that_a_program_is_not_there) {
  const auto finished = run("/nowhere/program", {});
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().code(), core::ErrorCode::io);
  EXPECT_TRUE(finished.error().message().contains("cannot start /nowhere/program")) << finished.error();
}

}  // namespace
}  // namespace airssys::toolchain
