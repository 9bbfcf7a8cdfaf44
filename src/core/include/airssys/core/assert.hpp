#pragma once

#include <source_location>

namespace airssys::core {

/// Called when an assertion of ours fails: a defect of airssys, never of a guest or of input. Must not return; if it does,
/// the process aborts all the same.
using AssertionHandler = void (*)(const char* expression, const std::source_location& where) noexcept;

/// Replaces the handler (default: a line to standard error). Any thread. Returns the one before.
AssertionHandler set_assertion_handler(AssertionHandler handler) noexcept;

[[noreturn]] void assertion_failed(const char* expression, const std::source_location& where) noexcept;

}  // namespace airssys::core

/// Always on. For our own defects only; outcomes that input can cause are `Result`s.
#define AIRSSYS_ASSERT(expression)                      \
  (static_cast<bool>(expression) ? static_cast<void>(0) \
                                 : ::airssys::core::assertion_failed(#expression, std::source_location::current()))
