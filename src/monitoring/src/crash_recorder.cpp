#include "airssys/monitoring/crash_recorder.hpp"

#include <exception>
#include <utility>

namespace airssys::monitoring {

CrashRecorder::CrashRecorder(const std::filesystem::path& folder, actor::ActorEvents* next) : next_(next) {
  if (!folder.empty()) store_.emplace(folder);
}

void CrashRecorder::crashed(const actor::ActorCell& actor, const actor::CrashReport& report) noexcept {
  std::string id = save(report);
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

bool CrashRecorder::may_save(std::uint64_t now_ms) noexcept {
  const std::lock_guard lock(mutex_);
  if (now_ms / 1000 != second_) {
    second_ = now_ms / 1000;
    saved_in_second_ = 0;
  }
  return saved_in_second_++ < kSavedPerSecond;
}

std::string CrashRecorder::save(const actor::CrashReport& report) noexcept {
  if (!store_) return {};
  if (may_save(report.time_ms)) {
    if (auto id = store_->save(report)) {
      saved_.fetch_add(1, std::memory_order_relaxed);
      return std::move(*id);
    }
  }
  unsaved_.fetch_add(1, std::memory_order_relaxed);
  return {};
}

}  // namespace airssys::monitoring
