#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "airssys/config/problem.hpp"
#include "airssys/config/system_file.hpp"
#include "airssys/system/system.hpp"

namespace airssys::system {

/// What a check found. Empty problems: it can run.
struct CheckReport {
  config::Problems files;       ///< What is wrong with the files, and what they ask for that is not served.
  config::Problems components;  ///< What is wrong with the components.
  std::vector<std::string> warnings;

  bool ok() const noexcept { return files.empty() && components.empty(); }
};

/// A system file with everything it names loaded and checked: ready to run. Immutable.
struct Plan {
  config::SystemFile file;
  std::vector<GuestSpec> actors;  ///< Each with its limits resolved.
};

/// Everything that can be known before running: files, components, limits, settings, that each grant covers
/// some actor. Loads components through `system`, whose data directory keeps what is compiled.
struct Checked {
  CheckReport report;
  Plan plan;  ///< Meaningful if `report.ok()`.
};
Checked check(System& system, config::SystemFile file);

/// The options of a system as its file says. Which program compiles is not the file's to say: none.
SystemOptions options_of(const config::SystemFile& file);

}  // namespace airssys::system
