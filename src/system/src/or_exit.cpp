#include "airssys/system/or_exit.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

namespace airssys::system {

void exit_with(const core::Error& error) {
  fmt::print(stderr, "{} ({}, {})\n", error.to_string(), core::name_of(error.code()), error.layer());
  std::exit(1);  // NOLINT(concurrency-mt-unsafe): for a main that has not begun; ending the program is what was asked for
}

}  // namespace airssys::system
