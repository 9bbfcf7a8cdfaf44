#pragma once

#include <cstdint>
#include <string>

#include "airssys/core/actor_counts.hpp"
#include "airssys/core/limits.hpp"

namespace airssys::core {

/// One actor, as operators and embedders see it: read off the actor once and carried as it is, through the operator's socket
/// too. A value; outdated at once.
struct ActorInfo {
  std::string address;
  std::string state;       ///< "starting", "running"; of one that is no more: "gave-up", "stopped".
  std::string component;   ///< Name and digest; "native".
  std::string profile;     ///< "fast", "dense"; empty: native.
  std::string supervisor;  ///< Empty: the root.
  std::uint32_t mailbox_messages = 0;
  Bytes mailbox_bytes = 0;
  Bytes memory_bytes = 0;
  Limits limits{};
  ActorCounts counts{};
  std::string why{};             ///< Of one that is no more: a sentence.
  std::uint64_t stopped_ms = 0;  ///< When it stopped; 0: it has not.
  std::uint64_t unhandled = 0;   ///< Messages from others that it had accepted and did not handle when it stopped.

  friend bool operator==(const ActorInfo&, const ActorInfo&) noexcept = default;
};

}  // namespace airssys::core
