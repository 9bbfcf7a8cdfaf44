#pragma once

#include <filesystem>

#include "airssys/config/system_file.hpp"
#include "document.hpp"
#include "table_reader.hpp"

namespace airssys::config {

/// Where the tables of a file go while it is read, and all that is wrong with them.
struct Reading {
  SystemFile system{};
  Problems problems{};
  /// Some of them could not be read, or not their names. What seems to be missing may be one of those, so that references to
  /// them are not judged: that would be a second problem with the same cause.
  bool actors_in_doubt = false;
  bool supervisors_in_doubt = false;
};

/// Reads what every file of a system may have: supervisors, actors, grants, subscriptions, gateways. Paths are taken against
/// `folder`. What refers to other tables is not looked at here.
void read_shared_tables(TableReader& file, const std::filesystem::path& folder, Reading& reading);
/// Reads what only the first file may have: `[system]` and `[defaults]`.
void read_root_tables(TableReader& file, const std::filesystem::path& folder, Reading& reading);

/// Finds what is named twice, and what refers to something that is nowhere in the system.
void check_references(Reading& reading);

}  // namespace airssys::config
