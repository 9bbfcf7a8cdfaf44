#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "airssys/actor/observer.hpp"
#include "airssys/core/error.hpp"
#include "airssys/core/ports/log_port.hpp"
#include "airssys/monitoring/crash_store.hpp"

namespace airssys::monitoring {

/// Saves every crash and passes all events on. It runs on workers, so a crash loop must neither fill the disk nor hold them
/// up: beyond ten reports a second, or five of one actor, they are counted, not saved. Any thread.
class CrashRecorder final : public actor::ActorEvents {
 public:
  static constexpr std::uint32_t kSavedPerSecond = 10;
  static constexpr std::uint32_t kSavedPerSecondOfOne = 5;

  /// `folder` empty: nothing is saved. `next` is borrowed, may be null, and is told of each event after this; the report it
  /// gets has the `id` under which it was saved. `log`, too, is borrowed and may be null: the first time that the disk says no,
  /// it is told why.
  explicit CrashRecorder(const std::filesystem::path& folder, actor::ActorEvents* next = nullptr, core::LogPort* log = nullptr);

  void crashed(const actor::ActorCell& actor, const actor::CrashReport& report) noexcept override;
  void restarted(const actor::ActorCell& actor) noexcept override;
  void stopped(const actor::ActorCell& actor, std::string_view why) noexcept override;

  /// The report that a message caused, or the last one of an address, if it was saved in this run and is one of the last
  /// `kRemembered`. Empty: none.
  std::string report_of(core::MessageId message) const;
  std::string last_report_of(std::string_view address) const;
  static constexpr std::size_t kRemembered = 100;

  std::uint64_t saved() const noexcept { return saved_.load(std::memory_order_relaxed); }
  /// Crashes that were not saved: too many at once, or the disk said no.
  std::uint64_t unsaved() const noexcept { return unsaved_.load(std::memory_order_relaxed); }

 private:
  bool may_save(const actor::CrashReport& report);
  std::string save(const actor::CrashReport& report) noexcept;
  void tell_of_trouble(const core::Error& why) noexcept;

  struct Remembered {
    std::uint64_t message = 0;
    std::string address;
    std::string id;
  };
  void remember(const actor::CrashReport& report, const std::string& id) noexcept;

  std::optional<CrashStore> store_;
  actor::ActorEvents* const next_;
  core::LogPort* const log_;
  std::atomic<bool> trouble_told_{false};
  mutable std::mutex mutex_;
  std::deque<Remembered> remembered_;  ///< Oldest first.
  std::uint64_t second_ = 0;
  std::vector<std::string> saved_in_second_;  ///< Whose.
  std::atomic<std::uint64_t> saved_{0};
  std::atomic<std::uint64_t> unsaved_{0};
};

}  // namespace airssys::monitoring
