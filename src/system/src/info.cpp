#include "airssys/system/info.hpp"

namespace airssys::system {

ActorInfo info_of(const actor::ActorCell& actor) {
  const auto read = [](const std::atomic<std::uint64_t>& counter) { return counter.load(std::memory_order_relaxed); };
  const actor::ActorCounters& counters = actor.counters();
  return {.address = actor.address().text(),
          .state = std::string(actor::name_of(actor.state())),
          .component = actor.behaviour().describe(),
          .supervisor = actor.supervisor(),
          .mailbox_messages = actor.mailbox().messages(),
          .mailbox_bytes = actor.mailbox().bytes(),
          .memory_bytes = actor.memory_bytes(),
          .limits = actor.limits(),
          .handled = read(counters.handled),
          .failed = read(counters.failed),
          .trapped = read(counters.trapped),
          .restarts = read(counters.restarts),
          .busy = read(counters.busy),
          .sent = read(counters.sent)};
}

}  // namespace airssys::system
