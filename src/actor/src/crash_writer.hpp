#pragma once

#include <string>
#include <vector>

#include "airssys/actor/behaviour.hpp"
#include "airssys/actor/observer.hpp"
#include "airssys/core/trap.hpp"

namespace airssys::actor {

/// The stack as the engine has it: names alone.
std::vector<core::SourceLocation> names_of(const core::Trap& trap);

/// Why a trap happened, in a sentence. `stopped_because`: which limit of the turn stopped it; empty: none.
std::string reason_of(const core::Trap& trap, std::string_view stopped_because, core::Bytes memory_limit);

/// Cuts what is more than a report may hold: places from the outermost, log lines from the oldest, texts at their ends. What
/// is left says how many places are missing.
void keep_within_bounds(CrashReport& report);

}  // namespace airssys::actor
