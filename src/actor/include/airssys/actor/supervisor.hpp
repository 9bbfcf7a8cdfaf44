#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "airssys/core/ports/clock_port.hpp"

namespace airssys::actor {

/// How often an actor may be restarted, and how soon.
struct RestartPolicy {
  std::uint32_t max_restarts = 5;  ///< Within `window`; one more and the actor is stopped for good.
  std::chrono::milliseconds window{60'000};
  std::chrono::milliseconds backoff{10};  ///< Before the first restart; doubles with each within the window.
  std::chrono::milliseconds backoff_max{5'000};

  friend bool operator==(const RestartPolicy&, const RestartPolicy&) noexcept = default;
};

/// The restarts of one actor (`one_for_one`: what happens to one concerns no other). A value; its owner runs the actor.
class RestartHistory {
 public:
  struct Restart {
    core::MonotonicTime at;         ///< When.
    std::uint32_t count_in_window;  ///< This one included: what `restarted(n)` tells the guest.
  };

  explicit RestartHistory(RestartPolicy policy) noexcept : policy_(policy) {}

  /// An instance has died at `now`. Nothing: the intensity is exceeded. `chance` spreads the delay by up to a quarter, so
  /// that actors which died together do not come back together.
  std::optional<Restart> next(core::MonotonicTime now, std::uint64_t chance);

  const RestartPolicy& policy() const noexcept { return policy_; }

 private:
  RestartPolicy policy_;
  std::vector<core::MonotonicTime> recent_;  ///< Oldest first.
};

}  // namespace airssys::actor
