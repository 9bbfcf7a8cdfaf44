#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "airssys/core/ports/clock_port.hpp"

namespace airssys::actor {

/// How often an actor may be restarted, and how soon.
struct RestartPolicy {
  std::uint32_t max_restarts = 5;  ///< Within `window`, or in a row; one more and the actor is stopped for good.
  std::chrono::milliseconds window{60'000};
  std::chrono::milliseconds backoff{10};  ///< Before the first restart; doubles with each within the window.
  std::chrono::milliseconds backoff_max{5'000};

  /// Before restart `count` of those that count; 1 is the first. Never more than `backoff_max`, and that no more than a day.
  core::MonotonicTime pause_before(std::size_t count) const noexcept;
  /// The window is over before so many restarts can have been made: within it nobody gives up, however often an instance dies.
  bool outlasts_its_window() const noexcept;

  friend bool operator==(const RestartPolicy&, const RestartPolicy&) noexcept = default;
};

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

  explicit RestartHistory(RestartPolicy policy) noexcept : policy_(policy) {}

  /// An instance has died at `now`, when `turns` of the actor had stood since it was made, starts among them. Nothing: the
  /// intensity is exceeded. `chance` spreads the pause by up to a quarter, so that actors which died together do not come back
  /// together.
  std::optional<Restart> next(core::MonotonicTime now, std::uint64_t chance, std::uint64_t turns);
  /// All that count are within the window.
  bool within_window(core::MonotonicTime now) const noexcept;

  const RestartPolicy& policy() const noexcept { return policy_; }

 private:
  struct Past {
    std::vector<core::MonotonicTime> restarts;  ///< Those that count; oldest first.
    std::uint64_t turns = 0;                    ///< That had stood at the last death.
  };

  RestartPolicy policy_;
  std::unique_ptr<Past> past_;  ///< Null: it has never died.
};

}  // namespace airssys::actor
