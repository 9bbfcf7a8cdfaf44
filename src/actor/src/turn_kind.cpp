#include "airssys/actor/turn_kind.hpp"

namespace airssys::actor {

std::string_view name_of(TurnKind kind) noexcept {
  switch (kind) {
    case TurnKind::initialize:
      return "initialize";
    case TurnKind::message:
      return "handle-message";
    case TurnKind::reply:
      return "handle-reply";
    case TurnKind::timer:
      return "handle-timer";
    case TurnKind::stop:
      return "stop";
  }
  return "unknown";
}

}  // namespace airssys::actor
