#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>

#include "airssys/core/error.hpp"
#include "airssys/core/limits.hpp"

namespace airssys::toolchain {

/// What each program that a build starts may take: compiler and linker do what sources say, and a small source can ask for
/// much.
struct BuildLimits {
  std::chrono::milliseconds time = std::chrono::minutes(1);  ///< On the clock.
  core::Bytes memory = core::Bytes{2} << 30;                 ///< What is private and writable.
};

/// How to build; the defaults are what `airssys build DIR` does. Empty paths mean: find it.
struct BuildOptions {
  std::filesystem::path output{};    ///< Folder for what is made; the component's own. Elsewhere component.toml is copied too.
  std::filesystem::path compiler{};  ///< A clang++; else AIRSSYS_CLANG, else the first in PATH that can make guests.
  std::filesystem::path sdk{};       ///< The guest kit's folder; else AIRSSYS_SDK, else beside the program or its sources.
  std::filesystem::path cache{};     ///< Where the compiled kit is kept; else $XDG_CACHE_HOME/airssys or ~/.cache/airssys.
  std::filesystem::path source_root{};  ///< Debug information names files relative to it; else the repository or DIR's parent.
  bool force = false;                   ///< Build even if nothing changed.
  BuildLimits limits{};
};

/// What a build made.
struct BuildReport {
  std::string name;
  std::filesystem::path component{};     ///< `<name>.wasm`: what a system loads.
  std::filesystem::path debug_module{};  ///< `<name>.debug.wasm`: the core module with DWARF, for crash reports.
  std::filesystem::path compiler{};
  std::size_t component_bytes = 0;
  bool up_to_date = false;  ///< Nothing had changed: nothing was done.
  std::string warnings{};   ///< The compiler's, as it wrote them.
  std::chrono::milliseconds took{0};
};

/// Builds the component in `folder` from its *.cpp and *.c files: compiles with clang for wasm32, links with the guest kit,
/// and makes the component in this process. Names come from component.toml; without one the folder names the component.
///
/// What is written is written whole or not at all; a build that fails leaves the last good one. A build whose inputs have
/// the digests of the last one (sources and the headers they include, kit, contract, flags, compiler) is skipped. Blocks for
/// seconds; any thread; starts child processes, never a shell, bounded by `BuildLimits`; none outlives the call or the caller.
///
/// Errors: `not_found` no folder, no sources, no compiler (with what to install); `invalid` the compiler's or the
/// componentizer's complaints, in full; `too_large` beyond a limit; `io`.
core::Result<BuildReport> build_component(const std::filesystem::path& folder, const BuildOptions& options = {});

}  // namespace airssys::toolchain
