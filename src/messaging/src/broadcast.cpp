#include "airssys/messaging/broadcast.hpp"

#include "airssys/messaging/actor_correspondence.hpp"
#include "turn_effects.hpp"

namespace airssys::messaging {

std::expected<void, core::SendError> Broadcast::room(const actor::Transaction& turn, std::size_t targets, std::size_t bytes) {
  if (targets > kTargetsMax) {
    return std::unexpected(
        core::SendError{.kind = core::SendErrorKind::other,
                        .limit = {},
                        .largest_bytes = 0,
                        .text = "a broadcast has at most 1,000 targets; this one has " + std::to_string(targets)});
  }
  if (const auto limit = turn.room_for_copies(targets)) {
    return std::unexpected(core::SendError{.kind = core::SendErrorKind::limit_reached, .limit = *limit});
  }
  return room_in_turn(turn, bytes + targets * sizeof(actor::Envelope));
}

std::expected<Channel*, core::SendError> Broadcast::reserve(actor::Transaction& turn, std::string_view to, core::Codec codec,
                                                            std::size_t bytes) const {
  ActorCorrespondence& own = ActorCorrespondence::of(turn.cell());
  auto channel = own.resolve(router_, to, security::Verb::send, turn.now());
  if (!channel) return channel;
  if (auto permit = permit_from_turn(turn, **channel, codec, bytes); !permit) return std::unexpected(std::move(permit).error());
  return channel;
}

void Broadcast::post(actor::Transaction& turn, Channel& channel, core::Codec codec, const core::Body& body, bool first) const {
  const core::MessageId id = ActorCorrespondence::of(turn.cell()).ids().next(ids_);
  actor::EnvelopePtr envelope = seal(actor::EnvelopeKind::send, id, codec, core::Body(body), *channel.edge);
  stamp(turn, *envelope);
  // One effect and one body, but each target's message takes its place in memory until the turn ends.
  turn.add_effect(std::move(envelope), first ? 1 : 0, (first ? body.size() : 0) + sizeof(actor::Envelope));
}

}  // namespace airssys::messaging
