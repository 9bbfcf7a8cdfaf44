#pragma once

#include <string>
#include <string_view>

namespace airssys::core {

/// Text of unknown origin as an error message may show it: in quotation marks, on one line, at most 80 bytes of it.
std::string quoted(std::string_view text);

}  // namespace airssys::core
