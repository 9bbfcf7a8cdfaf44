#pragma once

extern "C" {
/// Makes log lines of what was written and has no line end yet. Called at the end of each turn and before the kit gives up.
/// Weak: a guest that is linked without the kit's library has none.
__attribute__((weak)) void airssys_end_output() noexcept;
}

namespace airssys::guest::detail {

inline void end_output() noexcept {
  if (&airssys_end_output != nullptr) airssys_end_output();
}

/// At the end of the block that it is in.
struct EndsOutput {
  EndsOutput() = default;
  EndsOutput(const EndsOutput&) = delete;
  EndsOutput& operator=(const EndsOutput&) = delete;
  ~EndsOutput() { end_output(); }
};

}  // namespace airssys::guest::detail
