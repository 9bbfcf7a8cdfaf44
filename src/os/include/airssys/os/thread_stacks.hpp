#pragma once

#include "airssys/core/limits.hpp"

namespace airssys::os {

/// Gives `bytes` of stack to each thread of this process that is made from here on and does not say how much it needs.
/// Otherwise it has what the process inherited (`ulimit -s`): with little of that, whoever decides how deep something nests
/// ends the process; with very much, a few threads take all addresses. For `main`, before there are other threads. False: it
/// can't be.
bool set_thread_stacks(core::Bytes bytes) noexcept;

}  // namespace airssys::os
