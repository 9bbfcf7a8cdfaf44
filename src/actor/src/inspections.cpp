#include "airssys/actor/inspections.hpp"

#include <utility>

namespace airssys::actor {

std::optional<ActorBooks> Inspections::look(ActorCell& actor, std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  const auto mine = asked_.insert(asked_.end(), {.actor = &actor, .books = std::nullopt});
  lock.unlock();
  // After it is on the list: whoever sees the signal finds it there.
  actor.signal(Signal::look);
  lock.lock();
  shown_.wait_for(lock, patience, [&] { return mine->books.has_value(); });
  std::optional<ActorBooks> books = std::move(mine->books);
  asked_.erase(mine);
  return books;
}

void Inspections::show(ActorCell& actor, const ActorBooks& books) {
  const std::lock_guard lock(mutex_);
  for (Asked& asked : asked_) {
    if (asked.actor == &actor && !asked.books) asked.books = books;
  }
  shown_.notify_all();
}

}  // namespace airssys::actor
