#include "airssys/messaging/edge_cache.hpp"

#include <utility>

namespace airssys::messaging {

Channel* EdgeCache::find(std::string_view to, security::Verb verb, std::uint64_t grants_version) noexcept {
  if (last_ == nullptr || last_->first != to) {
    const auto found = targets_.find(to);
    if (found == targets_.end()) return nullptr;
    last_ = &*found;
  }
  Channel& channel = last_->second.of(verb);
  return channel.grants_version == grants_version && !channel.edge->target().stopped() ? &channel : nullptr;
}

Channel& EdgeCache::channel(const actor::ActorRef& sender, const actor::ActorRef& target, security::Verb verb) {
  Known& known = this->known(sender, target);
  Channel& channel = known.of(verb);
  channel.edge = known.edge.get();
  return channel;
}

actor::EdgePtr EdgeCache::edge(const actor::ActorRef& sender, const actor::ActorRef& target) {
  return actor::EdgePtr::share(*known(sender, target).edge);
}

EdgeCache::Known& EdgeCache::known(const actor::ActorRef& sender, const actor::ActorRef& target) {
  const std::string_view address = target->address().text();
  const auto found = targets_.find(address);
  if (found != targets_.end()) {
    if (&found->second.edge->target() == target.get()) return found->second;
    // Another actor had the address before, and the key is in it.
    last_ = nullptr;
    const Known gone = std::move(found->second);
    targets_.erase(found);
  }
  if (targets_.size() >= kMost) make_room();
  Known& known = targets_.try_emplace(address).first->second;
  known.edge = actor::Edge::make(sender, target);
  return known;
}

void EdgeCache::make_room() noexcept {
  std::erase_if(targets_, [](const auto& entry) { return entry.second.edge->is_idle(); });
  last_ = nullptr;
}

void EdgeCache::clear() noexcept {
  last_ = nullptr;
  targets_.clear();
}

}  // namespace airssys::messaging
