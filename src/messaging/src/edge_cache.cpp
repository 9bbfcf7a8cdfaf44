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
  const std::string& address = target->address().text();
  auto found = targets_.find(address);
  if (found == targets_.end()) {
    if (targets_.size() >= kMost) make_room();
    found = targets_.try_emplace(address).first;
  }
  Known& known = found->second;
  if (!known.edge || &known.edge->target() != target.get()) {
    known = {};
    known.edge = actor::Edge::make(sender, target);
  }
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
