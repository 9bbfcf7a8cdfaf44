#include "airssys/actor/actor_system.hpp"

#include <algorithm>
#include <utility>

#include "airssys/core/assert.hpp"

namespace airssys::actor {

ActorSystem::~ActorSystem() {
  alarms_.clear();
}

core::Result<ActorRef> ActorSystem::spawn(ActorCell::Options options, std::unique_ptr<Behaviour> behaviour) {
  AIRSSYS_TRY(ActorRef actor, place(std::move(options), std::move(behaviour)));
  start(*actor);
  return actor;
}

core::Result<ActorRef> ActorSystem::place(ActorCell::Options options, std::unique_ptr<Behaviour> behaviour) {
  AIRSSYS_ASSERT(make_correspondence_ != nullptr);
  options.number = spawned_.fetch_add(1, std::memory_order_relaxed) + 1;
  auto actor = core::make_counted<ActorCell>(std::move(options), std::move(behaviour), scheduler_);
  actor->attach(make_correspondence_(*actor));
  if (!registry_.insert(actor)) {
    actor->correspondence().close();
    return std::unexpected(
        core::Error(core::ErrorCode::already_exists, "actor",
                    "there is an actor at " + actor->address().text() + " already: stop it first or choose another address"));
  }
  actor->correspondence().placed();
  return actor;
}

core::Result<void> ActorSystem::stop(std::string_view address) {
  const ActorRef actor = registry_.find(address);
  if (!actor) {
    return std::unexpected(core::Error(core::ErrorCode::not_found, "actor", "there is no actor at " + std::string(address)));
  }
  actor->signal(Signal::stop);
  return {};
}

void ActorSystem::stop_all() {
  for (const ActorRef& actor : registry_.all()) actor->signal(Signal::stop);
}

bool ActorSystem::idle() const {
  return std::ranges::all_of(registry_.all(), [](const ActorRef& actor) { return actor->idle(); });
}

}  // namespace airssys::actor
