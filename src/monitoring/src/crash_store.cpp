#include "airssys/monitoring/crash_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>

#include "airssys/core/quoted.hpp"
#include "airssys/os/folder.hpp"
#include "crash_json.hpp"

namespace airssys::monitoring {
namespace {

namespace fs = std::filesystem;

/// More than any report has; a file of others' making may have more.
constexpr std::size_t kMostBytes = std::size_t{16} << 20;

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

std::string known_ids(const std::vector<std::uint64_t>& numbers) {
  if (numbers.empty()) return "there are none";
  return fmt::format("there are {} to {}", numbers.front(), numbers.back());
}

}  // namespace

CrashStore::CrashStore(fs::path folder, std::size_t most_reports)
    : folder_(std::move(folder)), most_reports_(std::max<std::size_t>(1, most_reports)) {}

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

void CrashStore::prepare() {
  if (prepared_) return;
  const std::vector<std::uint64_t> there = numbers();
  kept_.assign(there.begin(), there.end());
  if (!kept_.empty()) next_ = kept_.back() + 1;
  prepared_ = true;
}

void CrashStore::make_room(const os::Folder& folder) {
  while (kept_.size() >= most_reports_) {
    folder.remove(name_of(kept_.front()));
    kept_.pop_front();
  }
}

core::Result<std::string> CrashStore::save(const actor::CrashReport& report) try {
  const std::lock_guard lock(mutex_);
  AIRSSYS_TRY(const os::Folder folder, os::Folder::open(folder_, os::Folder::Missing::make));
  prepare();
  make_room(folder);
  const std::uint64_t number = next_;
  const std::string text = to_json(report);
  const std::array parts{std::as_bytes(std::span(text))};
  // Not synced: who crashed must not wait for the disk.
  AIRSSYS_TRY(folder.replace_unsynced(name_of(number), parts));
  ++next_;
  kept_.push_back(number);
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
  const auto content = folder ? folder->read(name_of(*number), kMostBytes, os::Folder::Privacy::any)
                              : core::Result<std::vector<std::byte>>(std::unexpected(folder.error()));
  if (!content && content.error().code() != core::ErrorCode::not_found) return std::unexpected(content.error());
  if (!content) {
    return std::unexpected(
        core::Error(core::ErrorCode::not_found, "monitoring",
                    fmt::format("no crash report {} in {}; {}", *number, folder_.string(), known_ids(numbers()))));
  }
  const std::string text(reinterpret_cast<const char*>(content->data()), content->size());
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
