#pragma once

#include "airssys/config/component_manifest.hpp"
#include "document.hpp"

namespace airssys::config {

/// A value of a `config` table as the guest gets it; a problem for tables, dates and times.
std::optional<ConfigValue> config_value_of(std::string_view key, const Value& value, Problems& problems);
/// The whole table. Null: none.
ConfigValues read_config(const Value* table, Problems& problems);

}  // namespace airssys::config
