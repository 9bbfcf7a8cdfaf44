#pragma once

#include <filesystem>
#include <span>

#include "airssys/config/problem.hpp"

namespace airssys::config {

/// As a person would go through them: by file in the order of `files`, then by place; those of one place as they were found.
Problems sorted(Problems problems, std::span<const std::filesystem::path> files);

}  // namespace airssys::config
