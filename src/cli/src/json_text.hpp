#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace airssys::cli {

/// JSON of whatever a value holds: bytes that are no UTF-8, as a path or a guest's words may have, become U+FFFD.
inline std::string json_text(const nlohmann::ordered_json& value) {
  return value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace airssys::cli
