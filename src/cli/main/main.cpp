#include <csignal>
#include <string>
#include <vector>

#include "airssys/cli/command_line.hpp"

int main(int count, char** arguments) {
  // A reader that has gone is the error of a write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  return airssys::cli::run_command_line(std::vector<std::string>(arguments + 1, arguments + count), {});
}
