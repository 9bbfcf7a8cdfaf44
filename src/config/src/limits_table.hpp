#pragma once

#include <string>

#include "airssys/config/limit_keys.hpp"
#include "document.hpp"

namespace airssys::config {

/// `table`: of any of the three places. Null: an empty patch. `where`: as messages name it.
LimitsPatch read_limits(const Value* table, const std::string& where, Problems& problems);

}  // namespace airssys::config
