#pragma once

#include <cstdint>

#include "airssys/bridge.h"
#include "airssys/core/limits.hpp"

namespace airssys::runtime {

/// Those of an actor's limits that the engine enforces, in the bridge's terms. The engine bounds each linear memory, the
/// limit is of all: several share it evenly.
ab_limits to_bridge(const core::Limits& limits, std::uint32_t memories) noexcept;

}  // namespace airssys::runtime
