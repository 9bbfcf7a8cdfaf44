#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "airssys/core/error.hpp"
#include "airssys/core/limits.hpp"

namespace airssys::runtime {

/// The part of a component's unstripped core module, `NAME.debug.wasm`, that a crash report needs.
struct SideFile {
  std::uint64_t code_stamp = 0;   ///< Of its code section; 0: it has none.
  std::vector<std::byte> module;  ///< A module with the debug sections alone.

  /// What is read of one file at most, and so what one crash may cost: debug sections and code together.
  static constexpr core::Bytes kMaxBytes = core::Bytes{64} << 20;
  /// No toolchain writes a tenth as many.
  static constexpr std::size_t kMaxSections = 1'000;
};

/// Reads what is needed and passes the rest over. Nobody vouches for the file. `not_found`, `invalid`, `io`, `too_large`; each
/// names the path.
core::Result<SideFile> read_side_file(const std::filesystem::path& file);

}  // namespace airssys::runtime
