#include "airssys/messaging/topics.hpp"

#include <algorithm>
#include <mutex>
#include <unordered_set>
#include <utility>

namespace airssys::messaging {
namespace {

/// A member of an audience in the making.
struct Found {
  std::uint64_t order;
  actor::ActorRef actor;
  std::string_view group;
};

bool has(const std::vector<actor::ActorRef>& actors, const actor::ActorRef& actor) noexcept {
  return std::ranges::find(actors, actor) != actors.end();
}

}  // namespace

void Topics::declare(DeclaredSubscription subscription, const std::vector<actor::ActorRef>& present) {
  const std::unique_lock lock(mutex_);
  if (subscription.group) rotations_.try_emplace(*subscription.group, std::make_shared<std::atomic<std::uint32_t>>(0));
  for (const actor::ActorRef& actor : present) {
    if (subscription.actors.matches(actor->address())) add(actor, subscription.topic, false, subscription.group.value_or(""));
  }
  declared_.push_back(std::move(subscription));
  any_declared_.store(true, std::memory_order_release);
}

void Topics::admit(actor::ActorCell& actor) {
  if (!any_declared_.load(std::memory_order_acquire)) return;
  const std::unique_lock lock(mutex_);
  for (const DeclaredSubscription& declared : declared_) {
    if (declared.actors.matches(actor.address()))
      add(actor::ActorRef(&actor), declared.topic, false, declared.group.value_or(""));
  }
}

void Topics::subscribe(const actor::ActorRef& actor, const security::TopicPattern& pattern) {
  const std::unique_lock lock(mutex_);
  add(actor, pattern, true, {});
}

void Topics::add(const actor::ActorRef& actor, const security::TopicPattern& topic, bool own, const std::string& group) {
  Pattern& pattern = patterns_.try_emplace(topic.text(), Pattern{.topic = topic, .members = {}}).first->second;
  const auto same = [&](const Member& member) { return member.actor == actor && member.own == own && member.group == group; };
  if (std::ranges::any_of(pattern.members, same)) return;
  pattern.members.push_back({.actor = actor, .order = ++order_, .own = own, .group = group});
  std::vector<std::string>& patterns = by_actor_[actor.get()];
  if (std::ranges::find(patterns, topic.text()) == patterns.end()) patterns.push_back(topic.text());
  subscribers_.store(by_actor_.size(), std::memory_order_release);
  version_.fetch_add(1, std::memory_order_release);
}

template <typename Is>
void Topics::erase_members(std::string_view pattern, const Is& is) {
  const auto found = patterns_.find(pattern);
  if (found == patterns_.end()) return;
  if (std::erase_if(found->second.members, is) > 0) version_.fetch_add(1, std::memory_order_release);
  if (found->second.members.empty()) patterns_.erase(found);
}

void Topics::unsubscribe(const actor::ActorCell& actor, std::string_view pattern) {
  const std::unique_lock lock(mutex_);
  erase_members(pattern, [&](const Member& member) { return member.actor.get() == &actor && member.own; });
}

void Topics::remove(const actor::ActorCell& actor) {
  if (subscribers_.load(std::memory_order_acquire) == 0) return;
  const std::unique_lock lock(mutex_);
  const auto found = by_actor_.find(&actor);
  if (found == by_actor_.end()) return;
  const auto is_it = [&](const Member& member) { return member.actor.get() == &actor; };
  for (const std::string& pattern : found->second) erase_members(pattern, is_it);
  by_actor_.erase(found);
  subscribers_.store(by_actor_.size(), std::memory_order_release);
}

Audience Topics::audience(std::string_view topic) const {
  Audience audience;
  std::vector<Found> found;
  const std::shared_lock lock(mutex_);
  audience.version = version();
  for (const auto& [text, pattern] : patterns_) {
    if (!pattern.topic.matches(topic)) continue;
    for (const Member& member : pattern.members) {
      if (member.own && !grants_.decide(member.actor->address().text(), text, security::Verb::subscribe)) continue;
      found.push_back({.order = member.order, .actor = member.actor, .group = member.group});
    }
  }
  std::ranges::sort(found, {}, &Found::order);
  std::unordered_set<const actor::ActorCell*> single;
  for (const Found& one : found) {
    if (one.group.empty() && single.insert(one.actor.get()).second) audience.everyone.push_back(one.actor);
  }
  std::map<std::string_view, std::vector<actor::ActorRef>> groups;
  for (const Found& one : found) {
    if (!one.group.empty() && !has(groups[one.group], one.actor)) groups[one.group].push_back(one.actor);
  }
  for (auto& [name, members] : groups) {
    // If a member gets the event anyway, one of the group has got it.
    const auto is_single = [&](const actor::ActorRef& member) { return single.contains(member.get()); };
    if (std::ranges::any_of(members, is_single)) continue;
    audience.groups.push_back({.members = std::move(members), .next = rotations_.find(name)->second});
  }
  return audience;
}

std::size_t Topics::size() const {
  const std::shared_lock lock(mutex_);
  std::size_t size = 0;
  for (const auto& [text, pattern] : patterns_) size += pattern.members.size();
  return size;
}

}  // namespace airssys::messaging
