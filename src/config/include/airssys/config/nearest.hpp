#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string_view>

namespace airssys::config {

/// The known name that a person who wrote `text` probably meant: the one with the fewest letters added, removed, changed or
/// swapped, if they are at most a third of it. Empty if none is near.
std::string_view nearest_name(std::string_view text, std::span<const std::string_view> known);

/// The same for a path that is not there: of what lies in its folder and `is_fit`, what was probably meant. Looks at the first
/// thousand of a folder. Empty if none is near. Blocks on the disk; any thread.
std::filesystem::path nearest_path(const std::filesystem::path& wanted,
                                   const std::function<bool(const std::filesystem::path&)>& is_fit);

}  // namespace airssys::config
