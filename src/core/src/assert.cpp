#include "airssys/core/assert.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace airssys::core {
namespace {

void print_to_standard_error(const char* expression, const std::source_location& where) noexcept {
  std::fprintf(stderr, "airssys: assertion failed: %s (%s:%u, %s): a defect of airssys, please report it\n", expression,
               where.file_name(), static_cast<unsigned>(where.line()), where.function_name());
}

// The one variable of the process: an assertion has no object at hand through which a handler could be reached.
std::atomic<AssertionHandler> installed_handler{&print_to_standard_error};

}  // namespace

AssertionHandler set_assertion_handler(AssertionHandler handler) noexcept {
  return installed_handler.exchange(handler == nullptr ? &print_to_standard_error : handler);
}

void assertion_failed(const char* expression, const std::source_location& where) noexcept {
  installed_handler.load()(expression, where);
  std::abort();
}

}  // namespace airssys::core
