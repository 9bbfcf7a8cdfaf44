#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "airssys/actor/commit_sink.hpp"

namespace airssys::model {

/// Keeps what each commit holds, and lets it out. What was recorded must come to what arrived: a message that was let out is
/// consumed, once, by the actor for which it was, however that ended; an event or an outcome that is consumed was let out
/// before. Any thread.
class RecordingSink final : public actor::CommitSink {
 public:
  std::size_t take(actor::Commit& commit, actor::VolatileSink& at_once) override;

  /// What is not as it must be once nobody has anything to do any more. Empty: all is well.
  std::vector<std::string> defects() const;

 private:
  /// An actor by its number, and a message.
  using Arrival = std::pair<std::uint64_t, core::MessageId>;

  // With the lock held.
  void note_leaving(const actor::Commit& commit);
  void note_consumed(const actor::Commit& commit);

  mutable std::mutex mutex_;
  bool has_any_ = false;
  std::map<Arrival, int> messages_;  ///< Let out, and not consumed yet; below 0: consumed without having been let out.
  std::set<core::MessageId> events_;
  std::set<core::MessageId> requests_;
  std::map<core::MessageId, int> outcomes_handled_;
  std::vector<std::string> defects_;
};

}  // namespace airssys::model
