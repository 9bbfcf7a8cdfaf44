#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string_view>
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
  /// A part of it.
  struct Page {
    std::vector<ActorRef> actors;
    std::size_t matching = 0;  ///< How many there were to choose from.
  };
  /// Of the actors whose addresses come after `after` and match `pattern` (null: any), the first `most` by address. Costs a
  /// look at every actor, and holds no more of them than it returns.
  Page page(std::string_view after, const core::AddressPattern* pattern, std::size_t most) const;
  std::size_t size() const;

 private:
  /// A chained table whose links are in the actors: an actor comes and goes without an allocation, and mostly without a look at
  /// any other.
  class Shard {
   public:
    Shard() = default;
    Shard(const Shard&) = delete;
    Shard& operator=(const Shard&) = delete;
    ~Shard();

    /// The link to the actor of that address; the end of its chain if there is none.
    ActorCell** find(std::string_view address, std::size_t hash);
    ActorCell* find(std::string_view address, std::size_t hash) const;
    /// The link is one that `find` has just said is an end.
    void insert(ActorCell** end, ActorRef actor);
    ActorRef take(ActorCell** link) noexcept;
    template <typename Visit>
    void for_each(const Visit& visit) const;
    std::size_t size() const noexcept { return size_; }

    /// For a few instructions; a shared one costs as much to enter, and more to enter alone.
    mutable std::mutex mutex;

   private:
    void grow();

    std::vector<ActorCell*> chains_ = std::vector<ActorCell*>(16);  ///< A power of two of them.
    std::size_t size_ = 0;
  };
  static constexpr std::size_t kShards = 16;

  static std::size_t hash_of(std::string_view address) noexcept { return std::hash<std::string_view>{}(address); }
  // The lowest bits choose the chain.
  Shard& shard_of(std::size_t hash) noexcept { return shards_[(hash >> 48) % kShards]; }
  const Shard& shard_of(std::size_t hash) const noexcept { return shards_[(hash >> 48) % kShards]; }

  std::array<Shard, kShards> shards_;
};

}  // namespace airssys::actor
