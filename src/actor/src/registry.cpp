#include "airssys/actor/registry.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace airssys::actor {

bool Registry::insert(ActorRef actor) {
  const std::string_view address = actor->address().text();
  Shard& shard = shard_of(address);
  const std::unique_lock lock(shard.mutex);
  return shard.actors.try_emplace(address, std::move(actor)).second;
}

bool Registry::erase(const ActorCell& actor) {
  Shard& shard = shard_of(actor.address().text());
  const std::unique_lock lock(shard.mutex);
  const auto found = shard.actors.find(actor.address().text());
  if (found == shard.actors.end() || found->second.get() != &actor) return false;
  // Kept beyond the entry, whose key is in it.
  const ActorRef gone = std::move(found->second);
  shard.actors.erase(found);
  return true;
}

ActorRef Registry::find(std::string_view address) const {
  const Shard& shard = shard_of(address);
  const std::shared_lock lock(shard.mutex);
  const auto found = shard.actors.find(address);
  return found == shard.actors.end() ? ActorRef() : found->second;
}

std::vector<ActorRef> Registry::all() const {
  std::vector<ActorRef> actors;
  for (const Shard& shard : shards_) {
    const std::shared_lock lock(shard.mutex);
    for (const auto& [address, actor] : shard.actors) actors.push_back(actor);
  }
  std::ranges::sort(actors, {}, [](const ActorRef& actor) -> const std::string& { return actor->address().text(); });
  return actors;
}

std::size_t Registry::size() const {
  std::size_t size = 0;
  for (const Shard& shard : shards_) {
    const std::shared_lock lock(shard.mutex);
    size += shard.actors.size();
  }
  return size;
}

}  // namespace airssys::actor
