#include "airssys/messaging/topics.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace airssys::messaging {
namespace {

/// Takes the first segment off.
std::string_view take_segment(std::string_view& rest) noexcept {
  const std::size_t dot = rest.find('.');
  const std::string_view segment = rest.substr(0, dot);
  rest.remove_prefix(dot == std::string_view::npos ? rest.size() : dot + 1);
  return segment;
}

}  // namespace

const Topics::Node* Topics::child(const Node& node, std::string_view segment) const {
  const auto found = nodes_.find(KeyView{.parent = &node, .segment = segment});
  return found == nodes_.end() ? nullptr : &found->second;
}

Topics::Pattern* Topics::find(std::string_view pattern) const {
  const Node* node = &root_;
  while (node != nullptr && !pattern.empty()) node = child(*node, take_segment(pattern));
  return node == nullptr ? nullptr : node->pattern.get();
}

Topics::Pattern& Topics::find_or_make(const security::TopicPattern& topic) {
  Node* node = &root_;
  for (std::string_view rest = topic.text(); !rest.empty();) {
    const auto [place, made] = nodes_.try_emplace(Key{.parent = node, .segment = std::string(take_segment(rest))});
    if (made) ++node->children;
    node = &place->second;
  }
  if (node->pattern == nullptr) node->pattern = std::make_unique<Pattern>(Pattern{.topic = topic, .members = {}});
  return *node->pattern;
}

void Topics::erase(const Pattern& pattern) {
  std::vector<std::pair<Node*, Nodes::iterator>> way;
  const std::string text = pattern.topic.text();
  Node* node = &root_;
  for (std::string_view rest = text; !rest.empty();) {
    const auto found = nodes_.find(KeyView{.parent = node, .segment = take_segment(rest)});
    way.emplace_back(node, found);
    node = &found->second;
  }
  node->pattern.reset();
  for (; !way.empty(); way.pop_back()) {
    const auto [parent, place] = way.back();
    if (place->second.pattern != nullptr || place->second.children > 0) return;
    nodes_.erase(place);
    --parent->children;
  }
}

template <typename Visit>
void Topics::for_each_match(const Node& node, std::string_view rest, const Visit& visit) const {
  // At the end of the topic, too: `#` is any number of segments. A lone one is at least one, since no topic is empty.
  if (const Node* const all = child(node, "#"); all != nullptr && all->pattern != nullptr) visit(*all->pattern);
  if (rest.empty()) {
    if (node.pattern != nullptr) visit(*node.pattern);
    return;
  }
  const std::string_view segment = take_segment(rest);
  if (const Node* const same = child(node, segment)) for_each_match(*same, rest, visit);
  if (const Node* const any = child(node, "*")) for_each_match(*any, rest, visit);
}

std::uint64_t Topics::next_version() noexcept {
  const std::uint64_t next = version_.load(std::memory_order_relaxed) + 1;
  version_.store(next, std::memory_order_release);
  return next;
}

Topics::Group* Topics::group_of(const DeclaredSubscription& declared) {
  return declared.group ? &groups_.try_emplace(*declared.group).first->second : nullptr;
}

void Topics::declare(DeclaredSubscription subscription, const std::function<std::vector<actor::ActorRef>()>& present) {
  Group* group = nullptr;
  {
    const std::unique_lock lock(mutex_);
    group = group_of(subscription);
    declared_.push_back(subscription);
    any_declared_.store(true, std::memory_order_release);
  }
  for (const actor::ActorRef& actor : present()) {
    if (!subscription.actors.matches(actor->address())) continue;
    {
      const std::unique_lock lock(mutex_);
      add(actor, subscription.topic, false, group);
    }
    end_if_stopped(*actor);
  }
}

void Topics::admit(actor::ActorCell& actor) {
  if (!any_declared_.load(std::memory_order_acquire)) return;
  {
    const std::unique_lock lock(mutex_);
    for (const DeclaredSubscription& declared : declared_) {
      if (declared.actors.matches(actor.address())) add(actor::ActorRef(&actor), declared.topic, false, group_of(declared));
    }
  }
  end_if_stopped(actor);
}

void Topics::subscribe(const actor::ActorRef& actor, const security::TopicPattern& pattern) {
  const std::unique_lock lock(mutex_);
  add(actor, pattern, true, nullptr);
}

void Topics::add(const actor::ActorRef& actor, const security::TopicPattern& topic, bool own, Group* group) {
  Pattern& pattern = find_or_make(topic);
  std::vector<Entry>& entries = by_actor_[actor.get()];
  const auto same = [&](const Entry& entry) { return entry.pattern == &pattern && entry.own == own && entry.group == group; };
  if (std::ranges::any_of(entries, same)) return;
  pattern.changed = next_version();
  pattern.members.push_back({.actor = actor, .order = pattern.changed, .own = own, .group = group});
  if (group == nullptr) {
    ++pattern.singles;
  } else {
    ++pattern.groups[group];
  }
  entries.push_back({.pattern = &pattern, .order = pattern.changed, .own = own, .group = group});
  // Exchanged, not stored: an actor that stops just now either sees it or is seen to have stopped.
  subscribers_.exchange(by_actor_.size(), std::memory_order_acq_rel);
}

void Topics::end_if_stopped(const actor::ActorCell& actor) {
  if (actor.stopped()) remove(actor);
}

void Topics::leave(const Entry& entry, bool stopped) {
  Pattern& pattern = *entry.pattern;
  const auto member = std::ranges::lower_bound(pattern.members, entry.order, {}, &Member::order);
  pattern.changed = next_version();
  if (!stopped && !held_.empty() && entry.order <= *held_.rbegin()) {
    left_.push_back({.ended = pattern.changed, .pattern = {.topic = pattern.topic, .members = {*member}}});
    if (left_.size() > kMostLeft) left_.pop_front();
  }
  member->actor = {};
  ++pattern.left;
  if (entry.group == nullptr) {
    --pattern.singles;
  } else if (const auto group = pattern.groups.find(entry.group); --group->second == 0) {
    pattern.groups.erase(group);
  }
  compact(pattern);
}

void Topics::compact(Pattern& pattern) {
  if (pattern.left == pattern.members.size()) return erase(pattern);
  // Half of them at once, so that each costs the same on average.
  if (pattern.left * 2 < pattern.members.size()) return;
  std::erase_if(pattern.members, [](const Member& member) { return !member.actor; });
  pattern.left = 0;
}

void Topics::unsubscribe(const actor::ActorCell& actor, std::string_view pattern) {
  const std::unique_lock lock(mutex_);
  const Pattern* const there = find(pattern);
  const auto found = by_actor_.find(&actor);
  if (there == nullptr || found == by_actor_.end()) return;
  std::vector<Entry>& entries = found->second;
  const auto entry = std::ranges::find_if(entries, [&](const Entry& one) { return one.pattern == there && one.own; });
  if (entry == entries.end()) return;
  leave(*entry, false);
  *entry = entries.back();
  entries.pop_back();
  if (entries.empty()) by_actor_.erase(found);
  subscribers_.store(by_actor_.size(), std::memory_order_release);
}

void Topics::remove(const actor::ActorCell& actor) {
  if (subscribers_.fetch_add(0, std::memory_order_acq_rel) == 0) return;
  const std::unique_lock lock(mutex_);
  const auto found = by_actor_.find(&actor);
  if (found == by_actor_.end()) return;
  for (const Entry& entry : found->second) leave(entry, true);
  by_actor_.erase(found);
  subscribers_.store(by_actor_.size(), std::memory_order_release);
}

std::size_t Topics::copies(std::string_view topic) const {
  std::size_t copies = 0;
  const std::shared_lock lock(mutex_);
  for_each_match(root_, topic, [&](const Pattern& pattern) { copies += pattern.singles + pattern.groups.size(); });
  return copies;
}

Topics::Reading Topics::read(std::string_view topic, std::optional<std::uint64_t> as_of, const actor::ActorCell* exempt) const {
  Reading reading;
  reading.topic_ = topic;
  reading.exempt_ = exempt;
  const std::shared_lock lock(mutex_);
  reading.version_ = version();
  reading.as_of_ = as_of.value_or(reading.version_);
  for_each_match(root_, topic, [&](const Pattern& pattern) {
    reading.state_.push_back(pattern.changed);
    reading.patterns_.push_back(pattern.topic.text());
  });
  return reading;
}

Topics::Chunk Topics::next_of_pattern(Reading& reading, std::size_t most, std::string& text) const {
  Chunk chunk;
  text = reading.patterns_[reading.at_];
  const Pattern* const pattern = find(text);
  // It may have gone, and come again with others, since reading began.
  const auto end_of_pattern = [&] {
    ++reading.at_;
    reading.after_ = 0;
    return std::move(chunk);
  };
  if (pattern == nullptr) return end_of_pattern();
  auto member = std::ranges::upper_bound(pattern->members, reading.after_, {}, &Member::order);
  for (; member != pattern->members.end() && most > 0; ++member, --most) {
    reading.after_ = member->order;
    const bool counts = member->order <= reading.as_of_ || member->actor.get() == reading.exempt_;
    if (member->actor && counts) chunk.emplace_back(Subscriber{.actor = member->actor, .group = member->group}, member->own);
  }
  if (member == pattern->members.end()) return end_of_pattern();
  return chunk;
}

bool Topics::may_hear(const Subscriber& subscriber, std::string_view pattern) const {
  return static_cast<bool>(grants_.decide(subscriber.actor->address().text(), pattern, security::Verb::subscribe));
}

bool Topics::read_on(Reading& reading, std::size_t most, std::vector<Subscriber>& found) const {
  if (reading.at_ == reading.patterns_.size()) {
    read_left(reading, found);
    return false;
  }
  std::string pattern;
  Chunk chunk;
  {
    const std::shared_lock lock(mutex_);
    chunk = next_of_pattern(reading, most, pattern);
  }
  for (auto& [subscriber, own] : chunk) {
    if (!own || may_hear(subscriber, pattern)) found.push_back(std::move(subscriber));
  }
  return true;
}

bool Topics::was_there(const Reading& reading, const Left& left) const {
  const Member& member = left.pattern.members.front();
  return left.ended > reading.as_of_ && member.order <= reading.as_of_ && member.actor.get() != reading.exempt_ &&
         left.pattern.topic.matches(reading.topic_);
}

void Topics::read_left(Reading& reading, std::vector<Subscriber>& found) const {
  std::vector<Pattern> there;
  {
    const std::shared_lock lock(mutex_);
    for (const Left& left : left_) {
      if (was_there(reading, left)) there.push_back(left.pattern);
    }
  }
  for (const Pattern& pattern : there) {
    const Member& member = pattern.members.front();
    const Subscriber subscriber{.actor = member.actor, .group = member.group};
    if (!member.own || may_hear(subscriber, pattern.topic.text())) found.push_back(subscriber);
  }
}

std::uint64_t Topics::hold() {
  const std::unique_lock lock(mutex_);
  return *held_.insert(version());
}

void Topics::let_go(std::uint64_t held) {
  const std::unique_lock lock(mutex_);
  held_.erase(held_.find(held));
  while (!left_.empty() && (held_.empty() || left_.front().ended <= *held_.begin())) left_.pop_front();
}

std::size_t Topics::size() const {
  const std::shared_lock lock(mutex_);
  std::size_t size = 0;
  for (const auto& [actor, entries] : by_actor_) size += entries.size();
  return size;
}

std::size_t Topics::kept() const {
  const std::shared_lock lock(mutex_);
  std::size_t kept = left_.size();
  for (const auto& [key, node] : nodes_) kept += 1 + (node.pattern == nullptr ? 0 : node.pattern->members.size());
  return kept;
}

}  // namespace airssys::messaging
