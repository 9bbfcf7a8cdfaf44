#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "airssys/actor/observer.hpp"
#include "airssys/core/error.hpp"

namespace airssys::os {
class Folder;
}

namespace airssys::monitoring {

/// What is stored is what the actor layer reports.
using actor::CrashReport;

/// A report as people read it: who died, of what, where in the source, over which message, what it had logged, what it had
/// used of its limits, and what the supervisor did. Ends with a line end. Bytes of the guest's are shown escaped, so that
/// they can do nothing to a terminal.
std::string render(const actor::CrashReport& report);
/// The same in one line, for lists and notices: `trapped: unreachable in boom at trapper.cpp:12`.
std::string summary(const actor::CrashReport& report);
/// `text` on one line, as `core::printable`, and so that it can be told from what was escaped: tabs and backslashes are
/// `\t` and `\\`.
std::string escaped(std::string_view text);
/// A report as the JSON of its file. Version 1; keys are only ever added. The body's first bytes are hexadecimal, since they
/// may be anything; in other texts, what is no UTF-8 is replaced.
std::string to_json(const actor::CrashReport& report);

/// Crash reports in a folder: one JSON file each, `crash-<number>.json`. The number is the report's id; it grows from run to
/// run, so names sort by age. There are at most as many, and together as large, as the bounds say. The oldest report
/// of the actor that has most makes room, and of those who have as many, of the one that died most often lately: crash loops
/// push out their own. A file is written beside its
/// place and renamed, so that a reader sees a whole report or none. Several stores may read one folder, one may write it.
///
/// Any thread; nothing is thrown. Touches the disk at the first call, not in the constructor.
class CrashStore {
 public:
  static constexpr std::size_t kMostReports = 100;
  static constexpr core::Bytes kMostBytes = core::Bytes{8} << 20;

  explicit CrashStore(std::filesystem::path folder, std::size_t most_reports = kMostReports,
                      core::Bytes most_bytes = kMostBytes);

  /// How often the actor of an address died lately. Called with the store's lock held: it must not come back here.
  using DeathsLately = std::function<std::uint32_t(std::string_view address)>;
  /// The id it was saved under. `io`: the folder can't be made or written.
  core::Result<std::string> save(const actor::CrashReport& report, const DeathsLately& deaths = {});
  /// Ids, oldest first; empty if there is no folder.
  std::vector<std::string> list() const;
  /// `not_found` lists what there is; `invalid`: no id, or the file is damaged; `io`.
  core::Result<actor::CrashReport> load(std::string_view id) const;

  const std::filesystem::path& folder() const noexcept { return folder_; }

 private:
  std::vector<std::uint64_t> numbers() const;
  void prepare(const os::Folder& folder);
  void make_room(const os::Folder& folder, core::Bytes bytes, const DeathsLately& deaths);

  struct Kept {
    std::uint64_t number = 0;
    core::Bytes bytes = 0;
    std::string owner;  ///< The actor's address.
  };
  using KeptReports = std::deque<Kept>;
  KeptReports::iterator first_to_go(const DeathsLately& deaths);

  const std::filesystem::path folder_;
  const std::size_t most_reports_;
  const core::Bytes most_bytes_;
  std::mutex mutex_;
  bool prepared_ = false;
  KeptReports kept_;  ///< Oldest first, once prepared.
  core::Bytes bytes_ = 0;
  std::uint64_t next_ = 1;
};

}  // namespace airssys::monitoring
