#pragma once

#include "airssys/bridge.h"
#include "airssys/runtime/trap.hpp"

namespace airssys::runtime {

/// The bridge's report as a value.
Trap trap_of(const ab_trap& report);

}  // namespace airssys::runtime
