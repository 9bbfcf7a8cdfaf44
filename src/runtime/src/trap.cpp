#include "airssys/runtime/trap.hpp"

#include <array>
#include <ostream>
#include <span>

#include "bridge_values.hpp"
#include "trap_report.hpp"

namespace airssys::runtime {

namespace {

// In the order of TrapKind, which is the bridge's.
constexpr std::array<std::string_view, 11> kNames = {"other",
                                                     "unreachable",
                                                     "out-of-bounds-memory",
                                                     "out-of-bounds-table",
                                                     "bad-indirect-call",
                                                     "integer",
                                                     "stack-overflow",
                                                     "interrupt",
                                                     "bad-values",
                                                     "would-block",
                                                     "exit"};
static_assert(static_cast<unsigned>(TrapKind::exit) == AB_TRAP_EXIT && kNames.size() == AB_TRAP_EXIT + 1);
static_assert(static_cast<unsigned>(TrapKind::stack_overflow) == AB_TRAP_STACK_OVERFLOW);

Frame frame_of(const ab_frame& frame) {
  return {.module = frame.module, .function = frame.function, .offset = frame.offset, .name = std::string(text_of(frame.name))};
}

}  // namespace

std::string_view name_of(TrapKind kind) noexcept {
  return kNames[static_cast<std::size_t>(kind)];
}

Trap trap_of(const ab_trap& report) {
  Trap trap;
  trap.kind = report.kind <= AB_TRAP_EXIT ? static_cast<TrapKind>(report.kind) : TrapKind::other;
  trap.message = text_of(report.message);
  for (const ab_frame& frame : std::span(report.frames, report.frame_count)) trap.frames.push_back(frame_of(frame));
  return trap;
}

std::ostream& operator<<(std::ostream& out, const Trap& trap) {
  out << name_of(trap.kind) << ": " << trap.message;
  if (!trap.frames.empty() && !trap.frames.front().name.empty()) out << " (in " << trap.frames.front().name << ')';
  return out;
}

std::ostream& operator<<(std::ostream& out, const SourceLocation& location) {
  return out << location.function << " at " << location.file << ':' << location.line;
}

}  // namespace airssys::runtime
