#pragma once

#include <expected>

#include "airssys/actor/transaction.hpp"
#include "airssys/messaging/edge_cache.hpp"
#include "airssys/messaging/outgoing.hpp"

namespace airssys::messaging {

/// Room in the turn for one effect of `bytes`.
inline std::expected<void, core::SendError> room_in_turn(const actor::Transaction& turn, std::size_t bytes) {
  if (const auto limit = turn.room_for(1, bytes)) {
    return std::unexpected(core::SendError{.kind = core::SendErrorKind::limit_reached, .limit = *limit});
  }
  return {};
}

/// A permit at the target; a refusal is remembered, so that a turn that ends `busy` is told of room.
inline std::expected<void, core::SendError> permit_from_turn(actor::Transaction& turn, Channel& channel, core::Codec codec,
                                                             std::size_t bytes) {
  auto permit = take_permit(channel, codec, bytes, turn.now());
  if (!permit && permit.error().kind == core::SendErrorKind::mailbox_full) turn.note_refusal(*channel.edge);
  return permit;
}

/// Room in the turn, then a permit at the target; what `send` and `request` have in common.
inline std::expected<void, core::SendError> reserve_in_turn(actor::Transaction& turn, Channel& channel, core::Codec codec,
                                                            std::size_t bytes) {
  if (auto room = room_in_turn(turn, bytes); !room) return room;
  return permit_from_turn(turn, channel, codec, bytes);
}

/// What every message of the turn takes along.
inline void stamp(actor::Transaction& turn, actor::Envelope& envelope) noexcept {
  envelope.sent_at_ms = turn.now_ms();
  envelope.trace = turn.trace_of_message();
  envelope.distance = turn.distance();
}

/// Adds a sealed envelope to the turn's effects, as one of its own.
inline void add_to_turn(actor::Transaction& turn, actor::EnvelopePtr envelope) {
  stamp(turn, *envelope);
  const std::size_t bytes = envelope->body.size();
  turn.add_effect(std::move(envelope), 1, bytes);
}

}  // namespace airssys::messaging
