#pragma once

#include <span>
#include <utility>

#include "airssys/actor/actor_cell.hpp"

namespace airssys::actor {

/// Decides which actor runs where and when. An actor is handed over at most once until it has run: the mailbox sees to it.
class Scheduler {
 public:
  virtual ~Scheduler() = default;
  /// Takes over one reference. Any thread.
  virtual void schedule(ActorRef actor) noexcept = 0;
  /// The same for several, which the turn that has just ended on this thread has woken, in the order in which it did.
  virtual void schedule_after_turn(std::span<ActorRef> actors) noexcept {
    for (ActorRef& actor : actors) schedule(std::move(actor));
  }
};

}  // namespace airssys::actor
