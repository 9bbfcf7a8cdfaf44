#include "airssys/actor/actor_system.hpp"

#include <algorithm>
#include <utility>

#include "airssys/core/assert.hpp"

namespace airssys::actor {
namespace {

core::Error nobody(std::string_view address) {
  return {core::ErrorCode::not_found, "actor", "there is no actor at " + std::string(address)};
}

bool is_guest(const ActorRef& actor) noexcept {
  return actor->behaviour().profile().has_value();
}

}  // namespace

ActorSystem::~ActorSystem() {
  alarms_.clear();
}

core::Result<ActorRef> ActorSystem::spawn(core::ActorSpec spec, std::unique_ptr<Behaviour> behaviour) {
  AIRSSYS_TRY(ActorRef actor, place(std::move(spec), std::move(behaviour)));
  start(*actor);
  return actor;
}

core::Result<ActorRef> ActorSystem::place(core::ActorSpec spec, std::unique_ptr<Behaviour> behaviour) {
  AIRSSYS_ASSERT(make_correspondence_ != nullptr);
  const std::uint64_t number = spawned_.fetch_add(1, std::memory_order_relaxed) + 1;
  std::shared_ptr<Supervisor> supervisor = supervisors_.get(spec.supervisor, spec.restart.value_or(core::RestartPolicy{}));
  auto actor = core::make_counted<ActorCell>(std::move(spec), std::move(behaviour), scheduler_, number);
  actor->attach(make_correspondence_(*actor));
  actor->attach(std::move(supervisor));
  if (!registry_.insert(actor)) {
    actor->correspondence().close();
    return std::unexpected(
        core::Error(core::ErrorCode::already_exists, "actor",
                    "there is an actor at " + actor->address().text() + " already: stop it first or choose another address"));
  }
  actor->correspondence().placed();
  // Whoever had the address before has been replaced.
  stopped_.remove(actor->address().text());
  return actor;
}

core::Result<void> ActorSystem::stop(std::string_view address) {
  const ActorRef actor = registry_.find(address);
  if (!actor) return std::unexpected(nobody(address));
  actor->order_stop();
  return {};
}

core::Result<void> ActorSystem::restart(std::string_view address) {
  if (const ActorRef actor = registry_.find(address)) {
    if (actor->is_to_stop()) {
      return std::unexpected(core::Error(core::ErrorCode::unavailable, "actor",
                                         std::string(address) + " is being stopped: restart it when it has"));
    }
    actor->signal(Signal::restart);
    return {};
  }
  const auto stopped = stopped_.find(address);
  if (!stopped) return std::unexpected(nobody(address));
  return bring_back(*stopped);
}

core::Result<void> ActorSystem::bring_back(const StoppedActor& stopped) {
  const ActorCell& before = *stopped.actor;
  AIRSSYS_TRY(const ActorRef actor, place(before.spec(), before.behaviour().another()));
  // Before it is started: nobody runs it yet.
  actor->next_start_ = {.reason = core::StartReason::restarted, .restarts = 0, .version = {}};
  start(*actor);
  return {};
}

core::Result<void> ActorSystem::remove(std::string_view address) {
  if (stopped_.remove(address)) return {};
  if (!registry_.find(address)) return std::unexpected(nobody(address));
  return std::unexpected(core::Error(core::ErrorCode::already_exists, "actor",
                                     std::string(address) + " has not stopped: only an actor that has can be removed"));
}

void ActorSystem::stop_all() {
  stopped_.close();
  for (const ActorRef& actor : registry_.all()) actor->order_stop();
}

void ActorSystem::stop_guests() {
  stopped_.close();
  for (const ActorRef& actor : registry_.all()) {
    if (is_guest(actor)) actor->order_stop();
  }
}

bool ActorSystem::has_guests() const {
  return std::ranges::any_of(registry_.all(), is_guest);
}

bool ActorSystem::idle() const {
  return std::ranges::all_of(registry_.all(), [](const ActorRef& actor) { return actor->idle(); });
}

bool ActorSystem::owes_nothing() const {
  return std::ranges::all_of(registry_.all(), [](const ActorRef& actor) { return actor->owes_nothing(); });
}

bool ActorSystem::done() const {
  return std::ranges::all_of(registry_.all(), [](const ActorRef& actor) { return actor->done(); });
}

}  // namespace airssys::actor
