#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "airssys/actor/actor_cell.hpp"
#include "airssys/core/limits.hpp"
#include "airssys/messaging/messaging_service.hpp"

namespace airssys::system {

/// One actor, as operators see it. A value; outdated at once.
struct ActorInfo {
  std::string address;
  std::string state;      ///< "starting", "running", "stopped".
  std::string component;  ///< Name and digest; "native".
  std::string profile;    ///< "fast", "dense"; empty: native.
  std::string supervisor;
  std::uint32_t mailbox_messages = 0;
  core::Bytes mailbox_bytes = 0;
  core::Bytes memory_bytes = 0;
  core::Limits limits;
  std::uint64_t handled = 0;   ///< Turns that stand.
  std::uint64_t messages = 0;  ///< Of these, messages.
  std::uint64_t refused = 0;   ///< Requests whose turn was undone.
  std::uint64_t failed = 0;
  std::uint64_t trapped = 0;
  std::uint64_t restarts = 0;
  std::uint64_t busy = 0;
  std::uint64_t sent = 0;
};

ActorInfo info_of(const actor::ActorCell& actor);

/// The system as a whole.
struct SystemStats {
  std::uint64_t actors = 0;
  std::uint64_t messages_waiting = 0;
  messaging::MessagingStats messaging;
  messaging::DeadLetters::Counts dead_letters{};
  std::uint64_t components_compiled = 0;
  std::uint64_t components_cached = 0;
};

}  // namespace airssys::system
