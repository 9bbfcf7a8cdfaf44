#pragma once

#include <expected>

#include "airssys/actor/envelope.hpp"
#include "airssys/core/message.hpp"
#include "airssys/messaging/edge_cache.hpp"

namespace airssys::messaging {

/// Whether `target` takes a body of `bytes` in `codec` along this edge, now: rate, codec, size, then a place in its mailbox.
/// On success the place is taken.
std::expected<void, core::SendError> take_place(Edge& edge, core::Codec codec, std::size_t bytes, core::MonotonicTime now);

/// An envelope for a body that has its place.
actor::EnvelopePtr seal(actor::EnvelopeKind kind, core::MessageId id, core::Codec codec, core::Body body);

}  // namespace airssys::messaging
