#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

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
};

/// The targets that one sender has met, so that a message to a known one asks neither the grants nor the registry. All that
/// goes from the sender to a target goes along one edge, whatever the verb. Bounded, but for edges that are in use, by messages
/// or by topics: forgetting those would forget the sender's share. Touched only by whoever runs the sender.
class EdgeCache {
 public:
  static constexpr std::size_t kMost = 2048;

  /// Null: not known, or no longer good.
  Channel* find(std::string_view to, security::Verb verb, std::uint64_t grants_version) noexcept;
  /// The channel to `target`, to be decided about. Another actor that had the address before is forgotten.
  Channel& channel(const actor::ActorRef& sender, const actor::ActorRef& target, security::Verb verb);
  /// The edge alone, to be kept: for what needs no grant of its own, as an event on its way to a subscriber.
  actor::EdgePtr edge(const actor::ActorRef& sender, const actor::ActorRef& target);
  /// Forgets all: edges hold their ends, and these may hold each other.
  void clear() noexcept;

 private:
  struct Known {
    actor::EdgePtr edge;
    Channel send;
    Channel request;
    Channel& of(security::Verb verb) noexcept { return verb == security::Verb::send ? send : request; }
  };
  /// By the address that the target itself has.
  using Targets = std::unordered_map<std::string_view, Known, std::hash<std::string_view>, std::equal_to<>,
                                     core::BlockAllocator<std::pair<const std::string_view, Known>>>;

  Known& known(const actor::ActorRef& sender, const actor::ActorRef& target);
  void make_room() noexcept;

  Targets targets_;
  Targets::value_type* last_ = nullptr;  ///< Most actors talk to the same target again.
};

}  // namespace airssys::messaging
