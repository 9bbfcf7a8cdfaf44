#include "airssys/trust/sodium_hash.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace airssys::trust {
namespace {

using Bytes = std::span<const std::byte>;

Bytes bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::string hash_of(std::string_view text) {
  return core::to_hex(SodiumHash().digest(bytes_of(text)));
}

std::string keyed_hash_of(std::string_view key, const std::vector<Bytes>& parts) {
  return core::to_hex(SodiumHash().keyed(bytes_of(key), parts));
}

constexpr std::string_view kKey = "0123456789abcdef0123456789abcdef";

TEST(SodiumHash, gives_the_digests_of_the_sha_256_standard) {
  EXPECT_EQ(hash_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hash_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hash_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hash_of(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// The fourth case of RFC 4231 has a key shorter than ours, padded with zeros by the construction itself.
TEST(SodiumHash, gives_the_keyed_digest_of_rfc_4231) {
  std::string key;
  for (char c = 1; c <= 25; ++c) key += c;
  key.resize(32, '\0');
  EXPECT_EQ(keyed_hash_of(key, {bytes_of(std::string(50, '\xcd'))}),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
}

TEST(SodiumHash, covers_the_concatenation_of_the_parts) {
  const std::string whole = keyed_hash_of(kKey, {bytes_of("header and body")});
  EXPECT_EQ(keyed_hash_of(kKey, {bytes_of("header"), bytes_of(""), bytes_of(" and body")}), whole);
  EXPECT_NE(keyed_hash_of(kKey, {bytes_of("header and bodz")}), whole);
}

TEST(SodiumHash, depends_on_every_byte_of_the_key) {
  const std::string original = keyed_hash_of(kKey, {bytes_of("text")});
  for (std::size_t i = 0; i < kKey.size(); ++i) {
    std::string other(kKey);
    other[i] = 'x';
    EXPECT_NE(keyed_hash_of(other, {bytes_of("text")}), original) << "byte " << i;
  }
}

TEST(SodiumHash, digests_no_parts_at_all) {
  EXPECT_EQ(keyed_hash_of(kKey, {}), keyed_hash_of(kKey, {bytes_of("")}));
  EXPECT_NE(keyed_hash_of(kKey, {}), hash_of(""));
}

TEST(SodiumHashDeath, refuses_a_key_of_another_size) {
  EXPECT_DEATH(static_cast<void>(keyed_hash_of("short", {})), "assertion failed");
}

}  // namespace
}  // namespace airssys::trust
