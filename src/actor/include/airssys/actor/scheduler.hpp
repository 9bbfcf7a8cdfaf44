#pragma once

#include "airssys/actor/actor_cell.hpp"

namespace airssys::actor {

/// Decides which actor runs where and when. An actor is handed over at most once until it has run: the mailbox sees to it.
class Scheduler {
 public:
  virtual ~Scheduler() = default;
  /// Takes over one reference. Any thread.
  virtual void schedule(ActorRef actor) noexcept = 0;
};

}  // namespace airssys::actor
