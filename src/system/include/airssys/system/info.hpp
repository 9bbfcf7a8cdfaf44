#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "airssys/actor/actor_books.hpp"
#include "airssys/actor/actor_cell.hpp"
#include "airssys/actor/stopped_actors.hpp"
#include "airssys/core/actor_counts.hpp"
#include "airssys/core/limits.hpp"
#include "airssys/messaging/messaging_service.hpp"

namespace airssys::system {

/// One actor, as operators see it. A value; outdated at once.
struct ActorInfo {
  std::string address;
  std::string state;      ///< "starting", "running"; of one that is no more: "gave-up", "stopped".
  std::string component;  ///< Name and digest; "native".
  std::string profile;    ///< "fast", "dense"; empty: native.
  std::string supervisor;
  std::uint32_t mailbox_messages = 0;
  core::Bytes mailbox_bytes = 0;
  core::Bytes memory_bytes = 0;
  core::Limits limits;
  core::ActorCounts counts{};
  std::string why{};             ///< Of one that is no more: a sentence.
  std::uint64_t stopped_ms = 0;  ///< When it stopped; 0: it has not.
  std::uint64_t unhandled = 0;   ///< Messages from others that it had accepted and did not handle when it stopped.
};

ActorInfo info_of(const actor::ActorCell& actor);
ActorInfo info_of(const actor::StoppedActor& stopped);

/// One actor with all that is known of it.
struct ActorDetails {
  ActorInfo info;
  std::optional<actor::ActorBooks> books{};         ///< Nothing: it has stopped, or its turn lasted too long to ask it.
  std::vector<messaging::Denials::Edge> denials{};  ///< The last few, latest first.
  std::string last_crash{};                         ///< Its report; empty: none of this run is known.
};

/// A part of a list of actors.
struct ActorPage {
  std::vector<ActorInfo> actors;  ///< Sorted by address.
  std::size_t matching = 0;       ///< How many there were to choose from.
};

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
