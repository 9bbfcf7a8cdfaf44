#include "airssys/system/or_exit.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

namespace airssys::system {

void exit_with(const core::Error& error) {
  fmt::print(stderr, "{} ({}, {})\n", error.to_string(), core::name_of(error.code()), error.layer());
  std::exit(1);
}

}  // namespace airssys::system
