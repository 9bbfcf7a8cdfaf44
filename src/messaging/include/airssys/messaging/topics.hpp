#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
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

/// Who is subscribed to what. An actor's own subscriptions are kept across restarts and end with it. Any thread.
///
/// A tree of the patterns' segments: to find what matches a topic takes a look at each of its segments, whatever else there
/// is, and each change is for one pattern. Who publishes keeps an audience for as long as the patterns that match its topic,
/// and their subscribers, are the same (`PatternState`); others may come and go. Nothing is done under the lock for long:
/// subscribers are read a few at a time (`Reading`).
class Topics {
 public:
  /// Members of a group take turns, whatever the topic and whoever publishes.
  struct Group {
    std::atomic<std::uint32_t> next{0};
  };
  struct Subscriber {
    actor::ActorRef actor;
    Group* group;  ///< Lives as long as the topics. Null: none.
  };
  /// Of each pattern that matches a topic, when it changed last. Equal states have equal subscribers.
  using PatternState = std::vector<std::uint64_t>;

  /// How far one has come in reading who is subscribed to a topic.
  class Reading {
   public:
    /// What was then is read, whatever has changed since.
    std::uint64_t as_of() const noexcept { return as_of_; }
    /// The version of the topics when reading began.
    std::uint64_t version() const noexcept { return version_; }
    const PatternState& state() const noexcept { return state_; }

   private:
    friend class Topics;
    std::string topic_;
    const actor::ActorCell* exempt_ = nullptr;
    std::uint64_t as_of_ = 0;
    std::uint64_t version_ = 0;
    PatternState state_;
    std::vector<std::string> patterns_;
    std::size_t at_ = 0;
    std::uint64_t after_ = 0;
  };

  /// Borrowed, outlives this: what was granted when an actor subscribed may have been revoked since.
  explicit Topics(const security::GrantTable& grants) : grants_(grants) {}
  Topics(const Topics&) = delete;
  Topics& operator=(const Topics&) = delete;

  /// Counts for the actors that are there, and for those that come. `present` is asked when those that come know of it, so that
  /// whoever is about to come is one of the two.
  void declare(DeclaredSubscription subscription, const std::function<std::vector<actor::ActorRef>()>& present);
  /// An actor that others can find now gets the subscriptions that were declared for it. Before its first message.
  void admit(actor::ActorCell& actor);

  /// Twice is once.
  void subscribe(const actor::ActorRef& actor, const security::TopicPattern& pattern);
  void unsubscribe(const actor::ActorCell& actor, std::string_view pattern);
  /// Ends all of an actor's, declared ones too: it has stopped. Cheap for an actor that has none.
  void remove(const actor::ActorCell& actor);

  /// Moves on with each change.
  std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }
  /// At most how many copies an event on `topic` has. Costs a look at each pattern that matches.
  std::size_t copies(std::string_view topic) const;

  /// Begins to read who is subscribed to `topic`: now, or, if it is `held`, as of then, but for `exempt`, who is read as of
  /// now.
  Reading read(std::string_view topic, std::optional<std::uint64_t> as_of = std::nullopt,
               const actor::ActorCell* exempt = nullptr) const;
  /// Adds the next of them to `found`, after a look at `most` of them; one may be found again, by another pattern. False: that
  /// was all.
  bool read_on(Reading& reading, std::size_t most, std::vector<Subscriber>& found) const;

  /// From now on until `let_go`, who is subscribed now can be read, whoever leaves meanwhile: of the last `kMostLeft` that do.
  std::uint64_t hold();
  void let_go(std::uint64_t held);
  static constexpr std::size_t kMostLeft = 1024;

  /// How many subscriptions there are, and, when nobody holds on to what was, of how many anything is kept.
  std::size_t size() const;
  std::size_t kept() const;

 private:
  struct Member {
    actor::ActorRef actor;  ///< Null: it has left.
    std::uint64_t order;    ///< When it subscribed: the version that this made.
    bool own;               ///< By itself: the grants are asked.
    Group* group;
  };
  struct Pattern {
    security::TopicPattern topic;
    std::vector<Member> members;  ///< By order.
    std::size_t left = 0;         ///< Of the members.
    std::size_t singles = 0;      ///< Members of no group.
    std::map<Group*, std::size_t> groups{};
    std::uint64_t changed = 0;
  };
  struct Node {
    std::size_t children = 0;
    std::unique_ptr<Pattern> pattern;  ///< That ends here. Null: none does.
  };
  struct Key {
    const Node* parent;
    std::string segment;
  };
  struct KeyView {
    const Node* parent;
    std::string_view segment;
  };
  /// An order to find them by, no more.
  struct KeyLess {
    using is_transparent = void;
    bool operator()(const auto& left, const auto& right) const noexcept {
      const int parents = std::less{}(left.parent, right.parent) ? -1 : left.parent == right.parent ? 0 : 1;
      return parents < 0 || (parents == 0 && std::string_view(left.segment) < std::string_view(right.segment));
    }
  };
  /// Ordered, not hashed: no change has to move all the others.
  using Nodes = std::map<Key, Node, KeyLess>;
  /// What an actor has.
  struct Entry {
    Pattern* pattern;
    std::uint64_t order;
    bool own;
    Group* group;
  };
  /// Who left while somebody held on to what was.
  struct Left {
    std::uint64_t ended;
    Pattern pattern;  ///< With this member alone.
  };
  using Chunk = std::vector<std::pair<Subscriber, bool>>;  ///< With `own`.

  // With the lock held.
  const Node* child(const Node& node, std::string_view segment) const;
  Pattern* find(std::string_view pattern) const;
  Pattern& find_or_make(const security::TopicPattern& topic);
  void erase(const Pattern& pattern);
  template <typename Visit>
  void for_each_match(const Node& node, std::string_view rest, const Visit& visit) const;
  void add(const actor::ActorRef& actor, const security::TopicPattern& topic, bool own, Group* group);
  void leave(const Entry& entry, bool stopped);
  void compact(Pattern& pattern);
  std::uint64_t next_version() noexcept;
  Group* group_of(const DeclaredSubscription& declared);
  Chunk next_of_pattern(Reading& reading, std::size_t most, std::string& pattern) const;
  bool was_there(const Reading& reading, const Left& left) const;

  bool may_hear(const Subscriber& subscriber, std::string_view pattern) const;
  void read_left(Reading& reading, std::vector<Subscriber>& found) const;
  void end_if_stopped(const actor::ActorCell& actor);

  const security::GrantTable& grants_;
  mutable std::shared_mutex mutex_;
  Node root_;
  Nodes nodes_;  ///< All but the root.
  std::unordered_map<const actor::ActorCell*, std::vector<Entry>> by_actor_;
  std::vector<DeclaredSubscription> declared_;
  std::map<std::string, Group, std::less<>> groups_;
  std::multiset<std::uint64_t> held_;
  std::deque<Left> left_;  ///< By `ended`.
  std::atomic<std::uint64_t> version_{1};
  // So that actors which come and go take no lock where nobody is subscribed to anything.
  std::atomic<bool> any_declared_{false};
  std::atomic<std::size_t> subscribers_{0};
};

}  // namespace airssys::messaging
