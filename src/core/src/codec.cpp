#include "airssys/core/codec.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <ostream>
#include <utility>

namespace airssys::core {
namespace {

constexpr std::array<std::pair<Codec, std::string_view>, 8> kNames{{
    {Codec::identity, "identity"},
    {Codec::raw, "raw"},
    {Codec::cbor, "cbor"},
    {Codec::protobuf, "protobuf"},
    {Codec::dag_cbor, "dag-cbor"},
    {Codec::dag_json, "dag-json"},
    {Codec::json, "json"},
    {Codec::messagepack, "messagepack"},
}};

std::optional<Codec> codec_from_number(std::string_view digits) noexcept {
  std::uint32_t code = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, fault] = std::from_chars(digits.data(), end, code, 16);
  if (fault != std::errc{} || stop != end) return std::nullopt;
  return Codec{code};
}

}  // namespace

std::string to_string(Codec codec) {
  for (const auto& [known, name] : kNames) {
    if (known == codec) return std::string(name);
  }
  return fmt::format("{:#x}", static_cast<std::uint32_t>(codec));
}

std::optional<Codec> codec_from_name(std::string_view name) noexcept {
  for (const auto& [codec, known] : kNames) {
    if (known == name) return codec;
  }
  if (name.starts_with("0x")) return codec_from_number(name.substr(2));
  return std::nullopt;
}

std::ostream& operator<<(std::ostream& out, Codec codec) {
  return out << to_string(codec);
}

}  // namespace airssys::core
