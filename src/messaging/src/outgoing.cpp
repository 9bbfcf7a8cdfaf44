#include "airssys/messaging/outgoing.hpp"

#include <utility>

namespace airssys::messaging {

std::expected<void, core::SendError> take_place(Edge& edge, core::Codec codec, std::size_t bytes, core::MonotonicTime now) {
  using Kind = core::SendErrorKind;
  if (bytes > edge.body_bytes_max) {
    return std::unexpected(
        core::SendError{.kind = Kind::too_large, .limit = {}, .largest_bytes = edge.body_bytes_max, .text = {}});
  }
  if (!edge.target->behaviour().accepts(codec)) return std::unexpected(core::SendError{.kind = Kind::codec_not_accepted});
  if (edge.bucket && !edge.bucket->take(now)) return std::unexpected(core::SendError{.kind = Kind::rate_limited});
  if (!edge.target->mailbox().try_acquire(bytes)) {
    if (edge.bucket) edge.bucket->give_back();
    return std::unexpected(core::SendError{.kind = Kind::mailbox_full});
  }
  return {};
}

actor::EnvelopePtr seal(actor::EnvelopeKind kind, core::MessageId id, core::Codec codec, core::Body body) {
  actor::EnvelopePtr envelope = actor::make_envelope();
  envelope->kind = kind;
  envelope->holds_permit = true;
  envelope->id = id;
  envelope->codec = codec;
  envelope->body = std::move(body);
  return envelope;
}

}  // namespace airssys::messaging
