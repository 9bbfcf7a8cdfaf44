#pragma once

#include "airssys/core/ports/hash_port.hpp"

namespace airssys::trust {

/// The hash port by libsodium: `digest` is SHA-256, `keyed` is HMAC-SHA-256 with a key of exactly 32 bytes (asserted: the
/// host makes its keys). Without state; any thread.
class SodiumHash final : public core::HashPort {
 public:
  SodiumHash() noexcept;

  core::Digest digest(std::span<const std::byte> bytes) const noexcept override;
  core::Digest keyed(std::span<const std::byte> key, std::span<const std::span<const std::byte>> parts) const noexcept override;
};

}  // namespace airssys::trust
