#include "airssys/core/trap.hpp"

#include <array>
#include <ostream>

namespace airssys::core {
namespace {

// In the order of TrapKind.
constexpr std::array<std::string_view, kTrapKinds> kTrapNames = {"other",
                                                                 "unreachable",
                                                                 "out-of-bounds-memory",
                                                                 "out-of-bounds-table",
                                                                 "bad-indirect-call",
                                                                 "integer",
                                                                 "stack-overflow",
                                                                 "interrupt",
                                                                 "bad-values",
                                                                 "would-block",
                                                                 "exit",
                                                                 "out-of-memory"};

}  // namespace

std::string_view name_of(TrapKind kind) noexcept {
  return kTrapNames[static_cast<std::size_t>(kind)];
}

std::ostream& operator<<(std::ostream& out, const Trap& trap) {
  out << name_of(trap.kind) << ": " << trap.message;
  if (!trap.frames.empty() && !trap.frames.front().name.empty()) out << " (in " << trap.frames.front().name << ')';
  return out;
}

std::ostream& operator<<(std::ostream& out, const SourceLocation& location) {
  return out << location.function << " at " << location.file << ':' << location.line;
}

}  // namespace airssys::core
