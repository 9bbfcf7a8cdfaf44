#include "airssys/messaging/distribution.hpp"

#include <algorithm>

namespace airssys::messaging {

std::size_t Audience::edges() const noexcept {
  std::size_t edges = everyone.size();
  for (const Group& group : groups) edges += group.members.size();
  return edges;
}

bool AudienceReading::note(const Topics::Group* group, const actor::Edge& edge) {
  return seen_.emplace(group, &edge).second;
}

void AudienceReading::add(Topics::Group* group, actor::EdgePtr edge) {
  if (group == nullptr) {
    audience_.everyone.push_back(std::move(edge));
    return;
  }
  auto found = std::ranges::find(audience_.groups, group, &Audience::Group::turns);
  if (found == audience_.groups.end()) found = audience_.groups.insert(found, {.turns = group, .members = {}});
  found->members.push_back(std::move(edge));
}

bool AudienceReading::read_on(const Topics& topics, const actor::ActorRef& publisher, EdgeCache& edges, std::size_t& most) {
  while (most > 0) {
    const std::size_t step = std::min(most, actor::Correspondence::kSlice);
    std::vector<Topics::Subscriber> found;
    const bool more = topics.read_on(reading_, step, found);
    for (Topics::Subscriber& subscriber : found) {
      actor::EdgePtr edge = edges.edge(publisher, std::move(subscriber.actor));
      if (note(subscriber.group, *edge)) add(subscriber.group, std::move(edge));
    }
    // A pattern without members costs something, too.
    most -= std::clamp<std::size_t>(found.size(), 1, most);
    if (!more) return true;
  }
  return false;
}

Audience AudienceReading::take() {
  // If a member gets the event anyway, one of the group has got it.
  const auto hears_anyway = [&](const actor::EdgePtr& member) { return seen_.contains({nullptr, member.get()}); };
  std::erase_if(audience_.groups,
                [&](const Audience::Group& group) { return std::ranges::any_of(group.members, hears_anyway); });
  return std::move(audience_);
}

void Outlet::forget_audience() noexcept {
  audience = {};
  topics_version = 0;
  state.reset();
  moment = 0;
}

Outlet* Outlets::find(std::string_view topic) noexcept {
  if (last_ == nullptr || last_->first != topic) {
    const auto found = outlets_.find(topic);
    if (found == outlets_.end()) return nullptr;
    last_ = &*found;
  }
  return &last_->second;
}

Outlet& Outlets::insert(std::string_view topic) {
  if (outlets_.size() >= kMost) clear();
  const auto place = outlets_.try_emplace(std::string(topic)).first;
  last_ = &*place;
  place->second.topic = core::make_counted<actor::Extra>(topic);
  return place->second;
}

void Outlets::set_audience(Outlet& outlet, Audience audience) {
  edges_ += audience.edges();
  edges_ -= outlet.audience.edges();
  outlet.audience = std::move(audience);
  if (edges_ <= kMostEdges) return;
  for (auto& [topic, other] : outlets_) {
    if (&other != &outlet) other.forget_audience();
  }
  edges_ = outlet.audience.edges();
}

void Outlets::clear() noexcept {
  last_ = nullptr;
  outlets_.clear();
  edges_ = 0;
}

void Distribution::put_by(std::span<actor::EnvelopePtr> effects) {
  if (effects.empty()) return;
  if (!held_) {
    held_ = topics_.hold();
    moment_held_ = ++moment_;
  }
  for (actor::EnvelopePtr& effect : effects) rest.push_back(std::move(effect));
}

std::vector<actor::EnvelopePtr> Distribution::take_rest() {
  std::vector<actor::EnvelopePtr> left;
  for (; next_of_rest < rest.size(); ++next_of_rest) {
    if (rest[next_of_rest] != nullptr) left.push_back(std::move(rest[next_of_rest]));
  }
  passage = {};
  reading.reset();
  end_rest();
  return left;
}

void Distribution::end_rest() noexcept {
  std::vector<actor::EnvelopePtr>().swap(rest);
  next_of_rest = 0;
  if (held_) topics_.let_go(*std::exchange(held_, std::nullopt));
}

}  // namespace airssys::messaging
