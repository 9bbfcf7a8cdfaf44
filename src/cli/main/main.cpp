#include <csignal>
#include <string>
#include <vector>

#include "airssys/cli/command_line.hpp"
#include "airssys/os/descriptor.hpp"

namespace {

/// Whatever our parent had in mind for itself.
void settle_signals() {
  // With SIGTERM blocked nothing but SIGKILL would end a run, and with SIGCHLD ignored no child would say how it ended.
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
  std::signal(SIGCHLD, SIG_DFL);
  // A reader that has gone is the error of a write, not the end of the process; so is a file that reaches the limit on its
  // size.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

}  // namespace

int main(int count, char** arguments) {
  // Before anything is opened, which would get the number of a standard descriptor that is closed.
  if (!airssys::os::secure_standard_descriptors()) return static_cast<int>(airssys::cli::ExitCode::general);
  settle_signals();
  if (const auto code = airssys::cli::run_as_first_process()) return *code;
  return airssys::cli::run_command_line(std::vector<std::string>(arguments + 1, arguments + count), {});
}
