#include "airssys/system/host_room.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

#include "airssys/core/plural.hpp"
#include "airssys/core/units.hpp"
#include "airssys/runtime/engine.hpp"

namespace airssys::system {
namespace {

/// For the host itself, once it runs: heaps and stacks of its threads, connections of operators.
constexpr core::Bytes kOwnBytes = core::Bytes{64} << 20;
constexpr std::uint64_t kOwnMappings = 512;
constexpr std::uint64_t kOwnDescriptors = 16;
constexpr std::uint64_t kDescriptorsOfAGateway = 2;

/// In bytes, as the kernel counts them for its limits.
struct Used {
  core::Bytes addresses = 0;
  core::Bytes data = 0;
};

Used used_now() {
  std::ifstream file("/proc/self/statm");
  std::array<core::Bytes, 6> pages{};
  for (core::Bytes& count : pages) file >> count;
  const auto page = static_cast<core::Bytes>(::sysconf(_SC_PAGESIZE));
  return file ? Used{.addresses = pages[0] * page, .data = pages[5] * page} : Used{};
}

std::optional<std::uint64_t> limit_of(__rlimit_resource_t resource) {
  rlimit limit{};
  if (::getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  return limit.rlim_cur;
}

std::uint64_t beyond(std::uint64_t limit, std::uint64_t used) {
  return limit - std::min(limit, used);
}

std::optional<std::uint64_t> left(__rlimit_resource_t resource, std::uint64_t used) {
  const auto limit = limit_of(resource);
  if (!limit) return std::nullopt;
  return beyond(*limit, used);
}

std::uint64_t entries_of(const char* folder) {
  std::error_code failure;
  std::uint64_t count = 0;
  for (std::filesystem::directory_iterator entry(folder, failure), end; !failure && entry != end; entry.increment(failure))
    ++count;
  return count;
}

std::optional<std::uint64_t> mappings_left() {
  std::ifstream most("/proc/sys/vm/max_map_count");
  std::uint64_t limit = 0;
  if (!(most >> limit)) return std::nullopt;
  std::ifstream maps("/proc/self/maps");
  const auto used = std::count(std::istreambuf_iterator<char>(maps), {}, '\n');
  return beyond(limit, static_cast<std::uint64_t>(used));
}

std::string text_of(core::Bytes bytes) {
  constexpr core::Bytes kMiB = core::Bytes{1} << 20;
  return core::bytes_to_string(bytes < kMiB ? bytes : bytes / kMiB * kMiB);
}

std::string fast(const HostNeed& need) {
  return core::plural(need.fast_actors, "actor") + " with `profile = \"fast\"`";
}

core::Error too_little(std::string text) {
  return {core::ErrorCode::resources, "system", std::move(text)};
}

core::Result<void> check_addresses(const HostNeed& need, const HostRoom& room) {
  const core::Bytes wanted = need.fast_actors * runtime::kFastReservation + need.memory + kOwnBytes;
  if (!room.addresses || wanted <= *room.addresses) return {};
  std::string remedy = "raise the limit (RLIMIT_AS, `ulimit -v`)";
  if (need.fast_actors != 0) remedy += ", or give them `profile = \"dense\"`, which reserves nothing";
  return std::unexpected(too_little(
      fmt::format("this process may have {} more of addresses, and this system needs about {}: {}, {} each; {}",
                  text_of(*room.addresses), text_of(wanted), fast(need), text_of(runtime::kFastReservation), remedy)));
}

core::Result<void> check_data(const HostNeed& need, const HostRoom& room) {
  const core::Bytes wanted = need.memory + kOwnBytes;
  if (!room.data || wanted <= *room.data) return {};
  return std::unexpected(too_little(fmt::format(
      "this process may have {} more of memory, and this system needs about {} at its start: its actors begin with {}; "
      "raise the limit (RLIMIT_DATA, `ulimit -d`), or start fewer",
      text_of(*room.data), text_of(wanted), text_of(need.memory))));
}

core::Result<void> check_mappings(const HostNeed& need, const HostRoom& room) {
  const std::uint64_t wanted = need.fast_actors * runtime::kFastMappings + kOwnMappings;
  if (need.fast_actors == 0 || !room.mappings || wanted <= *room.mappings) return {};
  return std::unexpected(too_little(
      fmt::format("this process may have {} more mappings, and this system needs about {}: {}, {} each; raise the limit "
                  "(vm.max_map_count), or give them `profile = \"dense\"`, which has none of its own",
                  *room.mappings, wanted, fast(need), runtime::kFastMappings)));
}

core::Result<void> check_descriptors(const HostNeed& need, const HostRoom& room) {
  const std::uint64_t wanted = need.gateways * kDescriptorsOfAGateway + kOwnDescriptors;
  if (!room.descriptors || wanted <= *room.descriptors) return {};
  return std::unexpected(too_little(
      fmt::format("this process may open {} more files, and this system needs about {}: raise the limit (RLIMIT_NOFILE, "
                  "`ulimit -n`)",
                  *room.descriptors, wanted)));
}

}  // namespace

HostRoom HostRoom::now() {
  const Used used = used_now();
  return {.addresses = left(RLIMIT_AS, used.addresses),
          .data = left(RLIMIT_DATA, used.data),
          .mappings = mappings_left(),
          .descriptors = left(RLIMIT_NOFILE, entries_of("/proc/self/fd"))};
}

HostNeed HostNeed::of(const Plan& plan) {
  HostNeed need;
  for (const GuestSpec& guest : plan.actors) {
    if (guest.component->code->profile() == core::Profile::fast) ++need.fast_actors;
    need.memory += guest.component->code->initial_memory();
  }
  need.gateways = plan.file.gateways.size();
  return need;
}

core::Result<void> check_room(const HostNeed& need, const HostRoom& room) {
  AIRSSYS_TRY(check_addresses(need, room));
  AIRSSYS_TRY(check_data(need, room));
  AIRSSYS_TRY(check_mappings(need, room));
  return check_descriptors(need, room);
}

}  // namespace airssys::system
