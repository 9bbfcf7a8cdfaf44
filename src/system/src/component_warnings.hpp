#pragma once

#include <string>
#include <vector>

#include "airssys/config/system_file.hpp"
#include "grant_warnings.hpp"

namespace airssys::system {

/// What of the components of a file is not as it seems: a source that is newer than what was built from it, imports that are
/// served by nobody. A line for each component and kind, with its place.
std::vector<std::string> component_warnings(const Manifests& components);

}  // namespace airssys::system
