#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <string>

namespace airssys::runtime::testing {

/// A function with `locals` variables that `branches` branches change: a few bytes each, and each much work for the compiler,
/// which must know the value of every variable behind every branch.
inline std::string tangled_function(std::size_t branches, std::size_t locals) {
  std::string text = "(func (param i32) (local";
  for (std::size_t i = 0; i < locals; ++i) text += " i32";
  text += ") (loop";
  for (std::size_t i = 0; i < branches; ++i) {
    text += " (if (local.get 0) (then";
    for (std::size_t j = 0; j < 4; ++j) {
      text += fmt::format(" (local.set {} (i32.add (local.get {}) (i32.const 1)))", 1 + (i * 5 + j) % locals,
                          1 + (i * 7 + j) % locals);
    }
    text += "))";
  }
  return text + " (br_if 0 (local.get 1))))";
}

/// A component, in the text form: 200 kB, and seconds and 400 MiB of a compiler. No guest.
inline std::string compile_bomb() {
  return "(component (core module " + tangled_function(5'000, 2'000) + "))";
}

}  // namespace airssys::runtime::testing
