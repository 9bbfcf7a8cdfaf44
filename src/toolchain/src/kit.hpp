#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "airssys/core/error.hpp"
#include "airssys/toolchain/build.hpp"

namespace airssys::toolchain {

/// The guest kit as it lies on the disk: headers and a few sources.
struct Kit {
  std::filesystem::path folder;
  std::vector<std::filesystem::path> sources{};
  std::string digest{};  ///< Of every file's name and content.

  std::filesystem::path include() const { return folder / "include"; }
};

/// The kit in `wanted`, else AIRSSYS_SDK, else installed beside the program, else in the source tree that it was built from.
core::Result<Kit> find_kit(const std::filesystem::path& wanted);

/// The kit compiled by one compiler.
struct CompiledKit {
  std::filesystem::path compiler;
  std::filesystem::path runtime{};               ///< Linked always: memory and failure paths.
  std::vector<std::filesystem::path> library{};  ///< Linked where used.
};

/// The compiled kit from the cache, or compiled now. Tries the candidates in order: one that can't make guests is passed
/// over. Two builds at once do no harm: each compiles for itself, one of the results stays.
core::Result<CompiledKit> compiled_kit(const Kit& kit, const std::vector<std::filesystem::path>& compilers,
                                       const std::filesystem::path& cache, const BuildLimits& limits);

/// `wanted`, else $XDG_CACHE_HOME/airssys, else ~/.cache/airssys, else $XDG_RUNTIME_DIR/airssys, else a folder of the user's in
/// the temporary folder. These two only if nobody else can have put something there: `invalid`, with the remedy.
core::Result<std::filesystem::path> cache_folder(const std::filesystem::path& wanted);

}  // namespace airssys::toolchain
