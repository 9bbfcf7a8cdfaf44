#pragma once

#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>

#include "airssys/actor/actor_books.hpp"
#include "airssys/actor/actor_cell.hpp"

namespace airssys::actor {

/// How others come to see an actor's books, which only whoever runs it may open: they ask, and the actor shows them between
/// two of its turns. An actor that nobody asks pays nothing.
class Inspections {
 public:
  Inspections() = default;
  Inspections(const Inspections&) = delete;
  Inspections& operator=(const Inspections&) = delete;

  /// Wakes the actor and waits. Nothing: it did not come to it within `patience`, since its turn lasts or nobody runs it. Not
  /// on a thread that runs actors.
  std::optional<ActorBooks> look(ActorCell& actor, std::chrono::milliseconds patience);
  /// By whoever runs `actor`, between its turns, when it has seen `Signal::look`.
  void show(ActorCell& actor, const ActorBooks& books);

 private:
  struct Asked {
    const ActorCell* actor;
    std::optional<ActorBooks> books;
  };

  std::mutex mutex_;
  std::condition_variable shown_;
  std::list<Asked> asked_;  ///< As many as there are threads that wait.
};

}  // namespace airssys::actor
