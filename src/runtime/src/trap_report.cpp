#include "airssys/core/trap.hpp"

#include <span>

#include "bridge_values.hpp"
#include "trap_report.hpp"

namespace airssys::runtime {
namespace {

// The bridge's cases are those of core, in the same order.
static_assert(static_cast<unsigned>(core::TrapKind::out_of_memory) == AB_TRAP_OUT_OF_MEMORY);
static_assert(core::kTrapKinds == AB_TRAP_OUT_OF_MEMORY + 1);
static_assert(static_cast<unsigned>(core::TrapKind::stack_overflow) == AB_TRAP_STACK_OVERFLOW);

core::Frame frame_of(const ab_frame& frame) {
  return {.module = frame.module, .function = frame.function, .offset = frame.offset, .name = std::string(text_of(frame.name))};
}

}  // namespace

core::Trap trap_of(const ab_trap& report) {
  core::Trap trap;
  trap.kind = report.kind < core::kTrapKinds ? static_cast<core::TrapKind>(report.kind) : core::TrapKind::other;
  trap.message = text_of(report.message);
  for (const ab_frame& frame : std::span(report.frames, report.frame_count)) trap.frames.push_back(frame_of(frame));
  return trap;
}

}  // namespace airssys::runtime
