#pragma once

#include <map>

#include "airssys/config/system_file.hpp"
#include "airssys/core/limits.hpp"
#include "grant_warnings.hpp"
#include "limit_contradictions.hpp"

namespace airssys::system {

/// The limits of each entry's actors, as far as they are known.
using EntryLimits = std::map<const config::ActorEntry*, core::Limits>;

/// What one table of a file gives and another takes away, each being right by itself: lines of a codec that their target
/// refuses, grants of larger bodies than anybody takes, limits of nothing for what an actor asks for or is granted.
Contradictions contradictions(const config::SystemFile& file, const Manifests& manifests, const EntryLimits& limits);

}  // namespace airssys::system
