// A program that compiles one component, for embedders that can't start themselves again, and for tests.
#include <string>
#include <vector>

#include "airssys/runtime/compiler.hpp"

int main(int count, char** arguments) {
  return airssys::runtime::run_compiler(std::vector<std::string>(arguments + 1, arguments + count));
}
