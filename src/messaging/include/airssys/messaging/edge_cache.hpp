#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "airssys/actor/actor_cell.hpp"
#include "airssys/actor/edge.hpp"
#include "airssys/core/block_cache.hpp"
#include "airssys/security/token_bucket.hpp"
#include "airssys/security/verb.hpp"

namespace airssys::messaging {

/// What one sender may do to one target with one verb: where it leads, how fast, how large. Good for as long as no grant has
/// changed and the target has not stopped.
struct Channel {
  actor::Edge* edge = nullptr;
  std::uint64_t grants_version = 0;  ///< 0: never decided.
  std::optional<security::TokenBucket> bucket;
  core::Bytes body_bytes_max = 0;  ///< The smaller of the target's limit and the grant's.
  std::uint64_t refused = 0;       ///< Messages that were refused at the target: no room, too large, too fast, its codec.
};

/// The targets that one sender has met, so that a message to a known one asks neither the grants nor the registry. All that
/// goes from the sender to a target goes along one edge, whatever the verb. Bounded, but for edges that are in use, by messages
/// or by topics: forgetting those would forget the sender's share. Where there are more than `kMost`, each new one has a few
/// others looked at, near its own place in the table, and those that are idle forgotten: it costs the same however many are in
/// use. Touched only by whoever runs the sender.
///
/// A chained table. Most actors talk to a few, many to one: so few stand in a single chain, without a table and unhashed.
class EdgeCache {
 public:
  static constexpr std::size_t kMost = 2048;

  EdgeCache() = default;
  EdgeCache(const EdgeCache&) = delete;
  EdgeCache& operator=(const EdgeCache&) = delete;
  ~EdgeCache() { clear(); }

  /// Null: not known, or no longer good.
  Channel* find(std::string_view to, security::Verb verb, std::uint64_t grants_version) noexcept;
  /// The channel to `target`, to be decided about. Another actor that had the address before is forgotten.
  Channel& channel(actor::ActorRef sender, actor::ActorRef target, security::Verb verb);
  /// The edge alone, to be kept: for what needs no grant of its own, as an event on its way to a subscriber.
  actor::EdgePtr edge(actor::ActorRef sender, actor::ActorRef target);
  /// How many targets are known, and those in `books` that have the most waiting.
  void add_to(actor::ActorBooks& books) const;
  /// Forgets all: edges hold their ends, and these may hold each other.
  void clear() noexcept;
  std::size_t size() const noexcept { return size_; }

 private:
  static constexpr std::size_t kFew = 4;
  /// For a new one, of so many at most, in so many chains.
  static constexpr std::size_t kLookedAt = 8;
  static constexpr std::size_t kChainsLookedAt = 64;

  struct Known : core::BlockAllocated {
    std::string_view address;  ///< As the target itself has it.
    actor::EdgePtr edge;
    Channel send;
    Channel request;
    Channel& of(security::Verb verb) noexcept { return verb == security::Verb::send ? send : request; }
    Known* next = nullptr;  ///< In its chain.
  };

  Known& known(actor::ActorRef sender, actor::ActorRef target);
  /// The link to the one of that address; the end of its chain if there is none.
  Known** link_to(std::string_view address) noexcept;
  /// For one more, of that address. True: links are no longer where they were.
  bool make_room(std::string_view address);
  void forget_idle_near(std::size_t chain) noexcept;
  void grow();
  void erase(Known** link) noexcept;
  Known* few_ = nullptr;
  std::unique_ptr<Known*[]> table_;  ///< None: all are in `few_`.
  Known** chains_ = &few_;
  std::size_t mask_ = 0;  ///< One less than there are chains, a power of two.
  std::size_t size_ = 0;
  Known* last_ = nullptr;  ///< Most actors talk to the same target again.
};

}  // namespace airssys::messaging
