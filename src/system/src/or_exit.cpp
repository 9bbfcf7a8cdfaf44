#include "airssys/system/or_exit.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

#include "airssys/core/printable.hpp"

namespace airssys::system {

void exit_with(const core::Error& error) {
  // A guest may have had a say in it.
  fmt::print(stderr, "{} ({}, {})\n", core::printable(error.to_string(), core::LineEnds::kept), core::name_of(error.code()),
             error.layer());
  std::exit(1);  // NOLINT(concurrency-mt-unsafe): for a main that has not begun; ending the program is what was asked for
}

}  // namespace airssys::system
