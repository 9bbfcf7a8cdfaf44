#include "airssys/os/descriptor.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>

namespace airssys::os {
namespace {

/// In a process of its own, as it changes what is inherited.
int exit_code_of(const std::function<int()>& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(StandardDescriptors, that_are_closed_are_taken_so_that_no_file_gets_their_numbers) {
  for (int closed = 1; closed < 8; ++closed) {
    EXPECT_EQ(exit_code_of([closed] {
                for (int number = 0; number < 3; ++number) {
                  if ((closed & (1 << number)) != 0) close(number);
                }
                if (!secure_standard_descriptors()) return 1;
                return dup(0) > 2 ? 0 : 2;
              }),
              0)
        << closed;
  }
}

TEST(StandardDescriptors, that_were_closed_have_nothing_to_read_and_cannot_be_written) {
  EXPECT_EQ(exit_code_of([] {
              for (int number = 0; number < 3; ++number) close(number);
              if (!secure_standard_descriptors()) return 1;
              char byte = 0;
              if (read(0, &byte, 1) != 0) return 2;
              if (write(1, "x", 1) != -1 || errno != EBADF) return 3;
              return write(2, "x", 1) == -1 && errno == EBADF ? 0 : 4;
            }),
            0);
}

TEST(StandardDescriptors, that_are_open_stay_as_they_are) {
  EXPECT_EQ(exit_code_of([] {
              int ends[2];
              if (pipe(ends) != 0 || dup2(ends[1], 1) != 1) return 1;
              if (!secure_standard_descriptors() || write(1, "x", 1) != 1) return 2;
              char byte = 0;
              return read(ends[0], &byte, 1) == 1 && byte == 'x' ? 0 : 3;
            }),
            0);
}

}  // namespace
}  // namespace airssys::os
