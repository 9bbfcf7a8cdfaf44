#include "airssys/messaging/edge_cache.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace airssys::messaging {
namespace {

std::size_t hash_of(std::string_view address) noexcept {
  return std::hash<std::string_view>{}(address);
}

}  // namespace

Channel* EdgeCache::find(std::string_view to, security::Verb verb, std::uint64_t grants_version) noexcept {
  if (last_ == nullptr || last_->address != to) {
    Known* const found = *link_to(to);
    if (found == nullptr) return nullptr;
    last_ = found;
  }
  Channel& channel = last_->of(verb);
  return channel.grants_version == grants_version && !channel.edge->target().stopped() ? &channel : nullptr;
}

Channel& EdgeCache::channel(actor::ActorRef sender, actor::ActorRef target, security::Verb verb) {
  Known& known = this->known(std::move(sender), std::move(target));
  Channel& channel = known.of(verb);
  channel.edge = known.edge.get();
  return channel;
}

actor::EdgePtr EdgeCache::edge(actor::ActorRef sender, actor::ActorRef target) {
  return actor::EdgePtr::share(*known(std::move(sender), std::move(target)).edge);
}

EdgeCache::Known** EdgeCache::link_to(std::string_view address) noexcept {
  const std::size_t chain = mask_ == 0 ? 0 : hash_of(address) & mask_;
  Known** link = &chains_[chain];
  while (*link != nullptr && (*link)->address != address) link = &(*link)->next;
  return link;
}

EdgeCache::Known& EdgeCache::known(actor::ActorRef sender, actor::ActorRef target) {
  const std::string_view address = target->address().text();
  Known** end = link_to(address);
  if (*end != nullptr) {
    if (&(*end)->edge->target() == target.get()) return **end;
    // Another actor had the address before, and the key is in it.
    erase(end);
    end = link_to(address);
  }
  if (make_room(address)) end = link_to(address);
  auto made = std::make_unique<Known>();
  made->address = address;
  made->edge = actor::Edge::make(std::move(sender), std::move(target));
  ++size_;
  *end = made.release();
  return **end;
}

bool EdgeCache::make_room(std::string_view address) {
  const bool many = size_ >= kMost;
  if (many) forget_idle_near(hash_of(address));
  const bool crowded = size_ >= std::max(kFew, mask_ + 1);
  if (crowded) grow();
  return many || crowded;
}

void EdgeCache::forget_idle_near(std::size_t chain) noexcept {
  std::size_t looked_at = 0;
  for (std::size_t i = 0; i < std::min(kChainsLookedAt, mask_ + 1) && looked_at < kLookedAt; ++i) {
    for (Known** link = &chains_[(chain + i) & mask_]; *link != nullptr; ++looked_at) {
      if ((*link)->edge->is_idle()) {
        erase(link);
      } else {
        link = &(*link)->next;
      }
    }
  }
}

void EdgeCache::grow() {
  const std::size_t chains = table_ == nullptr ? kFew * 4 : (mask_ + 1) * 2;
  auto table = std::make_unique<Known*[]>(chains);
  for (std::size_t chain = 0; chain <= mask_; ++chain) {
    while (Known* const known = chains_[chain]) {
      Known*& first = table[hash_of(known->address) & (chains - 1)];
      chains_[chain] = std::exchange(known->next, std::exchange(first, known));
    }
  }
  table_ = std::move(table);
  chains_ = table_.get();
  mask_ = chains - 1;
}

void EdgeCache::erase(Known** link) noexcept {
  last_ = nullptr;
  const std::unique_ptr<Known> gone(std::exchange(*link, (*link)->next));
  --size_;
}

void EdgeCache::clear() noexcept {
  for (std::size_t chain = 0; chain <= mask_; ++chain) {
    while (chains_[chain] != nullptr) erase(&chains_[chain]);
  }
}

void EdgeCache::add_to(actor::ActorBooks& books) const {
  using Busy = std::pair<std::pair<std::uint32_t, std::uint32_t>, const Known*>;
  std::vector<Busy> busiest;  // A heap, the least busy on top.
  for (std::size_t chain = 0; chain <= mask_; ++chain) {
    for (const Known* known = chains_[chain]; known != nullptr; known = known->next) {
      const Busy busy{{known->edge->messages(), known->edge->taken()}, known};
      const bool full = busiest.size() == actor::ActorBooks::kMostTargets;
      if (full && busy <= busiest.front()) continue;
      busiest.push_back(busy);
      std::ranges::push_heap(busiest, std::ranges::greater());
      if (!full) continue;
      std::ranges::pop_heap(busiest, std::ranges::greater());
      busiest.pop_back();
    }
  }
  std::ranges::sort_heap(busiest, std::ranges::greater());
  books.targets_known += size_;
  for (const auto& [counts, known] : busiest) {
    books.targets.push_back({.to = std::string(known->address),
                             .waiting = counts.first,
                             .waiting_bytes = known->edge->bytes(),
                             .taken = counts.second,
                             .refused = known->send.refused + known->request.refused});
  }
}

}  // namespace airssys::messaging
