#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "airssys/core/limits.hpp"

namespace airssys::core {

/// Why a guest was stopped.
enum class TrapKind : std::uint8_t {
  other,           ///< The engine's sentence says what.
  unreachable,     ///< It gave up: abort, a failed assertion, a panic.
  memory,          ///< Read or wrote outside its memory.
  table,           ///< Outside a table.
  indirect_call,   ///< Called a null function pointer, or one of another type.
  integer,         ///< Divided by zero, or a conversion overflowed.
  stack_overflow,  ///< Recursed too deep.
  interrupt,       ///< Its budget was used up.
  abi,             ///< Handed over values that make no sense: pointers outside its memory, bytes that are no UTF-8.
  would_block,     ///< Waited for something that was not ready.
  exit,            ///< Called WASI's exit.
  out_of_memory,   ///< Began with more than its limit, or gave up in a call in which it was refused more.
};
inline constexpr std::size_t kTrapKinds = 12;
std::string_view name_of(TrapKind kind) noexcept;

/// One call on the guest's stack.
struct Frame {
  static constexpr std::uint32_t kUnknownModule = ~std::uint32_t{0};
  static constexpr std::uint64_t kUnknownOffset = ~std::uint64_t{0};

  std::uint32_t module = 0;               ///< Index of the core module in its component.
  std::uint32_t function = 0;             ///< Index of the function in that module.
  std::uint64_t offset = kUnknownOffset;  ///< Of the instruction, in bytes from the beginning of the module's code section.
  std::string name;                       ///< Empty if the module doesn't say.

  friend bool operator==(const Frame&, const Frame&) noexcept = default;
};

/// How an instance ended: what a crash report is made of. A value.
struct Trap {
  TrapKind kind = TrapKind::other;
  std::string message;          ///< The engine's sentence.
  std::vector<Frame> frames;    ///< Innermost first; bounded by the engine.
  bool growth_refused = false;  ///< It had asked for more memory than its limit, in this call or an earlier one.
  Bytes memory_bytes = 0;       ///< Linear memory at the end.

  friend bool operator==(const Trap&, const Trap&) noexcept = default;
};
/// One line: kind, sentence, and the innermost function if known.
std::ostream& operator<<(std::ostream& out, const Trap& trap);

/// Where a frame is in the source. Line 0: unknown.
struct SourceLocation {
  std::string function;
  std::string file;
  std::uint32_t line = 0;

  friend bool operator==(const SourceLocation&, const SourceLocation&) noexcept = default;
};
std::ostream& operator<<(std::ostream& out, const SourceLocation& location);

}  // namespace airssys::core
