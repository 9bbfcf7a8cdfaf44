#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "airssys/actor/observer.hpp"
#include "airssys/actor/recent_deaths.hpp"
#include "airssys/core/error.hpp"
#include "airssys/core/ports/log_port.hpp"
#include "airssys/core/shares.hpp"
#include "airssys/monitoring/crash_store.hpp"

namespace airssys::monitoring {

/// Saves crashes and passes all events on. It runs on workers, so crash loops must neither fill the disk nor hold them up; and
/// they must not keep the report of another from being saved. So of each second there are three parts, by how often an actor
/// died within the last minute or two, and none takes of another's:
///
///   for the first time                    1,000 a second
///   up to six times                         100 a second
///   more often                               10 a second, 5 of them of one actor
///
/// What is beyond is counted, not saved: the next report of the actor says how many are missing before it, and the log how
/// many there are, once in ten seconds. Any thread.
class CrashRecorder final : public actor::ActorEvents {
 public:
  static constexpr std::uint32_t kFirstSavedPerSecond = 1000;
  static constexpr std::uint32_t kRareSavedPerSecond = 100;
  static constexpr std::uint32_t kRareDeaths = 6;  ///< With the default, the last one is the end.
  static constexpr std::uint32_t kSavedPerSecond = 10;
  static constexpr std::uint32_t kSavedPerSecondOfOne = 5;
  static constexpr std::uint64_t kSecondsBetweenLines = 10;

  /// `folder` empty: nothing is saved. `next` is borrowed, may be null, and is told of each event after this; the report it
  /// gets has the `id` under which it was saved. `log`, too, is borrowed and may be null: the first time that the disk says no,
  /// it is told why.
  explicit CrashRecorder(const std::filesystem::path& folder, actor::ActorEvents* next = nullptr, core::LogPort* log = nullptr);
  CrashRecorder(const CrashRecorder&) = delete;
  CrashRecorder& operator=(const CrashRecorder&) = delete;
  /// Says what was not said yet.
  ~CrashRecorder() override;

  void crashed(const actor::ActorCell& actor, const actor::CrashReport& report) noexcept override;
  void restarted(const actor::ActorCell& actor) noexcept override;
  void stopped(const actor::ActorCell& actor, std::string_view why) noexcept override;

  /// The report that a message caused, or the last one of an address, if it was saved in this run and is one of the
  /// `kRemembered` that are known: beyond, the oldest of the actor that has most is forgotten. Empty: none.
  std::string report_of(core::MessageId message) const;
  std::string last_report_of(std::string_view address) const;
  static constexpr std::size_t kRemembered = 100;

  std::uint64_t saved() const noexcept { return saved_.load(std::memory_order_relaxed); }
  /// Crashes that were not saved: too many at once, or the disk said no.
  std::uint64_t unsaved() const noexcept { return unsaved_.load(std::memory_order_relaxed); }

 private:
  /// By how often an actor died lately.
  enum class Part : std::uint8_t { first, rare, often };
  static constexpr std::size_t kParts = 3;

  static std::uint64_t key_of(std::string_view address) noexcept;
  /// Empty: it may not be saved now. Else the reports that are missing before it.
  std::optional<std::uint64_t> may_save(const actor::CrashReport& report);
  bool take(Part part, const std::string& address);
  void count_unsaved(const std::string& address);
  std::string save(const actor::CrashReport& report) noexcept;
  void tell_of_unsaved(std::uint64_t second) noexcept;
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
  std::map<std::uint64_t, Remembered> remembered_;  ///< Oldest first.
  core::Shares whose_;                              ///< These are.
  std::uint64_t last_remembered_ = 0;
  actor::RecentDeaths deaths_;
  std::uint64_t second_ = 0;
  std::array<std::uint32_t, kParts> saved_in_second_{};
  std::vector<std::string> often_in_second_;  ///< Whose, of those that die often.
  /// Since the last one of an actor that was saved; of at most `kMostCounted` actors.
  std::unordered_map<std::string, std::uint64_t> unsaved_of_;
  static constexpr std::size_t kMostCounted = 10'000;
  std::uint64_t untold_ = 0;  ///< Of `unsaved_`.
  std::uint64_t told_in_ = 0;
  std::atomic<std::uint64_t> saved_{0};
  std::atomic<std::uint64_t> unsaved_{0};
};

}  // namespace airssys::monitoring
