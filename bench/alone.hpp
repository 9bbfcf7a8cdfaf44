#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "child.hpp"

namespace airssys::bench {

/// Measurements that need a process of their own: of memory, which other rows would have left behind; of an idle process's
/// time; and those whose instructions somebody counts. This program runs them when it is started as a `Child`:
///
///   airssys_bench --alone NAME COUNT     one measurement for each line of input
///
///   resident, resident_bare   bytes that each of COUNT guests of one page takes, in a system and bare; all replied
///   native_idle               bytes that each of COUNT idle native actors takes; all replied afterwards
///   idle_cpu                  CPU time of a system with COUNT idle guests, in percent of a core
///   hop, request, floor/hop, floor/request, native_pingpong
///                             nanoseconds of COUNT of them, for counting instructions
int run_alone(const std::filesystem::path& guests, std::string_view name, std::uint64_t count);

/// How such a child is started.
std::vector<std::string> alone_command(std::string_view name, std::uint64_t count);

}  // namespace airssys::bench
