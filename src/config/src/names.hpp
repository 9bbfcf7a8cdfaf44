#pragma once

#include <string>
#include <string_view>

#include "airssys/core/address.hpp"
#include "airssys/core/error.hpp"

namespace airssys::config {

/// Of components, systems and supervisors: lower-case letters, digits and single hyphens, at most 64 bytes.
core::Result<std::string> parse_name(std::string_view text);
/// A semantic version: 1.2.3, 1.2.3-rc.1, 1.2.3+build.5.
core::Result<std::string> parse_version(std::string_view text);

}  // namespace airssys::config
