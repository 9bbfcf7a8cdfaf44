#pragma once

#include <array>
#include <functional>
#include <mutex>
#include <shared_mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "airssys/actor/actor_cell.hpp"

namespace airssys::actor {

/// Which actor has which address. Looked up when a sender meets a target for the first time, not per message. Any thread.
class Registry {
 public:
  /// False: the address is taken.
  bool insert(ActorRef actor);
  /// Removes exactly this actor; another under the same address stays.
  bool erase(const ActorCell& actor);
  /// Null: nobody.
  ActorRef find(std::string_view address) const;
  /// A snapshot, sorted by address.
  std::vector<ActorRef> all() const;
  std::size_t size() const;

 private:
  /// A hash that may throw, as far as the library can see, is kept with its entry: a table that grows does not hash anew.
  struct Hash {
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  struct Shard {
    mutable std::shared_mutex mutex;
    std::unordered_map<std::string_view, ActorRef, Hash> actors;  ///< By the address that the actor itself has.
  };
  static constexpr std::size_t kShards = 16;

  Shard& shard_of(std::string_view address) { return shards_[Hash{}(address) % kShards]; }
  const Shard& shard_of(std::string_view address) const { return shards_[Hash{}(address) % kShards]; }

  std::array<Shard, kShards> shards_;
};

}  // namespace airssys::actor
