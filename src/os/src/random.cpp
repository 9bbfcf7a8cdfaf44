#include "airssys/os/random.hpp"

#include <fmt/format.h>
#include <sys/random.h>

#include <cerrno>
#include <system_error>

namespace airssys::os {

core::Result<void> fill_random(std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::getrandom(bytes.data(), bytes.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      return std::unexpected(core::Error(
          core::ErrorCode::io, "os",
          fmt::format("the kernel gives no random numbers: getrandom: {}", std::generic_category().message(errno))));
    }
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

}  // namespace airssys::os
