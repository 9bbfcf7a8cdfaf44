#pragma once

#include <string>
#include <vector>

#include "airssys/system/system.hpp"

namespace airssys::system {

/// For a program that compiles its components in processes of its own self: `options` with this program as the compiler. Its
/// `main` begins with
///
///     if (is_compile_child(arguments)) return run_compile_child(arguments);
///
/// before it has made threads or opened anything. `arguments` are those of `main` without the program's name.
SystemOptions compiling_in_children(SystemOptions options);
bool is_compile_child(const std::vector<std::string>& arguments);
/// Compiles and returns the exit code.
int run_compile_child(const std::vector<std::string>& arguments);

}  // namespace airssys::system
