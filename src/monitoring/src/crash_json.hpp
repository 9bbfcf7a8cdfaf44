#pragma once

#include <string_view>

#include "airssys/actor/observer.hpp"
#include "airssys/core/error.hpp"

namespace airssys::monitoring {

/// The inverse of `to_json`. `invalid`: not such a text.
core::Result<actor::CrashReport> from_json(std::string_view text);

}  // namespace airssys::monitoring
