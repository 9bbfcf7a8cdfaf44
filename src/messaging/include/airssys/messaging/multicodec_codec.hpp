#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "airssys/core/error.hpp"
#include "airssys/core/message.hpp"

namespace airssys::messaging {

/// A payload whose body is somebody else's bytes.
struct PayloadView {
  core::Codec codec = core::Codec::raw;
  std::string_view body;

  friend bool operator==(const PayloadView&, const PayloadView&) noexcept = default;
};

/// A payload as bytes that say themselves how to read them, for where nothing beside the bytes does: a file, another
/// program. Within a system the codec travels as a number of its own.
///
///   the codec's code   unsigned varint (github.com/multiformats/unsigned-varint): seven bits a byte, the lowest first, the
///                      high bit of each byte but the last set; in as few bytes as it takes
///   the body           everything after it
///
/// A payload has exactly one such form, and what `decode` accepts, `encode` would have made. Any thread.
class MulticodecCodec {
 public:
  /// Of what our codes need, and of what a number may have at all.
  static constexpr std::size_t kPrefixBytesMax = 5;
  static constexpr std::size_t kVarintBytesMax = 9;

  static std::string encode(const core::Payload& payload);
  /// A view into `bytes`; copies and allocates nothing. `invalid` says what is wrong with the number before the body: it is
  /// missing, cut off, not in its shortest form, longer than 9 bytes, or beyond 32 bits.
  static core::Result<PayloadView> decode(std::string_view bytes);
};

}  // namespace airssys::messaging
