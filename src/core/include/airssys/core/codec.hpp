#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace airssys::core {

/// How a body is encoded: a code of the multicodec table (github.com/multiformats/multicodec, table.csv). Checked against
/// what the target accepts; never translated. Any code is a codec; the named ones are those that have a name in files.
///
/// For formats that people use and the table lacks, codes of its private-use area, which the table will never assign. They
/// mean this in every airssys system and nothing elsewhere; systems that need further ones take them from the upper half,
/// 0x380000 on, which this list will not use.
enum class Codec : std::uint32_t {
  // Of the table.
  identity = 0x00,
  protobuf = 0x50,
  cbor = 0x51,
  raw = 0x55,
  rlp = 0x60,
  bencode = 0x63,
  dag_pb = 0x70,
  dag_cbor = 0x71,
  dag_jose = 0x85,
  dag_cose = 0x86,
  dag_json = 0x0129,
  json = 0x0200,
  messagepack = 0x0201,
  car = 0x0202,
  ssz = 0xb501,
  json_jcs = 0xb601,
  // Private use: text.
  text = 0x300001,  ///< UTF-8, of no further form.
  csv = 0x300002,   ///< RFC 4180.
  json_lines = 0x300003,
  xml = 0x300004,
  yaml = 0x300005,
  toml = 0x300006,
  // Private use: with a schema elsewhere.
  avro = 0x300010,
  flatbuffers = 0x300011,
  capnproto = 0x300012,
  thrift = 0x300013,  ///< Compact protocol.
  borsh = 0x300014,
  bincode = 0x300015,
  postcard = 0x300016,
  // Private use: of columns and documents.
  arrow_ipc = 0x300020,  ///< Stream format.
  parquet = 0x300021,
  bson = 0x300022,
};

/// The table's private-use area.
inline constexpr Codec kPrivateFirst{0x300000};
inline constexpr Codec kPrivateLast{0x3fffff};
constexpr bool is_private_use(Codec codec) noexcept {
  return codec >= kPrivateFirst && codec <= kPrivateLast;
}

/// "raw", "json" ...; "0x1234" for a code without a name.
std::string to_string(Codec codec);
/// The inverse of to_string; nothing for an unknown name.
std::optional<Codec> codec_from_name(std::string_view name) noexcept;
/// Every name, in the order of the codes.
std::span<const std::string_view> codec_names() noexcept;
std::ostream& operator<<(std::ostream& out, Codec codec);

}  // namespace airssys::core
