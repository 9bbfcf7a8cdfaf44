#pragma once

#include <utility>

#include "airssys/core/error.hpp"

namespace airssys::system {

/// Prints what, where, why and what to do to standard error and ends the process with exit code 1.
[[noreturn]] void exit_with(const core::Error& error);

/// The value of a `Result`, or the end of the process. For `main` only: library code returns errors.
template <typename T>
T or_exit(core::Result<T> result) {
  if (!result) exit_with(result.error());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace airssys::system
