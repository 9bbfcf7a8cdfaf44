#include "airssys/monitoring/crash_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include "airssys/core/quoted.hpp"
#include "crash_json.hpp"

namespace airssys::monitoring {
namespace {

namespace fs = std::filesystem;

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

core::Result<void> write_file(const fs::path& path, const std::string& text) {
  const fs::path fresh = path.string() + ".new";
  {
    std::ofstream file(fresh, std::ios::binary | std::ios::trunc);
    file << text << std::flush;
    if (!file) return std::unexpected(io_error("write", fresh, "is the disk full?"));
  }
  std::error_code failure;
  fs::rename(fresh, path, failure);
  if (failure) return std::unexpected(io_error("replace", path, failure.message()));
  return {};
}

std::string known_ids(const std::vector<std::uint64_t>& numbers) {
  if (numbers.empty()) return "there are none";
  return fmt::format("there are {} to {}", numbers.front(), numbers.back());
}

}  // namespace

CrashStore::CrashStore(fs::path folder, std::size_t most_reports)
    : folder_(std::move(folder)), most_reports_(std::max<std::size_t>(1, most_reports)) {}

fs::path CrashStore::path_of(std::uint64_t number) const {
  return folder_ / fmt::format("crash-{:08}.json", number);
}

std::vector<std::uint64_t> CrashStore::numbers() const {
  std::vector<std::uint64_t> numbers;
  std::error_code failure;
  for (fs::directory_iterator entry(folder_, failure), end; !failure && entry != end; entry.increment(failure)) {
    if (const auto number = number_of_file(entry->path().filename().string())) numbers.push_back(*number);
  }
  std::ranges::sort(numbers);
  return numbers;
}

core::Result<void> CrashStore::prepare() {
  if (prepared_) return {};
  std::error_code failure;
  fs::create_directories(folder_, failure);
  if (failure) return std::unexpected(io_error("make", folder_, failure.message()));
  fs::permissions(folder_, fs::perms::owner_all, failure);
  const std::vector<std::uint64_t> there = numbers();
  kept_.assign(there.begin(), there.end());
  if (!kept_.empty()) next_ = kept_.back() + 1;
  prepared_ = true;
  return {};
}

void CrashStore::make_room() {
  while (kept_.size() >= most_reports_) {
    std::error_code ignored;  // Somebody else has removed it: just as well.
    fs::remove(path_of(kept_.front()), ignored);
    kept_.pop_front();
  }
}

core::Result<std::string> CrashStore::save(const actor::CrashReport& report) try {
  const std::lock_guard lock(mutex_);
  AIRSSYS_TRY(prepare());
  make_room();
  const std::uint64_t number = next_;
  AIRSSYS_TRY(write_file(path_of(number), to_json(report)));
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
  const fs::path path = path_of(*number);
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return std::unexpected(
        core::Error(core::ErrorCode::not_found, "monitoring",
                    fmt::format("no crash report {} in {}; {}", *number, folder_.string(), known_ids(numbers()))));
  }
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  auto report = from_json(text);
  if (!report) {
    return std::unexpected(core::Error(core::ErrorCode::invalid, "monitoring",
                                       fmt::format("the crash report {} is damaged; remove it", path.string()),
                                       report.error()));
  }
  report->id = std::to_string(*number);
  return report;
}

}  // namespace airssys::monitoring
