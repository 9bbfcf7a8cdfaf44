#pragma once

#include "airssys/system/deployment.hpp"
#include "console.hpp"

namespace airssys::cli {

/// Says everything that a check found. The files' code goes before the components'.
ExitCode fail_check(const system::CheckReport& report, Console& console);

}  // namespace airssys::cli
