#pragma once

#include <expected>
#include <string_view>

#include "airssys/actor/registry.hpp"
#include "airssys/actor/transaction.hpp"
#include "airssys/core/message.hpp"
#include "airssys/messaging/edge_cache.hpp"
#include "airssys/messaging/metrics.hpp"
#include "airssys/security/grant_table.hpp"

namespace airssys::messaging {

/// From an address to a channel: may this sender, and who is it? What a sender is not granted is `denied` whether it exists or
/// not, so that it learns nothing of it. Any thread; a cache only on the thread that owns it.
class MessageRouter {
 public:
  MessageRouter(const actor::Registry& registry, const security::GrantTable& grants) : registry_(registry), grants_(grants) {}

  std::expected<Channel*, core::SendError> resolve(actor::ActorCell& from, EdgeCache& edges, std::string_view to,
                                                   security::Verb verb, core::MonotonicTime now, Tally& tally) const {
    // The way of nearly every message; what follows is for strangers.
    if (Channel* known = edges.find(to, verb, grants_.version())) return known;
    tally.introductions.add();
    return introduce(from, edges, to, verb, now);
  }

  /// Null: nobody has this address.
  actor::ActorRef find(std::string_view address) const { return registry_.find(address); }

 private:
  std::expected<Channel*, core::SendError> introduce(actor::ActorCell& from, EdgeCache& edges, std::string_view to,
                                                     security::Verb verb, core::MonotonicTime now) const;
  core::SendErrorKind refusal_of_nobody(const actor::ActorCell& from, std::string_view to, security::Verb verb) const;

  const actor::Registry& registry_;
  const security::GrantTable& grants_;
};

}  // namespace airssys::messaging
