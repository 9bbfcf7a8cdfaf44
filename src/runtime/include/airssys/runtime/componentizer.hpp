#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "airssys/core/error.hpp"

namespace airssys::runtime {

/// Makes a component from a core module that names its imports and exports as the canonical ABI does, such as a compiler
/// for wasm32 makes with our bindings. The component's world is what the module imports and exports of `wit`, the text of
/// one WIT package. Debug sections are left out: keep the module as the side file. `invalid` says what doesn't fit. Any
/// thread.
core::Result<std::vector<std::byte>> componentize(std::span<const std::byte> module, std::string_view wit);

/// The text form of a module or component, to binary. For tests and tools. `invalid` has line and column.
core::Result<std::vector<std::byte>> wat_to_wasm(std::string_view text);

}  // namespace airssys::runtime
