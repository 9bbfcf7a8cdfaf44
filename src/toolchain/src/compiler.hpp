#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "airssys/core/error.hpp"
#include "airssys/toolchain/build.hpp"

namespace airssys::toolchain {

/// The arguments that every guest source is compiled with.
std::vector<std::string> compile_flags();
/// The arguments of the link: a reactor, little stack, no memory to spare.
std::vector<std::string> link_flags();

/// Which clang++ to try, best first: `wanted`, else AIRSSYS_CLANG, else those found in PATH. `not_found` if there is none.
core::Result<std::vector<std::filesystem::path>> compiler_candidates(const std::filesystem::path& wanted);

/// Says why no compiler would do, and what to install. `tried`: a line for each that was tried.
core::Error no_compiler(const std::string& tried);

/// Changes whenever the program at `compiler` does.
std::string identity_of(const std::filesystem::path& compiler);

/// Compiles and links a small guest in `scratch`. `invalid` with the compiler's complaint if that fails; `too_large`.
core::Result<void> probe(const std::filesystem::path& compiler, const std::filesystem::path& scratch,
                         const BuildLimits& limits);

}  // namespace airssys::toolchain
