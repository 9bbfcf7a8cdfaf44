#include "airssys/config/codec_name.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "airssys/config/nearest.hpp"
#include "airssys/core/quoted.hpp"

namespace airssys::config {

core::Result<core::Codec> parse_codec(std::string_view text) {
  if (const auto codec = core::codec_from_name(text)) return *codec;
  const std::string_view nearest = nearest_name(text, core::codec_names());
  const std::string remedy = nearest.empty() ? fmt::format("; expected a multicodec number as in \"0x51\", or one of {}",
                                                           fmt::join(core::codec_names(), ", "))
                                             : fmt::format("; did you mean \"{}\"?", nearest);
  return std::unexpected(
      core::Error(core::ErrorCode::invalid, "config", fmt::format("{} is no codec{}", core::quoted(text), remedy)));
}

}  // namespace airssys::config
