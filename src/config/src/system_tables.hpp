#pragma once

#include <filesystem>

#include "airssys/config/system_file.hpp"
#include "document.hpp"
#include "table_reader.hpp"

namespace airssys::config {

/// Reads what every file of a system may have into `system`: supervisors, actors, grants, subscriptions, gateways. Paths are
/// taken against `folder`. What refers to other tables is not looked at here.
void read_shared_tables(TableReader& file, const std::filesystem::path& folder, SystemFile& system, Problems& problems);
/// Reads what only the first file may have: `[system]` and `[defaults]`.
void read_root_tables(TableReader& file, const std::filesystem::path& folder, SystemFile& system, Problems& problems);

/// Finds what is named twice, and what refers to something that is nowhere in `system`.
void check_references(const SystemFile& system, Problems& problems);

}  // namespace airssys::config
