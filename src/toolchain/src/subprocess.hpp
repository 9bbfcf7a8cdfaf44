#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "airssys/core/error.hpp"

namespace airssys::toolchain {

struct Finished {
  int exit_code = 0;     ///< 128 plus the signal's number if it was killed.
  std::string output{};  ///< Standard output and standard error as they came; cut, visibly, beyond 256 KiB.
};

/// Runs `program` with `arguments` (the program's own name is added) and waits. No shell, no standard input. Any thread.
core::Result<Finished> run(const std::filesystem::path& program, const std::vector<std::string>& arguments);

}  // namespace airssys::toolchain
