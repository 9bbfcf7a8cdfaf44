#pragma once

#include "airssys/bridge.h"
#include "airssys/core/trap.hpp"

namespace airssys::runtime {

/// The bridge's report as a value.
core::Trap trap_of(const ab_trap& report);

}  // namespace airssys::runtime
