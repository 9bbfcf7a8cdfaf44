#include "airssys/system/info.hpp"

namespace airssys::system {

ActorInfo info_of(const actor::ActorCell& actor) {
  const std::optional<core::Profile> profile = actor.behaviour().profile();
  const actor::ActorCounters& counters = actor.counters();
  return {.address = actor.address().text(),
          .state = std::string(actor::name_of(actor.state())),
          .component = actor.behaviour().describe(),
          .profile = profile ? std::string(core::name_of(*profile)) : std::string(),
          .supervisor = actor.supervisor(),
          .mailbox_messages = actor.mailbox().messages(),
          .mailbox_bytes = actor.mailbox().bytes(),
          .memory_bytes = actor.memory_bytes(),
          .limits = actor.limits(),
          .handled = counters.handled.read(),
          .messages = counters.messages.read(),
          .refused = counters.refused.read(),
          .failed = counters.failed.read(),
          .trapped = counters.trapped.read(),
          .restarts = counters.restarts.read(),
          .busy = counters.busy.read(),
          .sent = counters.sent.read()};
}

}  // namespace airssys::system
