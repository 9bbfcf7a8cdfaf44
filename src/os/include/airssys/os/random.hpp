#pragma once

#include <cstddef>
#include <span>

#include "airssys/core/error.hpp"

namespace airssys::os {

/// Fills `bytes` from the kernel's random numbers, fit for keys. Any thread.
core::Result<void> fill_random(std::span<std::byte> bytes);

}  // namespace airssys::os
