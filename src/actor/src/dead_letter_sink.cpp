#include "airssys/actor/dead_letter_sink.hpp"

namespace airssys::actor {

std::string_view name_of(DeadReason reason) noexcept {
  switch (reason) {
    case DeadReason::target_stopped:
      return "target-stopped";
    case DeadReason::rejected:
      return "rejected";
    case DeadReason::crashed:
      return "crashed";
    case DeadReason::never_had_room:
      return "never-had-room";
    case DeadReason::expired:
      return "expired";
    case DeadReason::orphaned_reply:
      return "orphaned-reply";
    case DeadReason::no_room:
      return "no-room";
    case DeadReason::too_large:
      return "too-large";
    case DeadReason::codec_not_accepted:
      return "codec-not-accepted";
  }
  return "unknown";
}

}  // namespace airssys::actor
