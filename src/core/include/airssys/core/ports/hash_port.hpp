#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>

namespace airssys::core {

/// What a hash gives: 256 bits.
using Digest = std::array<std::byte, 32>;

/// 64 lower-case hexadecimal digits.
std::string to_hex(const Digest& digest);

/// Cryptographic hashes. The same bytes give the same digest on every machine, for as long as files with digests exist.
/// Any thread.
class HashPort {
 public:
  virtual ~HashPort() = default;

  /// Names `bytes`: nobody can make two contents with one digest.
  virtual Digest digest(std::span<const std::byte> bytes) const noexcept = 0;
  /// Vouches for the concatenation of `parts`: nobody without `key` (32 bytes) can make it. Where one part ends and the
  /// next begins is not covered: give all parts but the last a fixed size.
  virtual Digest keyed(std::span<const std::byte> key, std::span<const std::span<const std::byte>> parts) const noexcept = 0;
};

}  // namespace airssys::core
