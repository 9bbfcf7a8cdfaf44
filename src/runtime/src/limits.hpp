#pragma once

#include "airssys/bridge.h"
#include "airssys/core/limits.hpp"

namespace airssys::runtime {

/// Those of an actor's limits that the engine enforces, in the bridge's terms.
ab_limits to_bridge(const core::Limits& limits) noexcept;

}  // namespace airssys::runtime
