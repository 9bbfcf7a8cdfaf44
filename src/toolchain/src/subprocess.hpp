#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "airssys/core/error.hpp"
#include "airssys/core/limits.hpp"
#include "airssys/toolchain/build.hpp"

namespace airssys::toolchain {

struct Finished {
  int exit_code = 0;      ///< 128 plus the signal's number if it was killed.
  std::string output{};   ///< Standard output and standard error as they came; cut, visibly, beyond 256 KiB.
  std::string stopped{};  ///< Which limit stopped it, and what to do, in a sentence. Empty: none did.
};

/// Runs `program` with `arguments` (the program's own name is added) and waits. No shell, no standard input. Any thread.
///
/// Whatever the program starts in turn is in one group with it. The group is killed when the program has ended, when it takes
/// longer than it may, and when this thread or process ends, however that happens. The limit on memory is of each of them, of
/// what is private and writable (RLIMIT_DATA).
core::Result<Finished> run(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                           const BuildLimits& limits);

}  // namespace airssys::toolchain
