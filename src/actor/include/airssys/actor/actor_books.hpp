#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "airssys/core/limits.hpp"

namespace airssys::actor {

/// One target that an actor has met. A value.
struct TargetBook {
  std::string to;
  std::uint32_t waiting = 0;  ///< Messages of the actor that lie in the target's mailbox.
  core::Bytes waiting_bytes = 0;
  std::uint32_t taken = 0;    ///< Permits it has taken there since they met, those of undone turns too; modulo 2^29.
  std::uint64_t refused = 0;  ///< Messages that were refused there: no room, too large, too fast, another codec.

  friend bool operator==(const TargetBook&, const TargetBook&) noexcept = default;
};

/// What an actor has in its books between two turns. A value.
struct ActorBooks {
  static constexpr std::size_t kMostTargets = 16;

  std::uint64_t open_requests = 0;
  std::uint64_t owed_answers = 0;
  std::uint64_t timers = 0;
  std::uint64_t targets_known = 0;
  std::vector<TargetBook> targets{};  ///< Of these, those with the most that waits, then the most taken.

  friend bool operator==(const ActorBooks&, const ActorBooks&) noexcept = default;
};

}  // namespace airssys::actor
