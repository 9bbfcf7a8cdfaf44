#include "airssys/monitoring/crash_recorder.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace airssys::monitoring {

CrashRecorder::CrashRecorder(const std::filesystem::path& folder, actor::ActorEvents* next, core::LogPort* log)
    : next_(next), log_(log) {
  if (!folder.empty()) store_.emplace(folder);
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
  remembered_.push_back({.message = report.message_id, .address = report.address, .id = id});
  if (remembered_.size() > kRemembered) remembered_.pop_front();
}

std::string CrashRecorder::report_of(core::MessageId message) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(remembered_.rbegin(), remembered_.rend(), [&](const Remembered& one) {
    return one.message != 0 && one.message == core::to_number(message);
  });
  return found == remembered_.rend() ? std::string() : found->id;
}

std::string CrashRecorder::last_report_of(std::string_view address) const {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::find_if(remembered_.rbegin(), remembered_.rend(), [&](const Remembered& one) { return one.address == address; });
  return found == remembered_.rend() ? std::string() : found->id;
}

bool CrashRecorder::may_save(const actor::CrashReport& report) {
  const std::lock_guard lock(mutex_);
  if (report.time_ms / 1000 != second_) {
    second_ = report.time_ms / 1000;
    saved_in_second_.clear();
  }
  const auto of_this = std::ranges::count(saved_in_second_, report.address);
  if (saved_in_second_.size() >= kSavedPerSecond || of_this >= kSavedPerSecondOfOne) return false;
  saved_in_second_.push_back(report.address);
  return true;
}

std::string CrashRecorder::save(const actor::CrashReport& report) noexcept {
  if (!store_) return {};
  if (may_save(report)) {
    auto id = store_->save(report);
    if (id) {
      saved_.fetch_add(1, std::memory_order_relaxed);
      return std::move(*id);
    }
    tell_of_trouble(id.error());
  }
  unsaved_.fetch_add(1, std::memory_order_relaxed);
  return {};
}

void CrashRecorder::tell_of_trouble(const core::Error& why) noexcept try {
  if (log_ == nullptr || trouble_told_.exchange(true)) return;
  log_->write("monitoring", core::LogLevel::warn,
              "crash reports can't be saved, and are told here alone until this is mended: " + why.to_string(), {});
} catch (const std::exception&) {  // No memory to say so.
}

}  // namespace airssys::monitoring
