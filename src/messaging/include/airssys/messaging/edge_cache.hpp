#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "airssys/actor/actor_cell.hpp"
#include "airssys/security/token_bucket.hpp"
#include "airssys/security/verb.hpp"

namespace airssys::messaging {

/// What one sender knows of one target: that it may, who it is, and how fast. Good for as long as no grant has changed and
/// the target has not stopped.
struct Edge {
  actor::ActorRef target;
  std::uint64_t grants_version = 0;
  std::optional<security::TokenBucket> bucket;
  core::Bytes body_bytes_max = 0;  ///< The smaller of the target's limit and the grant's.
};

/// The edges that one actor has used, so that a message to a known target asks neither the grants nor the registry. Bounded.
/// Touched only by whoever runs the actor.
class EdgeCache {
 public:
  static constexpr std::size_t kMost = 2048;

  /// Null: not known, or no longer good.
  Edge* find(std::string_view to, security::Verb verb, std::uint64_t grants_version) noexcept;
  Edge& insert(std::string_view to, security::Verb verb, Edge edge);
  /// Forgets all: edges hold their targets, and targets may hold each other.
  void clear() noexcept;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  using Edges = std::unordered_map<std::string, Edge, Hash, std::equal_to<>>;

  struct PerVerb {
    Edges edges;
    Edges::value_type* last = nullptr;  ///< Most actors talk to the same target again.
  };
  PerVerb& of(security::Verb verb) noexcept { return verb == security::Verb::send ? send_ : request_; }

  PerVerb send_;
  PerVerb request_;
};

}  // namespace airssys::messaging
