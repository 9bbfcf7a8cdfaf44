#pragma once

#include <cstdlib>
#include <string_view>

#include "airssys/core/profile.hpp"

namespace airssys::runtime::testing {

/// Suites of guests are registered once for each profile (`airssys_discover_tests`): which one this run is about. A test that
/// names a profile itself is of that profile in both runs.
inline core::Profile tested_profile() {
  const char* const profile = std::getenv("AIRSSYS_TESTED_PROFILE");
  return profile != nullptr && std::string_view(profile) == name_of(core::Profile::dense) ? core::Profile::dense
                                                                                          : core::Profile::fast;
}

}  // namespace airssys::runtime::testing
