#pragma once

#include <chrono>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "airssys/core/limits.hpp"

namespace airssys::runtime {

/// Where components are compiled, and how much that may take. Compiling is the one long thing that is done with bytes nobody
/// vouches for outside of any sandbox, and a small file can make it long and large. So it is best done in a process of its
/// own, which is killed when it takes too much.
///
/// The process is a program whose `main` calls `run_compiler` when its first argument is `kCompilerCommand`: the command
/// `airssys` is one, and so may be the embedding program (then `program` is "/proc/self/exe"). It gets the component, two
/// files to answer on, and nothing else: no other descriptor, no environment but LD_LIBRARY_PATH. It is killed when the time is
/// over or the thread that waits for it ends. A host must not reap children that it did not start.
struct CompilerOptions {
  /// Empty: compiled in this process, without limits.
  std::filesystem::path program{};
  /// What compiling one component may take beyond what the program has at its start. Linux counts what is private and
  /// writable (RLIMIT_DATA).
  core::Bytes memory = core::Bytes{1} << 30;
  /// On the clock, not of a CPU: the machine may be busy.
  std::chrono::milliseconds time{60'000};
};

inline constexpr std::string_view kCompilerCommand = "compile-component";

/// The whole of such a process: `arguments` are those of `main` without the program's name, as the loader made them. Compiles
/// standard input to standard output under the limits that it sets itself first; what it returns is the exit code. Once in a
/// process, which it changes for good.
int run_compiler(std::span<const std::string> arguments);

}  // namespace airssys::runtime
