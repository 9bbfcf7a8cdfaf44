#include "airssys/monitoring/crash_recorder.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <functional>
#include <limits>
#include <utility>

#include "airssys/core/plural.hpp"

namespace airssys::monitoring {

CrashRecorder::CrashRecorder(const std::filesystem::path& folder, actor::ActorEvents* next, core::LogPort* log)
    : next_(next), log_(log) {
  if (!folder.empty()) store_.emplace(folder);
}

CrashRecorder::~CrashRecorder() {
  tell_of_unsaved(std::numeric_limits<std::uint64_t>::max());
}

void CrashRecorder::crashed(const actor::ActorCell& actor, const actor::CrashReport& report) noexcept {
  std::string id = save(report);
  if (!id.empty()) remember(report, id);
  if (next_ == nullptr) return;
  actor::CrashReport told = report;
  told.id = std::move(id);
  next_->crashed(actor, told);
}

void CrashRecorder::restarted(const actor::ActorCell& actor) noexcept {
  if (next_ != nullptr) next_->restarted(actor);
}

void CrashRecorder::stopped(const actor::ActorCell& actor, std::string_view why) noexcept {
  if (next_ != nullptr) next_->stopped(actor, why);
}

void CrashRecorder::remember(const actor::CrashReport& report, const std::string& id) noexcept {
  const std::lock_guard lock(mutex_);
  const std::uint64_t number = ++last_remembered_;
  remembered_.emplace(number, Remembered{.message = report.message_id, .address = report.address, .id = id});
  whose_.add(number, report.address, report.address, 1);
  if (remembered_.size() <= kRemembered) return;
  const std::uint64_t first = whose_.first_to_go();
  whose_.remove(first);
  remembered_.erase(first);
}

std::string CrashRecorder::report_of(core::MessageId message) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(remembered_.rbegin(), remembered_.rend(), [&](const auto& one) {
    return one.second.message != 0 && one.second.message == core::to_number(message);
  });
  return found == remembered_.rend() ? std::string() : found->second.id;
}

std::string CrashRecorder::last_report_of(std::string_view address) const {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::find_if(remembered_.rbegin(), remembered_.rend(), [&](const auto& one) { return one.second.address == address; });
  return found == remembered_.rend() ? std::string() : found->second.id;
}

std::uint64_t CrashRecorder::key_of(std::string_view address) noexcept {
  return std::hash<std::string_view>{}(address);
}

bool CrashRecorder::take(Part part, const std::string& address) {
  constexpr std::array<std::uint32_t, kParts> kMost{kFirstSavedPerSecond, kRareSavedPerSecond, kSavedPerSecond};
  std::uint32_t& saved = saved_in_second_[static_cast<std::size_t>(part)];
  if (saved >= kMost[static_cast<std::size_t>(part)]) return false;
  if (part == Part::often) {
    if (std::ranges::count(often_in_second_, address) >= kSavedPerSecondOfOne) return false;
    often_in_second_.push_back(address);
  }
  ++saved;
  return true;
}

void CrashRecorder::count_unsaved(const std::string& address) {
  ++untold_;
  if (unsaved_of_.size() < kMostCounted || unsaved_of_.contains(address)) ++unsaved_of_[address];
}

std::optional<std::uint64_t> CrashRecorder::may_save(const actor::CrashReport& report) {
  const std::lock_guard lock(mutex_);
  if (report.time_ms / 1000 != second_) {
    second_ = report.time_ms / 1000;
    saved_in_second_ = {};
    often_in_second_.clear();
  }
  const std::uint32_t deaths = deaths_.add(key_of(report.address), std::chrono::milliseconds(report.time_ms));
  const Part part = deaths == 1 ? Part::first : deaths <= kRareDeaths ? Part::rare : Part::often;
  if (!take(part, report.address)) {
    count_unsaved(report.address);
    return std::nullopt;
  }
  const auto missing = unsaved_of_.extract(report.address);
  return missing.empty() ? 0 : missing.mapped();
}

std::string CrashRecorder::save(const actor::CrashReport& report) noexcept try {
  if (!store_) return {};
  const auto missing = may_save(report);
  tell_of_unsaved(report.time_ms / 1000);
  if (!missing) {
    unsaved_.fetch_add(1, std::memory_order_relaxed);
    return {};
  }
  actor::CrashReport saved = report;
  saved.unsaved_before = *missing;
  auto id = store_->save(saved, [this](std::string_view address) {
    const std::lock_guard lock(mutex_);
    return deaths_.of(key_of(address));
  });
  if (id) {
    saved_.fetch_add(1, std::memory_order_relaxed);
    return std::move(*id);
  }
  unsaved_.fetch_add(1, std::memory_order_relaxed);
  tell_of_trouble(id.error());
  return {};
} catch (const std::exception&) {  // No memory for a report: it is lost, the system is not.
  unsaved_.fetch_add(1, std::memory_order_relaxed);
  return {};
}

void CrashRecorder::tell_of_unsaved(std::uint64_t second) noexcept try {
  std::uint64_t count = 0;
  {
    const std::lock_guard lock(mutex_);
    if (untold_ == 0 || (second >= told_in_ && second < told_in_ + kSecondsBetweenLines)) return;
    told_in_ = second;
    count = std::exchange(untold_, 0);
  }
  if (log_ == nullptr) return;
  log_->write("monitoring", core::LogLevel::warn,
              core::plural(count, "crash report was", "crash reports were") +
                  " not saved: too many at once; those that are kept say how many are missing before them",
              {});
} catch (const std::exception&) {  // No memory to say so.
}

void CrashRecorder::tell_of_trouble(const core::Error& why) noexcept try {
  if (log_ == nullptr || trouble_told_.exchange(true)) return;
  log_->write("monitoring", core::LogLevel::warn,
              "crash reports can't be saved, and are told here alone until this is mended: " + why.to_string(), {});
} catch (const std::exception&) {  // No memory to say so.
}

}  // namespace airssys::monitoring
