#pragma once

#include <rapidcheck.h>

#include "case.hpp"

namespace airssys::model {

/// Which cases are drawn.
struct Draw {
  unsigned guests_in_ten = 0;       ///< How many of ten actors are guests.
  unsigned actions = 24;            ///< At most.
  std::uint16_t longest_ms = 2000;  ///< Of timeouts, delays and waits.
  /// Of a mailbox, in messages. Where one is smaller than a turn's need, a strict turn tries for 30 seconds.
  std::uint16_t smallest_mailbox = 1;
  /// Requests that an actor may owe an answer. On threads nobody can tell from reports when one is not owed any more.
  std::uint16_t fewest_deferred = 1;
};

/// Random systems. They shrink to few actors, few actions, short programs and generous limits.
rc::Gen<Case> cases(const Draw& draw);

}  // namespace airssys::model
