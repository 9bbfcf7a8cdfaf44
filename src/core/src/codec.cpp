#include "airssys/core/codec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ostream>

namespace airssys::core {
namespace {

struct Named {
  Codec codec;
  std::string_view name;
};

constexpr std::array kNamed{
    Named{Codec::identity, "identity"},
    Named{Codec::protobuf, "protobuf"},
    Named{Codec::cbor, "cbor"},
    Named{Codec::raw, "raw"},
    Named{Codec::rlp, "rlp"},
    Named{Codec::bencode, "bencode"},
    Named{Codec::dag_pb, "dag-pb"},
    Named{Codec::dag_cbor, "dag-cbor"},
    Named{Codec::dag_jose, "dag-jose"},
    Named{Codec::dag_cose, "dag-cose"},
    Named{Codec::dag_json, "dag-json"},
    Named{Codec::json, "json"},
    Named{Codec::messagepack, "messagepack"},
    Named{Codec::car, "car"},
    Named{Codec::ssz, "ssz"},
    Named{Codec::json_jcs, "json-jcs"},
    Named{Codec::text, "text"},
    Named{Codec::csv, "csv"},
    Named{Codec::json_lines, "json-lines"},
    Named{Codec::xml, "xml"},
    Named{Codec::yaml, "yaml"},
    Named{Codec::toml, "toml"},
    Named{Codec::avro, "avro"},
    Named{Codec::flatbuffers, "flatbuffers"},
    Named{Codec::capnproto, "capnproto"},
    Named{Codec::thrift, "thrift"},
    Named{Codec::borsh, "borsh"},
    Named{Codec::bincode, "bincode"},
    Named{Codec::postcard, "postcard"},
    Named{Codec::arrow_ipc, "arrow-ipc"},
    Named{Codec::parquet, "parquet"},
    Named{Codec::bson, "bson"},
};
static_assert(std::ranges::is_sorted(kNamed, {}, &Named::codec));

constexpr auto kNames = [] {
  std::array<std::string_view, kNamed.size()> names;
  std::ranges::transform(kNamed, names.begin(), &Named::name);
  return names;
}();

std::optional<Codec> codec_from_number(std::string_view digits) noexcept {
  std::uint32_t code = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, fault] = std::from_chars(digits.data(), end, code, 16);
  if (fault != std::errc{} || stop != end) return std::nullopt;
  return Codec{code};
}

}  // namespace

std::string to_string(Codec codec) {
  const auto found = std::ranges::lower_bound(kNamed, codec, {}, &Named::codec);
  if (found != kNamed.end() && found->codec == codec) return std::string(found->name);
  return fmt::format("{:#x}", static_cast<std::uint32_t>(codec));
}

std::optional<Codec> codec_from_name(std::string_view name) noexcept {
  const auto found = std::ranges::find(kNamed, name, &Named::name);
  if (found != kNamed.end()) return found->codec;
  if (name.starts_with("0x")) return codec_from_number(name.substr(2));
  return std::nullopt;
}

std::span<const std::string_view> codec_names() noexcept {
  return kNames;
}

std::ostream& operator<<(std::ostream& out, Codec codec) {
  return out << to_string(codec);
}

}  // namespace airssys::core
