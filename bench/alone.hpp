#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
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
///   resident/PROFILE          bytes that each of COUNT guests of one page takes, in a system; all replied
///   resident_bare/PROFILE     the same bare
///   native_idle               bytes that each of COUNT idle native actors takes; all replied afterwards
///   idle_cpu                  CPU time of a system with COUNT idle guests, in percent of a core
///   hop, request              COUNT of them on one thread and with a clock that stands (`TestSystem`), so that each run is
///                             like the last; for counting instructions, those of `measured_part`
///   floor/hop, floor/request  the same bare
///   native_...                a batch of COUNT of that row on one worker; for counting the instructions of its thread.
///                             native_.../2: on as many workers as the row itself
int run_alone(const std::filesystem::path& guests, std::string_view name, std::uint64_t count);

/// Calls `part`. Whoever counts instructions finds it by its name.
void measured_part(const std::function<void()>& part);

/// How such a child is started.
std::vector<std::string> alone_command(std::string_view name, std::uint64_t count);

}  // namespace airssys::bench
