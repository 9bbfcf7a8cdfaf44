#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "airssys/actor/actor_cell.hpp"
#include "airssys/core/address.hpp"
#include "airssys/security/grant_table.hpp"
#include "airssys/security/topic.hpp"

namespace airssys::messaging {

/// A subscription that the owner of the system made for actors, now and to come: it needs no grant.
struct DeclaredSubscription {
  security::TopicPattern topic;
  core::AddressPattern actors;
  std::optional<std::string> group{};  ///< One of the group gets each event; without: each actor does.
};

/// Who gets the events of one topic, as it was when `version` was read. Publishers keep what they make of it until the version
/// of the topics or of the grants has moved on. A value.
struct Audience {
  /// Its members take turns, whatever the topic and whoever publishes.
  using Rotation = std::shared_ptr<std::atomic<std::uint32_t>>;
  struct Group {
    std::vector<actor::ActorRef> members;
    Rotation next;
  };
  std::uint64_t version = 0;
  std::vector<actor::ActorRef> everyone;  ///< Each once, in the order in which they subscribed.
  std::vector<Group> groups;              ///< Of each, one member gets the event.
};

/// Who is subscribed to what. An actor's own subscriptions are kept across restarts and end with it. Any thread.
///
/// An event costs no lookup here while nothing changes. After a change, finding a topic's audience costs a look at each
/// distinct pattern.
class Topics {
 public:
  /// Borrowed, outlives this: what was granted when an actor subscribed may have been revoked since.
  explicit Topics(const security::GrantTable& grants) : grants_(grants) {}
  Topics(const Topics&) = delete;
  Topics& operator=(const Topics&) = delete;

  /// Counts for the actors that are there, and for those that come.
  void declare(DeclaredSubscription subscription, const std::vector<actor::ActorRef>& present);
  /// A new actor gets the subscriptions that were declared for it. Before its first message.
  void admit(actor::ActorCell& actor);

  /// Twice is once.
  void subscribe(const actor::ActorRef& actor, const security::TopicPattern& pattern);
  void unsubscribe(const actor::ActorCell& actor, std::string_view pattern);
  /// Ends all of an actor's, declared ones too. Cheap for an actor that has none.
  void remove(const actor::ActorCell& actor);

  /// Moves on with each change.
  std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }
  Audience audience(std::string_view topic) const;
  /// How many subscriptions there are.
  std::size_t size() const;

 private:
  struct Member {
    actor::ActorRef actor;
    std::uint64_t order;  ///< When it subscribed.
    bool own;             ///< By itself: the grants are asked.
    std::string group;    ///< Empty: none.
  };
  struct Pattern {
    security::TopicPattern topic;
    std::vector<Member> members;
  };

  void add(const actor::ActorRef& actor, const security::TopicPattern& topic, bool own, const std::string& group);
  template <typename Is>
  void erase_members(std::string_view pattern, const Is& is);

  const security::GrantTable& grants_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, Pattern, std::less<>> patterns_;
  std::unordered_map<const actor::ActorCell*, std::vector<std::string>> by_actor_;
  std::vector<DeclaredSubscription> declared_;
  std::map<std::string, Audience::Rotation, std::less<>> rotations_;  ///< By group.
  std::uint64_t order_ = 0;
  std::atomic<std::uint64_t> version_{1};
  // So that actors which come and go take no lock where nobody is subscribed to anything.
  std::atomic<bool> any_declared_{false};
  std::atomic<std::size_t> subscribers_{0};
};

}  // namespace airssys::messaging
