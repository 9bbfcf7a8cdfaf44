#pragma once

#include <expected>

#include "airssys/actor/turn.hpp"
#include "airssys/messaging/edge_cache.hpp"
#include "airssys/messaging/outgoing.hpp"

namespace airssys::messaging {

/// Room in the turn, then a place at the target; what `send` and `request` have in common.
inline std::expected<void, core::SendError> reserve_in_turn(actor::Turn& turn, Edge& edge, core::Codec codec,
                                                            std::size_t bytes) {
  if (const auto limit = turn.room_for(1, bytes)) {
    return std::unexpected(core::SendError{.kind = core::SendErrorKind::limit_reached, .limit = *limit});
  }
  auto place = take_place(edge, codec, bytes, turn.now());
  if (!place && place.error().kind == core::SendErrorKind::mailbox_full) turn.note_refusal(*edge.target);
  return place;
}

/// Adds a sealed envelope to the turn's effects, with what every message of the turn takes along.
inline void add_to_turn(actor::Turn& turn, Edge& edge, actor::EnvelopePtr envelope) {
  envelope->sender = actor::ActorRef(&turn.cell());
  envelope->sent_at_ms = turn.now_ms();
  envelope->trace = turn.trace();
  envelope->trace.span = core::to_number(envelope->id);
  const std::size_t bytes = envelope->body.size();
  turn.add_effect({.target = edge.target, .envelope = std::move(envelope)}, bytes);
}

}  // namespace airssys::messaging
