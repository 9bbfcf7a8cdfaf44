#pragma once

#include <map>
#include <string>
#include <string_view>

namespace airssys::bench {

/// CPU time of each thread of a process until now, in nanoseconds, by its number. Unlike the time on the wall it changes
/// little when others want the machine, too.
using CpuTimes = std::map<std::string, double>;

/// `process`: its number, or "self". Threads that have ended are not in it.
CpuTimes cpu_times(std::string_view process);

/// What all threads, and what the busiest of them, have used in between.
double all_used(const CpuTimes& before, const CpuTimes& after);
double most_used(const CpuTimes& before, const CpuTimes& after);

}  // namespace airssys::bench
