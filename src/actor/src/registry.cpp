#include "airssys/actor/registry.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace airssys::actor {

Registry::Shard::~Shard() {
  for (ActorCell* chain : chains_) {
    while (chain != nullptr) ActorRef::adopt(std::exchange(chain, chain->next_in_registry_));
  }
}

ActorCell** Registry::Shard::find(std::string_view address, std::size_t hash) {
  ActorCell** link = &chains_[hash & (chains_.size() - 1)];
  while (*link != nullptr && ((*link)->address_hash_ != hash || (*link)->address().text() != address)) {
    link = &(*link)->next_in_registry_;
  }
  return link;
}

ActorCell* Registry::Shard::find(std::string_view address, std::size_t hash) const {
  return *const_cast<Shard*>(this)->find(address, hash);
}

void Registry::Shard::insert(ActorCell** end, ActorRef actor) {
  *end = actor.detach();
  if (++size_ > chains_.size()) grow();
}

ActorRef Registry::Shard::take(ActorCell** link) noexcept {
  --size_;
  ActorRef actor = ActorRef::adopt(*link);
  *link = std::exchange(actor->next_in_registry_, nullptr);
  return actor;
}

template <typename Visit>
void Registry::Shard::for_each(const Visit& visit) const {
  for (ActorCell* chain : chains_) {
    for (ActorCell* actor = chain; actor != nullptr; actor = actor->next_in_registry_) visit(*actor);
  }
}

void Registry::Shard::grow() {
  std::vector<ActorCell*> larger(chains_.size() * 2);
  for (ActorCell* chain : chains_) {
    while (chain != nullptr) {
      ActorCell* const actor = std::exchange(chain, chain->next_in_registry_);
      actor->next_in_registry_ = std::exchange(larger[actor->address_hash_ & (larger.size() - 1)], actor);
    }
  }
  chains_ = std::move(larger);
}

bool Registry::insert(ActorRef actor) {
  const std::size_t hash = hash_of(actor->address().text());
  actor->address_hash_ = hash;
  Shard& shard = shard_of(hash);
  const std::lock_guard lock(shard.mutex);
  ActorCell** const link = shard.find(actor->address().text(), hash);
  if (*link != nullptr) return false;
  shard.insert(link, std::move(actor));
  return true;
}

bool Registry::erase(const ActorCell& actor) {
  Shard& shard = shard_of(actor.address_hash_);
  ActorRef gone;
  const std::lock_guard lock(shard.mutex);
  ActorCell** const link = shard.find(actor.address().text(), actor.address_hash_);
  if (*link != &actor) return false;
  gone = shard.take(link);
  return true;
}

ActorRef Registry::find(std::string_view address) const {
  const std::size_t hash = hash_of(address);
  const Shard& shard = shard_of(hash);
  const std::lock_guard lock(shard.mutex);
  return ActorRef(shard.find(address, hash));
}

std::vector<ActorRef> Registry::all() const {
  std::vector<ActorRef> actors;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    shard.for_each([&actors](ActorCell& actor) { actors.emplace_back(&actor); });
  }
  std::ranges::sort(actors, {}, [](const ActorRef& actor) -> const std::string& { return actor->address().text(); });
  return actors;
}

namespace {

bool before(const ActorRef& left, const ActorRef& right) noexcept {
  return left->address().text() < right->address().text();
}

}  // namespace

Registry::Page Registry::page(std::string_view after, const core::AddressPattern* pattern, std::size_t most) const {
  Page page;
  std::vector<ActorRef>& first = page.actors;  // A heap, the last of the first on top.
  const auto consider = [&](ActorCell& actor) {
    const std::string& address = actor.address().text();
    if (address <= after || (pattern != nullptr && !pattern->matches(actor.address()))) return;
    ++page.matching;
    if (first.size() == most && (most == 0 || address > first.front()->address().text())) return;
    first.emplace_back(&actor);
    std::ranges::push_heap(first, before);
    if (first.size() <= most) return;
    std::ranges::pop_heap(first, before);
    first.pop_back();
  };
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    shard.for_each(consider);
  }
  std::ranges::sort_heap(first, before);
  return page;
}

std::size_t Registry::size() const {
  std::size_t size = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    size += shard.size();
  }
  return size;
}

}  // namespace airssys::actor
