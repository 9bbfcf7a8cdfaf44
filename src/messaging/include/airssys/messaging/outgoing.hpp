#pragma once

#include <expected>

#include "airssys/actor/envelope.hpp"
#include "airssys/core/message.hpp"
#include "airssys/messaging/edge_cache.hpp"

namespace airssys::messaging {

/// Whether the target takes a body of `bytes` in `codec` along this channel, now: size, codec, rate, then a permit in its
/// mailbox, within the sender's share. On success the permit is taken.
std::expected<void, core::SendError> take_permit(Channel& channel, core::Codec codec, std::size_t bytes,
                                                 core::MonotonicTime now);

/// An envelope for a body that has its permit along `edge`.
actor::EnvelopePtr seal(actor::EnvelopeKind kind, core::MessageId id, core::Codec codec, core::Body&& body, actor::Edge& edge);

}  // namespace airssys::messaging
