#pragma once

#include <map>
#include <string>
#include <vector>

#include "airssys/config/system_file.hpp"
#include "airssys/system/assembly.hpp"

namespace airssys::system {

/// The component of each entry of a file.
using Manifests = std::map<const config::ActorEntry*, ComponentRef>;

/// What is asked for, granted and used, and does not agree: grants that cover nobody, what a component's [wants] ask for and no
/// grant serves, grants that nobody asked for, subscriptions that nobody may publish to, supervisors that nobody names. One
/// line each with its place, at most 100 and one that counts the rest.
std::vector<std::string> grant_warnings(const config::SystemFile& file, const Manifests& manifests);

}  // namespace airssys::system
