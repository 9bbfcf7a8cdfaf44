#include "airssys/actor/stopped_actors.hpp"

#include <utility>

namespace airssys::actor {

void StoppedActors::add(StoppedActor stopped) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  erase(stopped.actor->address().text());
  Ages& ages = ages_of(stopped.cause);
  ages.push_back(std::move(stopped));
  by_address_.emplace(ages.back().actor->address().text(), std::prev(ages.end()));
  make_room();
  size_.store(by_address_.size(), std::memory_order_release);
}

void StoppedActors::make_room() {
  while (by_address_.size() > kMost) {
    Ages& ages = ordered_.empty() ? gave_up_ : ordered_;
    by_address_.erase(ages.front().actor->address().text());
    ages.pop_front();
  }
}

void StoppedActors::add_unhandled(const ActorCell& actor, std::uint64_t messages) {
  if (messages == 0 || size() == 0) return;
  const std::lock_guard lock(mutex_);
  const auto found = by_address_.find(actor.address().text());
  if (found != by_address_.end() && found->second->actor.get() == &actor) found->second->unhandled += messages;
}

std::optional<StoppedActor> StoppedActors::find(std::string_view address) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_address_.find(address);
  if (found == by_address_.end()) return std::nullopt;
  return *found->second;
}

bool StoppedActors::erase(std::string_view address) {
  const auto found = by_address_.find(address);
  if (found == by_address_.end()) return false;
  const Ages::iterator stopped = found->second;
  by_address_.erase(found);
  ages_of(stopped->cause).erase(stopped);
  return true;
}

bool StoppedActors::remove(std::string_view address) {
  if (size() == 0) return false;
  const std::lock_guard lock(mutex_);
  const bool removed = erase(address);
  size_.store(by_address_.size(), std::memory_order_release);
  return removed;
}

std::vector<StoppedActor> StoppedActors::all() const {
  std::vector<StoppedActor> stopped;
  if (size() == 0) return stopped;
  const std::lock_guard lock(mutex_);
  for (const auto& [address, one] : by_address_) stopped.push_back(*one);
  return stopped;
}

void StoppedActors::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
}

void StoppedActors::clear() {
  const std::lock_guard lock(mutex_);
  by_address_.clear();
  gave_up_.clear();
  ordered_.clear();
  size_.store(0, std::memory_order_release);
}

}  // namespace airssys::actor
