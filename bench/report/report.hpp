#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "airssys/core/error.hpp"
#include "row.hpp"

namespace airssys::bench {

/// Rows of an earlier run, by name and reference.
using Earlier = std::map<std::pair<std::string, std::string>, Row>;

/// The heading of the table, and a row of it. With an earlier run: what the row was then and by how much it has changed, in
/// its ratio where it has one, since a busy machine slows the reference just as much.
std::string heading(const Earlier& earlier);
std::string line(const Row& row, const Earlier& earlier);

/// A row of instructions that takes at least one in a hundred more than before: no noise makes that.
bool has_regressed(const Row& row, const Earlier& earlier);

/// A JSON array of rows.
core::Result<void> save(const std::filesystem::path& file, const std::vector<Row>& rows);
core::Result<Earlier> load(const std::filesystem::path& file);

}  // namespace airssys::bench
