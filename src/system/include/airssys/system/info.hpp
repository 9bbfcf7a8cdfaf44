#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "airssys/actor/actor_books.hpp"
#include "airssys/actor/actor_cell.hpp"
#include "airssys/actor/stopped_actors.hpp"
#include "airssys/core/actor_info.hpp"
#include "airssys/messaging/messaging_service.hpp"

namespace airssys::system {

using core::ActorInfo;

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
