#pragma once

#include <filesystem>
#include <string>

#include "airssys/config/problem.hpp"

namespace airssys::config {

/// The bytes of a file, at most a little more than a file may have; the scan of the text refuses those.
Loaded<std::string> read_file(const std::filesystem::path& path);

}  // namespace airssys::config
