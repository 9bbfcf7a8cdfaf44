#include "subprocess.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string>
#include <utility>

namespace airssys::toolchain {
namespace {

TEST(Subprocess, gives_output_and_exit_code) {
  const auto finished = run("/bin/sh", {"-c", "echo out; echo err >&2; exit 3"}, {});
  ASSERT_TRUE(finished) << finished.error();
  EXPECT_EQ(finished->output, "out\nerr\n");
  EXPECT_EQ(finished->exit_code, 3);
}

TEST(Subprocess, passes_arguments_as_they_are) {
  const auto finished = run("/bin/echo", {"$HOME", "a b", "*", ""}, {});
  ASSERT_TRUE(finished) << finished.error();
  EXPECT_EQ(finished->output, "$HOME a b * \n");
}

TEST(Subprocess, has_no_input_and_tells_of_a_signal) {
  const auto finished = run("/bin/sh", {"-c", "cat; kill -9 $$"}, {});
  ASSERT_TRUE(finished) << finished.error();
  EXPECT_EQ(finished->exit_code, 128 + 9);
}

TEST(Subprocess, cuts_endless_output_and_does_not_block) {
  const auto finished = run("/bin/sh", {"-c", "head -c 2000000 /dev/zero"}, {});
  ASSERT_TRUE(finished) << finished.error();
  EXPECT_LT(finished->output.size(), 300'000U);
  EXPECT_TRUE(finished->output.ends_with("[more output was cut]\n"));
}

TEST(Subprocess, says_that_a_program_is_not_there) {
  const auto finished = run("/nowhere/program", {}, {});
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().code(), core::ErrorCode::io);
  EXPECT_TRUE(finished.error().message().contains("cannot start /nowhere/program")) << finished.error();
}

/// Whether anybody still holds the writing end.
bool is_held(int reader) {
  pollfd waiting{.fd = reader, .events = POLLIN, .revents = 0};
  return ::poll(&waiting, 1, 0) == 0;
}

/// A pipe whose writing end goes to all who are started.
struct Witness {
  Witness() {
    if (::pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
    ::fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  }
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;
  ~Witness() {
    ::close(ends[0]);
    if (ends[1] >= 0) ::close(ends[1]);
  }
  /// Blocks until nobody holds the other end.
  void wait_until_alone() {
    ::close(std::exchange(ends[1], -1));
    char byte = 0;
    while (::read(ends[0], &byte, 1) > 0) {
    }
  }
  std::array<int, 2> ends{};
};

TEST(Subprocess, is_stopped_when_it_takes_too_long_with_all_that_it_started) {
  Witness witness;
  const auto finished = run("/bin/sh", {"-c", "sleep 1000 & sleep 1000"}, {.time = std::chrono::milliseconds(100)});
  ASSERT_TRUE(finished) << finished.error();
  EXPECT_EQ(finished->exit_code, 128 + 9);
  EXPECT_EQ(finished->stopped, "it took more than 100ms and was stopped; allow more with `--time`");
  witness.wait_until_alone();
}

TEST(Subprocess, leaves_nobody_behind_when_it_ends_well) {
  Witness witness;
  const auto finished = run("/bin/sh", {"-c", "sleep 1000 & echo done"}, {});
  ASSERT_TRUE(finished) << finished.error();
  EXPECT_EQ(finished->output, "done\n");
  EXPECT_EQ(finished->exit_code, 0);
  witness.wait_until_alone();
}

TEST(Subprocess, ends_with_whoever_started_it) {
  Witness witness;
  const pid_t command = ::fork();
  if (command == 0) {
    static_cast<void>(
        run("/bin/sh", {"-c", "echo begun >&" + std::to_string(witness.ends[1]) + "; sleep 1000 & sleep 1000"}, {}));
    ::_exit(0);
  }
  std::array<char, 6> begun{};
  ASSERT_EQ(::read(witness.ends[0], begun.data(), begun.size()), 6);
  EXPECT_TRUE(is_held(witness.ends[0]));
  ::kill(command, SIGKILL);
  ::waitpid(command, nullptr, 0);
  witness.wait_until_alone();
}

TEST(Subprocess, has_a_limit_on_memory) {
  const auto finished = run("/bin/sh", {"-c", "ulimit -d; ulimit -f; ulimit -c"}, {.memory = core::Bytes{64} << 20});
  ASSERT_TRUE(finished) << finished.error();
  EXPECT_TRUE(finished->output.starts_with("65536\n")) << finished->output;
  const auto greedy = run("/bin/sh", {"-c", "echo LLVM ERROR: out of memory; exit 1"}, {.memory = core::Bytes{64} << 20});
  ASSERT_TRUE(greedy) << greedy.error();
  EXPECT_EQ(greedy->stopped, "it took more than 64MiB of memory and gave up; allow more with `--memory`");
}

}  // namespace
}  // namespace airssys::toolchain
