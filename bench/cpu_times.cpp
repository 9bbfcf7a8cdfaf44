#include "cpu_times.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace airssys::bench {
namespace {

double used(const CpuTimes& before, const CpuTimes::value_type& thread) {
  const auto known = before.find(thread.first);
  return thread.second - (known == before.end() ? 0 : known->second);
}

}  // namespace

CpuTimes cpu_times(std::string_view process) {
  CpuTimes times;
  std::error_code ignored;
  const auto tasks = std::filesystem::path("/proc") / process / "task";
  for (const auto& task : std::filesystem::directory_iterator(tasks, ignored)) {
    std::ifstream file(task.path() / "schedstat");
    file >> times[task.path().filename().string()];
  }
  return times;
}

double all_used(const CpuTimes& before, const CpuTimes& after) {
  double sum = 0;
  for (const auto& thread : after) sum += used(before, thread);
  return sum;
}

double most_used(const CpuTimes& before, const CpuTimes& after) {
  double most = 0;
  for (const auto& thread : after) most = std::max(most, used(before, thread));
  return most;
}

}  // namespace airssys::bench
