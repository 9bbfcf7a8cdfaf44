#pragma once

#include <array>
#include <functional>
#include <mutex>
#include <shared_mutex>
#include <string>
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
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  struct Shard {
    mutable std::shared_mutex mutex;
    std::unordered_map<std::string, ActorRef, Hash, std::equal_to<>> actors;
  };
  static constexpr std::size_t kShards = 16;

  Shard& shard_of(std::string_view address) noexcept { return shards_[Hash{}(address) % kShards]; }
  const Shard& shard_of(std::string_view address) const noexcept { return shards_[Hash{}(address) % kShards]; }

  std::array<Shard, kShards> shards_;
};

}  // namespace airssys::actor
