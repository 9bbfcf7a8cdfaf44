#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>

#include "airssys/cli/command_line.hpp"

namespace airssys::cli {
namespace {

/// What others may send to the command; whatever else comes is about this process.
constexpr std::array kPassedOn{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGCONT, SIGWINCH};

sigset_t awaited_signals() noexcept {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  for (const int signal : kPassedOn) sigaddset(&set, signal);
  return set;
}

/// The command's exit code, once it has ended; nothing while only others have.
std::optional<int> reap(pid_t command) noexcept {
  std::optional<int> code;
  int status = 0;
  while (true) {
    const pid_t ended = waitpid(-1, &status, WNOHANG);
    if (ended <= 0) return code;
    if (ended != command) continue;
    code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
}

int watch_over(pid_t command, const sigset_t& awaited) noexcept {
  while (true) {
    siginfo_t what{};
    const int signal = sigwaitinfo(&awaited, &what);
    if (signal == SIGCHLD) {
      if (const auto code = reap(command)) return *code;
    } else if (signal > 0 && what.si_code != SI_KERNEL) {
      // A terminal's signals, which the kernel sends, have reached the command as well.
      kill(command, signal);
    }
  }
}

}  // namespace

std::optional<int> run_as_first_process() {
  if (getpid() != 1) return std::nullopt;
  const sigset_t awaited = awaited_signals();
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, &awaited, &before);
  const pid_t command = fork();
  if (command > 0) return watch_over(command, awaited);
  // The command; or there can be no second process, and the first one does what it can.
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return std::nullopt;
}

}  // namespace airssys::cli
