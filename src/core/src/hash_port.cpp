#include "airssys/core/ports/hash_port.hpp"

#include <string_view>

namespace airssys::core {

std::string to_hex(const Digest& digest) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(digest.size() * 2);
  for (const std::byte byte : digest) {
    text += kDigits[std::to_integer<std::size_t>(byte) >> 4];
    text += kDigits[std::to_integer<std::size_t>(byte) & 0xf];
  }
  return text;
}

}  // namespace airssys::core
