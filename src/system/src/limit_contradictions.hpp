#pragma once

#include <string>
#include <vector>

#include "airssys/config/problem.hpp"
#include "airssys/config/system_file.hpp"
#include "airssys/core/limits.hpp"
#include "airssys/system/assembly.hpp"

namespace airssys::system {

/// Limits of one actor that do not go together: each is right by itself.
struct Contradictions {
  config::Problems problems{};          ///< It could not work.
  std::vector<std::string> warnings{};  ///< One of the two is without effect.
};
Contradictions contradictions(const config::SystemFile& file, const config::ActorEntry& entry, const LoadedComponent& component,
                              const core::Limits& limits);

}  // namespace airssys::system
