#pragma once

#include <span>
#include <string_view>

namespace airssys::config {

/// The known name that a person who wrote `text` probably meant: the one with the fewest letters added, removed, changed or
/// swapped, if they are at most a third of it. Empty if none is near.
std::string_view nearest_name(std::string_view text, std::span<const std::string_view> known);

}  // namespace airssys::config
