#include "airssys/messaging/message_router.hpp"

#include <algorithm>
#include <utility>

namespace airssys::messaging {

std::expected<Edge*, core::SendError> MessageRouter::introduce(const core::Address& from, EdgeCache& edges, std::string_view to,
                                                               security::Verb verb, core::MonotonicTime now) const {
  const auto refused = [](core::SendErrorKind kind) { return std::unexpected(core::SendError{.kind = kind}); };
  if (!core::Address::is_valid(to)) return refused(core::SendErrorKind::invalid_address);
  // Read before deciding: a change in between makes the edge stale at once instead of wrong for long.
  const std::uint64_t version = grants_.version();
  // Whoever may run may speak to himself: it is his own mailbox that he fills.
  const security::Decision decision =
      to == from.text() ? security::Decision{.allowed = true} : grants_.decide(from.text(), to, verb);
  if (!decision) return refused(core::SendErrorKind::denied);
  actor::ActorRef target = registry_.find(to);
  if (!target || target->stopped()) return refused(core::SendErrorKind::not_found);
  const core::Limits& limits = target->limits();
  const core::Bytes largest = std::min(limits.body_bytes, limits.mailbox_bytes);
  Edge edge{.target = std::move(target),
            .grants_version = version,
            .bucket = std::nullopt,
            .body_bytes_max = std::min(largest, decision.body_bytes.value_or(largest))};
  if (decision.rate) edge.bucket.emplace(*decision.rate, now);
  return &edges.insert(to, verb, std::move(edge));
}

}  // namespace airssys::messaging
