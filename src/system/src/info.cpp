#include "airssys/system/info.hpp"

#include "airssys/messaging/actor_correspondence.hpp"

namespace airssys::system {

ActorInfo info_of(const actor::ActorCell& actor) {
  const std::optional<core::Profile> profile = actor.behaviour().profile();
  core::ActorCounts counts = actor.counters().read();
  const messaging::Denials* const denials = messaging::ActorCorrespondence::of(actor).denials();
  if (denials != nullptr) counts.denied = denials->count();
  return {.address = actor.address().text(),
          .state = std::string(actor::name_of(actor.state())),
          .component = actor.behaviour().describe(),
          .profile = profile ? std::string(core::name_of(*profile)) : std::string(),
          .supervisor = actor.supervisor().name(),
          .mailbox_messages = actor.mailbox().messages(),
          .mailbox_bytes = actor.mailbox().bytes(),
          .memory_bytes = actor.memory_bytes(),
          .limits = actor.limits(),
          .counts = counts};
}

ActorInfo info_of(const actor::StoppedActor& stopped) {
  ActorInfo info = info_of(*stopped.actor);
  info.state = stopped.cause == actor::StopCause::gave_up ? "gave-up" : "stopped";
  info.why = stopped.why;
  info.stopped_ms = stopped.time_ms;
  info.unhandled = stopped.unhandled;
  return info;
}

}  // namespace airssys::system
