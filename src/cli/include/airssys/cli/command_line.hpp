#pragma once

#include <optional>
#include <string>
#include <vector>

namespace airssys::cli {

/// What the process ends with. A contract with scripts: the numbers never change.
enum class ExitCode : int {
  ok = 0,
  general = 1,         ///< A request that failed, timed out or was refused; whatever has no number of its own.
  usage = 2,           ///< An unknown command or option, a malformed argument.
  configuration = 3,   ///< The files.
  network = 4,         ///< And: no running system there.
  authentication = 5,  ///< The running system is another user's.
  authorisation = 6,
  validation = 7,  ///< The components.
  build = 8,
  signature = 9,
};

/// The file descriptors that a command reads and writes; borrowed.
struct Descriptors {
  int in = 0;
  int out = 1;
  int err = 2;
};

/// For the first process of a container, whose duties the kernel gives to no other: it must take in orphans, and a signal that
/// it has no handler for does nothing to it. So it makes a second process, which returns nothing from here and is the command,
/// and is itself no more than this: it passes signals on, reaps whoever ends, and returns the exit code when the command has.
/// In any other process nothing happens. Before there are threads.
std::optional<int> run_as_first_process();

/// The whole of the `airssys` command: `arguments` without the program's name, in; the exit code, out. The environment's
/// AIRSSYS_* count as options that are not given. Blocks for as long as the command runs; `run` handles SIGINT, SIGTERM and
/// SIGHUP meanwhile and ignores SIGUSR1 and SIGUSR2, so one at a time per process. The caller ignores SIGPIPE.
/// `compile-component` is what `run` and `check` start themselves: it takes descriptors 0 to 2 and changes the process for
/// good.
int run_command_line(std::vector<std::string> arguments, const Descriptors& descriptors);

}  // namespace airssys::cli
