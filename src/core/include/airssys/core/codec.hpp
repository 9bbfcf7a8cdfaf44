#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

namespace airssys::core {

/// How a body is encoded: a code of the multicodec table (github.com/multiformats/multicodec, table.csv). Checked against
/// what the target accepts; never translated. Any code is a codec; the named ones are those that have a name in files.
enum class Codec : std::uint32_t {
  identity = 0x00,
  raw = 0x55,
  cbor = 0x51,
  protobuf = 0x50,
  dag_cbor = 0x71,
  dag_json = 0x0129,
  json = 0x0200,
  messagepack = 0x0201,
};

/// "raw", "json" ...; "0x1234" for a code without a name.
std::string to_string(Codec codec);
/// The inverse of to_string; nothing for an unknown name.
std::optional<Codec> codec_from_name(std::string_view name) noexcept;
std::ostream& operator<<(std::ostream& out, Codec codec);

}  // namespace airssys::core
