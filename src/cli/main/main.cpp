#include <csignal>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "airssys/cli/command_line.hpp"
#include "airssys/core/limits.hpp"
#include "airssys/os/descriptor.hpp"
#include "airssys/os/thread_stacks.hpp"

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

/// On a thread, whose stack is ours: that of the first thread is what the process inherited.
int run_on_own_stack(const std::vector<std::string>& arguments) {
  int code = static_cast<int>(airssys::cli::ExitCode::general);
  const auto body = [&] { code = airssys::cli::run_command_line(arguments, {}); };
  constexpr airssys::core::Bytes kStack = airssys::core::Bytes{2} << 20;
  try {
    if (airssys::os::set_thread_stacks(kStack)) {
      std::thread(body).join();
      return code;
    }
  } catch (const std::system_error&) {  // There is no thread to be had: with what there is.
  }
  body();
  return code;
}

}  // namespace

int main(int count, char** arguments) {
  // Before anything is opened, which would get the number of a standard descriptor that is closed.
  if (!airssys::os::secure_standard_descriptors()) return static_cast<int>(airssys::cli::ExitCode::general);
  settle_signals();
  if (const auto code = airssys::cli::run_as_first_process()) return *code;
  return run_on_own_stack(std::vector<std::string>(arguments + 1, arguments + count));
}
