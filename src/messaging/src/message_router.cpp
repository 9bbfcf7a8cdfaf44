#include "airssys/messaging/message_router.hpp"

#include <algorithm>
#include <utility>

#include "refused.hpp"

namespace airssys::messaging {

std::expected<Channel*, core::SendError> MessageRouter::introduce(actor::ActorCell& from, EdgeCache& edges, std::string_view to,
                                                                  security::Verb verb, core::MonotonicTime now) const {
  // Read before deciding: a change in between makes the channel stale at once instead of wrong for long.
  const std::uint64_t version = grants_.version();
  actor::ActorRef target = registry_.find(to);
  // Whether somebody is there, only those learn who may ask.
  if (!target) return refused(refusal_of_nobody(from, to, verb));
  // Whoever may run may speak to himself: it is his own mailbox that he fills.
  const security::Decision decision =
      target.get() == &from ? security::Decision{.allowed = true} : grants_.decide(from.address(), target->address(), verb);
  if (!decision) return refused(core::SendErrorKind::denied);
  if (target->stopped()) return refused(core::SendErrorKind::not_found);
  const core::Limits& limits = target->limits();
  const core::Bytes largest = std::min(limits.body_bytes, limits.mailbox_bytes);
  Channel& channel = edges.channel(actor::ActorRef(&from), std::move(target), verb);
  channel.grants_version = version;
  channel.body_bytes_max = std::min(largest, decision.body_bytes.value_or(largest));
  // A rate that is still the same goes on where it was: a change of other grants refills nothing.
  if (!decision.rate) {
    channel.bucket.reset();
  } else if (!channel.bucket || channel.bucket->rate() != *decision.rate) {
    channel.bucket.emplace(*decision.rate, now);
  }
  return &channel;
}

core::SendErrorKind MessageRouter::refusal_of_nobody(const actor::ActorCell& from, std::string_view to,
                                                     security::Verb verb) const {
  if (!core::Address::is_valid(to)) return core::SendErrorKind::invalid_address;
  // One that has stopped is in no registry and may still write to his own address.
  const bool may = to == from.address().text() || grants_.decide(from.address().text(), to, verb);
  return may ? core::SendErrorKind::not_found : core::SendErrorKind::denied;
}

}  // namespace airssys::messaging
