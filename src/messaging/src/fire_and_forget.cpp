#include "airssys/messaging/fire_and_forget.hpp"

#include <utility>

#include "airssys/messaging/actor_correspondence.hpp"
#include "turn_effects.hpp"

namespace airssys::messaging {

std::expected<void, core::SendError> FireAndForget::reserve(actor::Transaction& turn, Channel& channel, core::Codec codec,
                                                            std::size_t bytes) {
  return reserve_in_turn(turn, channel, codec, bytes);
}

void FireAndForget::post(actor::Transaction& turn, Channel& channel, core::Codec codec, core::Body&& body) {
  const core::MessageId id = ActorCorrespondence::of(turn.cell()).ids().next(ids_);
  add_to_turn(turn, seal(actor::EnvelopeKind::send, id, codec, std::move(body), *channel.edge));
}

}  // namespace airssys::messaging
