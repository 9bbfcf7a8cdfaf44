#include "airssys/messaging/outgoing.hpp"

#include <utility>

namespace airssys::messaging {

namespace {

std::unexpected<core::SendError> refused_at(Channel& channel, core::SendError error) {
  ++channel.refused;
  return std::unexpected(std::move(error));
}

}  // namespace

std::expected<void, core::SendError> take_permit(Channel& channel, core::Codec codec, std::size_t bytes,
                                                 core::MonotonicTime now) {
  using Kind = core::SendErrorKind;
  if (bytes > channel.body_bytes_max) {
    return refused_at(channel, {.kind = Kind::too_large, .limit = {}, .largest_bytes = channel.body_bytes_max, .text = {}});
  }
  if (!channel.edge->target().behaviour().accepts(codec)) return refused_at(channel, {.kind = Kind::codec_not_accepted});
  if (channel.bucket && !channel.bucket->take(now)) return refused_at(channel, {.kind = Kind::rate_limited});
  if (!channel.edge->try_acquire(bytes)) {
    if (channel.bucket) channel.bucket->give_back();
    return refused_at(channel, {.kind = Kind::mailbox_full});
  }
  return {};
}

actor::EnvelopePtr seal(actor::EnvelopeKind kind, core::MessageId id, core::Codec codec, core::Body&& body, actor::Edge& edge) {
  actor::EnvelopePtr envelope = actor::make_envelope();
  envelope->kind = kind;
  envelope->id = id;
  envelope->codec = codec;
  envelope->body = std::move(body);
  envelope->edge = &edge;
  return envelope;
}

}  // namespace airssys::messaging
