#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

namespace airssys::config {

/// True if the pattern has a `*` or a `?`.
bool is_glob(std::string_view pattern) noexcept;

/// One name of a path against a pattern: `*` is any number of characters, `?` is one.
bool glob_matches(std::string_view pattern, std::string_view name) noexcept;

/// The files that a pattern means, each segment of which may have `*` and `?`, sorted by name. Relative to `folder`. A name
/// that begins with a dot is matched only by a segment that does. Folders that can't be read have no files.
std::vector<std::filesystem::path> expand_glob(const std::filesystem::path& folder, const std::filesystem::path& pattern);

}  // namespace airssys::config
