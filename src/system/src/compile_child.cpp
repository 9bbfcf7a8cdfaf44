#include "airssys/system/compile_child.hpp"

#include <utility>

#include "airssys/runtime/compiler.hpp"

namespace airssys::system {

SystemOptions compiling_in_children(SystemOptions options) {
  // The very program that runs, also when its file has been replaced meanwhile.
  options.compiler.program = "/proc/self/exe";
  return options;
}

bool is_compile_child(const std::vector<std::string>& arguments) {
  return !arguments.empty() && arguments.front() == runtime::kCompilerCommand;
}

int run_compile_child(const std::vector<std::string>& arguments) {
  return runtime::run_compiler(arguments);
}

}  // namespace airssys::system
