#pragma once

#include <filesystem>

#include "airssys/core/error.hpp"

namespace airssys::bench {

/// Writes a component to `folder` as `one-page.wasm`: it has one page of memory, 64 KiB, and replies what it is asked.
core::Result<std::filesystem::path> write_one_page_guest(const std::filesystem::path& folder);

}  // namespace airssys::bench
