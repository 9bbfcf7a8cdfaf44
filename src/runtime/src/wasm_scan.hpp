#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "airssys/core/error.hpp"

namespace airssys::runtime {

/// What one pass over a component's bytes finds.
struct WasmShape {
  std::uint64_t code_stamp = 0;  ///< Of the first core module's code section; 0: none.
};

/// Walks a binary component from front to back, once: sections, the components and modules in them, and the types, which
/// may nest within each other too. It validates nothing that the engine will; it bounds what the engine is asked to do,
/// whose own checks take quadratic time in the nesting.
///
/// `invalid`: no component, or cut short, with the offset; `too_large`: more than `max_nesting` levels.
core::Result<WasmShape> scan_component(std::span<const std::byte> wasm, unsigned max_nesting);

/// The stamp of a core module's code section; nothing if it is no core module. Equal stamps: the same code.
std::optional<std::uint64_t> code_stamp_of(std::span<const std::byte> module);

}  // namespace airssys::runtime
