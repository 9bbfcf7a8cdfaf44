#include "airssys/messaging/multicodec_codec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>

#include "airssys/core/plural.hpp"

namespace airssys::messaging {
namespace {

constexpr unsigned kBits = 7;
constexpr std::uint64_t kMore = 0x80;

std::unexpected<core::Error> malformed(std::string_view why) {
  return std::unexpected(
      core::Error(core::ErrorCode::invalid, "messaging", fmt::format("no multicodec form: the codec's number {}", why)));
}

}  // namespace

std::string MulticodecCodec::encode(const core::Payload& payload) {
  std::string bytes;
  bytes.reserve(kPrefixBytesMax + payload.body.size());
  auto code = static_cast<std::uint32_t>(payload.codec);
  for (; code >= kMore; code >>= kBits) bytes.push_back(static_cast<char>(code | kMore));
  bytes.push_back(static_cast<char>(code));
  return bytes.append(payload.text());
}

core::Result<PayloadView> MulticodecCodec::decode(std::string_view bytes) {
  if (bytes.empty()) return malformed("is missing");
  std::uint64_t code = 0;
  const std::size_t most = std::min(bytes.size(), kVarintBytesMax);
  for (std::size_t i = 0; i < most; ++i) {
    const std::uint64_t byte = static_cast<unsigned char>(bytes[i]);
    code |= (byte & ~kMore) << (kBits * i);
    if ((byte & kMore) != 0) continue;
    if (byte == 0 && i != 0) return malformed("is not in its shortest form");
    if (code > std::numeric_limits<std::uint32_t>::max()) return malformed(fmt::format("{:#x} is beyond 32 bits", code));
    return PayloadView{.codec = static_cast<core::Codec>(code), .body = bytes.substr(i + 1)};
  }
  if (most == kVarintBytesMax) return malformed("is longer than 9 bytes");
  return malformed("is cut off after " + core::plural(bytes.size(), "byte"));
}

}  // namespace airssys::messaging
