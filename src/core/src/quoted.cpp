#include "airssys/core/quoted.hpp"

#include <fmt/format.h>

#include <cstddef>

namespace airssys::core {
namespace {

constexpr std::size_t kShownBytes = 80;

bool is_plain(char c) noexcept {
  return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

}  // namespace

std::string quoted(std::string_view text) {
  std::string shown = "\"";
  for (const char c : text.substr(0, kShownBytes)) {
    if (is_plain(c)) {
      shown += c;
    } else {
      shown += fmt::format("\\x{:02x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  return shown + (text.size() > kShownBytes ? "...\"" : "\"");
}

}  // namespace airssys::core
