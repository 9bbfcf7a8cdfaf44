#include "airssys/trust/sodium_hash.hpp"

#include <sodium.h>

#include <array>

#include "airssys/core/assert.hpp"

namespace airssys::trust {
namespace {

static_assert(crypto_hash_sha256_BYTES == std::tuple_size_v<core::Digest>);
static_assert(crypto_auth_hmacsha256_BYTES == std::tuple_size_v<core::Digest>);

const unsigned char* octets(std::span<const std::byte> bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

unsigned char* octets(core::Digest& digest) noexcept {
  return reinterpret_cast<unsigned char*>(digest.data());
}

}  // namespace

SodiumHash::SodiumHash() noexcept {
  // It may fail where there is no randomness. Hashes need none, so that its outcome does not matter here.
  [[maybe_unused]] const int outcome = sodium_init();
}

core::Digest SodiumHash::digest(std::span<const std::byte> bytes) const noexcept {
  core::Digest digest;
  crypto_hash_sha256(octets(digest), octets(bytes), bytes.size());
  return digest;
}

core::Digest SodiumHash::keyed(std::span<const std::byte> key,
                               std::span<const std::span<const std::byte>> parts) const noexcept {
  AIRSSYS_ASSERT(key.size() == crypto_auth_hmacsha256_KEYBYTES);
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, octets(key), key.size());
  for (const std::span<const std::byte> part : parts) crypto_auth_hmacsha256_update(&state, octets(part), part.size());
  core::Digest digest;
  crypto_auth_hmacsha256_final(&state, octets(digest));
  sodium_memzero(&state, sizeof state);
  return digest;
}

}  // namespace airssys::trust
