#include "airssys/os/descriptor.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace airssys::os {

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

bool secure_standard_descriptors() noexcept {
  for (int number = 0; number <= 2; ++number) {
    if (::fcntl(number, F_GETFD) >= 0 || errno != EBADF) continue;
    // The lowest free number is this one, as those below are taken. For reading also as 1 and 2, so that writing fails.
    if (::open("/dev/null", O_RDONLY | O_NOCTTY) != number) return false;
  }
  return true;
}

}  // namespace airssys::os
