#pragma once

#include <string_view>

#include "airssys/core/codec.hpp"
#include "airssys/core/error.hpp"

namespace airssys::config {

/// A codec as people write it: a name, or a multicodec number as in "0x51". `invalid` shows the text and the name that was
/// probably meant, or all there are. Any thread.
core::Result<core::Codec> parse_codec(std::string_view text);

}  // namespace airssys::config
