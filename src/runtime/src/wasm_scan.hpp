#pragma once

#include <cstddef>
#include <cstdint>
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

/// Of a code section's contents, which may come in pieces. Equal stamps: the same code. It tells builds apart, and need not
/// resist anybody.
class CodeStamp {
 public:
  explicit CodeStamp(std::uint64_t section_bytes) noexcept : state_(kBegin ^ section_bytes) {}

  void add(std::span<const std::byte> code) noexcept;
  /// Never 0.
  std::uint64_t value() const noexcept { return state_ == 0 ? 1 : state_; }

 private:
  static constexpr std::uint64_t kBegin = 0xcbf2'9ce4'8422'2325U;

  std::uint64_t state_;
};

}  // namespace airssys::runtime
