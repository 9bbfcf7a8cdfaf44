#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "airssys/core/ports/clock_port.hpp"
#include "airssys/core/restart_policy.hpp"

namespace airssys::actor {

/// The restarts of one actor (`one_for_one`: what happens to one concerns no other). A value; its owner runs the actor.
///
/// A restart counts while it is younger than the window. It counts on for as long as there is no success: a turn of a message,
/// a reply or a timer that stood. So an actor that only ever dies is stopped for good, however long the pauses are between.
class RestartHistory {
 public:
  struct Restart {
    core::MonotonicTime at;  ///< When.
    std::uint32_t count;     ///< Of those that count, this one included: what `restarted(n)` tells the guest.
  };

  explicit RestartHistory(core::RestartPolicy policy) noexcept : policy_(policy) {}

  /// An instance has died at `now`, when `turns` of the actor had stood since it was made, starts among them. Nothing: the
  /// intensity is exceeded. `chance` spreads the pause by up to a quarter, so that actors which died together do not come back
  /// together.
  std::optional<Restart> next(core::MonotonicTime now, std::uint64_t chance, std::uint64_t turns);
  /// All that count are within the window.
  bool within_window(core::MonotonicTime now) const noexcept;

  const core::RestartPolicy& policy() const noexcept { return policy_; }

 private:
  struct Past {
    std::vector<core::MonotonicTime> restarts;  ///< Those that count; oldest first.
    std::uint64_t turns = 0;                    ///< That had stood at the last death.
  };

  core::RestartPolicy policy_;
  std::unique_ptr<Past> past_;  ///< Null: it has never died.
};

}  // namespace airssys::actor
