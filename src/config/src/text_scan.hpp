#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "airssys/config/problem.hpp"

namespace airssys::config {

/// Reads a text once, byte by byte, before any parser sees it: is it small enough, UTF-8 without NUL bytes, and not nested so
/// deeply that a recursive reader would run out of stack? The first thing found.
std::optional<Problem> scan_text(std::string_view text, const std::string& file);

}  // namespace airssys::config
