#include "airssys/monitoring/crash_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "airssys/core/quoted.hpp"
#include "airssys/os/folder.hpp"
#include "crash_json.hpp"

namespace airssys::monitoring {
namespace {

namespace fs = std::filesystem;

/// Of one file: a report is far smaller, also with every byte escaped.
constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20;

core::Error io_error(std::string_view doing, const fs::path& path, const std::string& why) {
  return {core::ErrorCode::io, "monitoring", fmt::format("can't {} {}: {}", doing, path.string(), why)};
}

std::optional<std::uint64_t> number_from(std::string_view digits) {
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (failure != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

/// The number of `crash-<number>.json`; nothing for other files.
std::optional<std::uint64_t> number_of_file(const std::string& name) {
  constexpr std::string_view kBefore = "crash-";
  constexpr std::string_view kAfter = ".json";
  if (!name.starts_with(kBefore) || !name.ends_with(kAfter) || name.size() <= kBefore.size() + kAfter.size())
    return std::nullopt;
  return number_from(std::string_view(name).substr(kBefore.size(), name.size() - kBefore.size() - kAfter.size()));
}

std::string name_of(std::uint64_t number) {
  return fmt::format("crash-{:08}.json", number);
}

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The address in a report's first lines; empty if it is not there.
std::string owner_of(std::string_view text) {
  constexpr std::string_view kKey = "\"address\": \"";
  const std::size_t key = text.find(kKey);
  if (key == std::string_view::npos) return {};
  text.remove_prefix(key + kKey.size());
  return std::string(text.substr(0, text.find('"')));
}

std::string known_ids(const std::vector<std::uint64_t>& numbers) {
  if (numbers.empty()) return "there are none";
  return fmt::format("there are {} to {}", numbers.front(), numbers.back());
}

}  // namespace

CrashStore::CrashStore(fs::path folder, std::size_t most_reports, core::Bytes most_bytes)
    : folder_(std::move(folder)), most_reports_(std::max<std::size_t>(1, most_reports)), most_bytes_(most_bytes) {}

std::vector<std::uint64_t> CrashStore::numbers() const {
  std::vector<std::uint64_t> numbers;
  if (const auto folder = os::Folder::look_into(folder_)) {
    for (const os::Folder::Entry& file : folder->files()) {
      if (const auto number = number_of_file(file.name)) numbers.push_back(*number);
    }
  }
  std::ranges::sort(numbers);
  return numbers;
}

void CrashStore::prepare(const os::Folder& folder) {
  if (prepared_) return;
  for (const std::uint64_t number : numbers()) {
    const auto content = folder.read(name_of(number), kMaxFileBytes, os::Folder::Privacy::any);
    const std::string_view text = content ? text_of(*content) : std::string_view{};
    kept_.push_back({.number = number, .bytes = text.size(), .owner = owner_of(text)});
    bytes_ += text.size();
    next_ = number + 1;
  }
  prepared_ = true;
}

CrashStore::KeptReports::iterator CrashStore::first_to_go(const DeathsLately& deaths) {
  struct Held {
    std::size_t reports = 0;
    core::Bytes bytes = 0;
  };
  std::map<std::string_view, Held> held;
  for (const Kept& report : kept_) {
    Held& of_owner = held[report.owner];
    ++of_owner.reports;
    of_owner.bytes += report.bytes;
  }
  // Large ones count as several; a little more or less makes nobody the one that has most.
  const core::Bytes usual = std::max<core::Bytes>(1, most_bytes_ / most_reports_);
  auto first = kept_.begin();
  std::pair<std::size_t, std::uint32_t> most{};
  for (auto report = kept_.begin(); report != kept_.end(); ++report) {
    const Held& of_owner = held[report->owner];
    const std::pair has{of_owner.reports + of_owner.bytes / usual, deaths ? deaths(report->owner) : 0};
    if (has <= most) continue;
    most = has;
    first = report;
  }
  return first;
}

void CrashStore::make_room(const os::Folder& folder, core::Bytes bytes, const DeathsLately& deaths) {
  while (!kept_.empty() && (kept_.size() >= most_reports_ || bytes_ + bytes > most_bytes_)) {
    const auto report = first_to_go(deaths);
    folder.remove(name_of(report->number));
    bytes_ -= report->bytes;
    kept_.erase(report);
  }
}

core::Result<std::string> CrashStore::save(const actor::CrashReport& report, const DeathsLately& deaths) try {
  const std::lock_guard lock(mutex_);
  AIRSSYS_TRY(const os::Folder folder, os::Folder::open(folder_, os::Folder::Missing::make));
  prepare(folder);
  const std::string text = to_json(report);
  make_room(folder, text.size(), deaths);
  const std::uint64_t number = next_;
  const std::array parts{std::as_bytes(std::span(text))};
  // Not synced: who crashed must not wait for the disk.
  AIRSSYS_TRY(folder.replace_unsynced(name_of(number), parts));
  ++next_;
  kept_.push_back({.number = number, .bytes = text.size(), .owner = report.address});
  bytes_ += text.size();
  return std::to_string(number);
} catch (const std::exception& problem) {
  return std::unexpected(io_error("save a crash report in", folder_, problem.what()));
}

std::vector<std::string> CrashStore::list() const {
  std::vector<std::string> ids;
  for (const std::uint64_t number : numbers()) ids.push_back(std::to_string(number));
  return ids;
}

core::Result<actor::CrashReport> CrashStore::load(std::string_view id) const {
  const auto number = number_from(id);
  if (!number) {
    return std::unexpected(
        core::Error(core::ErrorCode::invalid, "monitoring",
                    fmt::format("{} is no crash report's number; {}", core::quoted(id), known_ids(numbers()))));
  }
  const auto folder = os::Folder::look_into(folder_);
  const auto content = folder ? folder->read(name_of(*number), kMaxFileBytes, os::Folder::Privacy::any)
                              : core::Result<std::vector<std::byte>>(std::unexpected(folder.error()));
  if (!content && content.error().code() != core::ErrorCode::not_found) return std::unexpected(content.error());
  if (!content) {
    return std::unexpected(
        core::Error(core::ErrorCode::not_found, "monitoring",
                    fmt::format("no crash report {} in {}; {}", *number, folder_.string(), known_ids(numbers()))));
  }
  const std::string_view text = text_of(*content);
  auto report = from_json(text);
  if (!report) {
    return std::unexpected(core::Error(
        core::ErrorCode::invalid, "monitoring",
        fmt::format("the crash report {} is damaged; remove it", (folder_ / name_of(*number)).string()), report.error()));
  }
  report->id = std::to_string(*number);
  return report;
}

}  // namespace airssys::monitoring
