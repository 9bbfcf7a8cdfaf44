#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "airssys/core/error.hpp"
#include "airssys/core/limits.hpp"
#include "airssys/runtime/compiler.hpp"
#include "airssys/runtime/engine.hpp"

namespace airssys::runtime {

/// A compiler with a thread for each core of a large machine would spend its memory on their stacks.
inline constexpr unsigned kMaxCompilerThreads = 8;

/// What the two ends of a compiling process say to each other. In: argument words, and the component as standard input.
/// Out, on standard output:
///
///   u8   0 for an artifact, else 1 and the error's code          u64   size of what follows, in the machine's order
///   the artifact, or the error's text
///
/// What is shorter than it says was never finished. Standard error is for what kills a process: the last words of a
/// language's runtime.
struct CompilerOrder {
  EngineOptions engine;
  core::Bytes memory = 0;
  std::chrono::milliseconds time{};

  std::vector<std::string> to_arguments() const;
  /// Nothing: these are no such words.
  static std::optional<CompilerOrder> from_arguments(std::span<const std::string> arguments);
};

struct CompilerAnswer {
  std::uint8_t kind = 0;
  std::uint64_t size = 0;

  static constexpr std::size_t kBytes = sizeof(std::uint8_t) + sizeof(std::uint64_t);
};

/// Compiles `wasm` for engines like `engine` in a process of its own. Errors without the component's name: the compiler's
/// own, `too_large`: it took more than the options allow; `io`: the process can't be started; `internal`: it ended otherwise.
/// Blocks; any thread.
core::Result<std::vector<std::byte>> compile_in_a_process(const EngineOptions& engine, std::span<const std::byte> wasm,
                                                          const CompilerOptions& options);

}  // namespace airssys::runtime
