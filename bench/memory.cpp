#include <fmt/format.h>
#include <sys/types.h>

#include <array>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "alone.hpp"
#include "benches.hpp"
#include "measure.hpp"
#include "native.hpp"
#include "peers.hpp"

namespace airssys::bench {
namespace {

/// What a process of its own measures, each round a new one, with how many of the `count` were alive in the end.
Batch in_a_new_process(std::vector<std::string> command, std::uint64_t count) {
  return [command = std::move(command), count]() -> core::Result<double> {
    AIRSSYS_TRY(const auto child, Child::start(command));
    AIRSSYS_TRY(const Child::Answer answer, child->ask());
    if (answer.result == count) return answer.value;
    return std::unexpected(
        core::Error(core::ErrorCode::internal, "bench", fmt::format("{} of {} answered", answer.result, count)));
  };
}

/// The most that a process has had in memory, in MB. 0: it is gone.
double peak_of(pid_t process) {
  std::ifstream file(fmt::format("/proc/{}/status", process));
  constexpr std::string_view kPeak = "VmHWM:";
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with(kPeak)) return std::stod(line.substr(kPeak.size())) * 1024 / 1'000'000;
  }
  return 0;
}

/// What a process of its own needs at most for one batch of work, each round a new one, whose result must be `result`.
Batch peak_in_a_new_process(std::vector<std::string> command, std::uint64_t result) {
  return [command = std::move(command), result]() -> core::Result<double> {
    AIRSSYS_TRY(const auto child, Child::start(command));
    AIRSSYS_TRY(const Child::Answer answer, child->ask());
    if (answer.result == result) return peak_of(child->process());
    return std::unexpected(core::Error(core::ErrorCode::internal, "bench",
                                       fmt::format("the work came to {}, expected {}", answer.result, result)));
  };
}

constexpr int kRounds = 3;
/// Of rounds that take long: memory hardly differs from one to the next.
constexpr int kLongRounds = 1;
constexpr std::uint64_t kMany = 100'000;

core::Result<std::vector<Row>> run_resident(World& world, std::uint64_t full_count, core::Profile profile,
                                            const std::string& name) {
  const std::uint64_t count = world.effort().of(full_count, 50);
  const std::string_view which = core::name_of(profile);
  const std::array batches{in_a_new_process(alone_command(fmt::format("resident/{}", which), count), count),
                           in_a_new_process(alone_command(fmt::format("resident_bare/{}", which), count), count)};
  AIRSSYS_TRY(const auto medians, alternate(batches, world.effort().rounds(full_count < kMany ? kRounds : kLongRounds)));
  return std::vector{compared(name, medians[0], "bytes", "bare store and instance", medians[1], 1.3)};
}

using Commands = std::vector<std::pair<std::string, std::vector<std::string>>>;

/// `own` beside each of the peers; `medians` are its and theirs.
std::vector<Row> beside(Row own, const Commands& peers, const std::vector<double>& medians) {
  own.value = medians[0];
  std::vector<Row> rows;
  for (std::size_t i = 0; i < peers.size(); ++i) {
    rows.push_back(own);
    rows.back().reference = peers[i].first;
    rows.back().reference_value = medians[i + 1];
  }
  if (rows.empty()) rows.push_back(std::move(own));
  return rows;
}

core::Result<std::vector<Row>> run_native_idle(World& world) {
  const std::uint64_t count = world.effort().of(100'000, 1'000);
  constexpr double kTarget = 1024;
  std::vector<Batch> batches{in_a_new_process(alone_command("native_idle", count), count)};
  const Commands peers = peer_commands(world.peers(), "native_idle_bytes", count);
  for (const auto& [name, command] : peers) batches.push_back(in_a_new_process(command, count));
  AIRSSYS_TRY(const auto medians, alternate(batches, world.effort().rounds(kRounds)));
  return beside({.row = "native_idle_bytes", .unit = "bytes", .target = kTarget}, peers, medians);
}

core::Result<std::vector<Row>> run_skynet_peak(World& world) {
  const NativeWork& work = *native_work("native_skynet");
  const std::uint64_t count = world.effort().of(work.count, work.count_if_tiny);
  constexpr double kTarget = 32;
  std::vector<Batch> batches{peak_in_a_new_process(alone_command("native_skynet/2", count), count)};
  const Commands peers = peer_commands(world.peers(), work.row, count);
  for (const auto& [name, command] : peers) batches.push_back(peak_in_a_new_process(command, work.result(count)));
  AIRSSYS_TRY(const auto medians, alternate(batches, world.effort().rounds(kRounds)));
  return beside({.row = "native_skynet_peak", .unit = "MB", .target = kTarget}, peers, medians);
}

core::Result<std::vector<Row>> run_idle_cpu(World& world) {
  const std::uint64_t count = world.effort().of(1'000, 20);
  const std::array batches{in_a_new_process(alone_command("idle_cpu", count), count)};
  AIRSSYS_TRY(const auto medians, alternate(batches, world.effort().rounds(kRounds)));
  // A hundred microseconds in a second: what a process takes that was woken a few times.
  return std::vector{Row{.row = "idle_cpu", .value = medians[0], .unit = "% of a core", .target = 0.01}};
}

}  // namespace

std::vector<Bench> memory_benches() {
  std::vector<Bench> all{
      {"native_idle_bytes", "what the process grows by for each of 100,000 native actors that wait; all reply afterwards",
       run_native_idle},
      {"native_skynet_peak", "the most memory that a process needs for one tree of native_skynet", run_skynet_peak},
      {"idle_cpu", "CPU time of a process whose 1,000 guests have handled a message each and wait", run_idle_cpu}};
  for (const auto& [count, profile] : {std::pair(1'000UL, core::Profile::fast), std::pair(10'000UL, core::Profile::fast),
                                       std::pair(kMany, core::Profile::dense)}) {
    const std::string name = fmt::format("resident_bytes/{}", count);
    all.push_back(
        {name,
         fmt::format("what the process grows by for each of so many guests of one page, all of which reply; in the {} "
                     "profile",
                     core::name_of(profile)),
         [=](World& world) { return run_resident(world, count, profile, name); }});
  }
  return all;
}

}  // namespace airssys::bench
