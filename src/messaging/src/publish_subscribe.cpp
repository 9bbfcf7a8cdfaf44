#include "airssys/messaging/publish_subscribe.hpp"

#include <algorithm>
#include <utility>

#include "airssys/actor/commit_sink.hpp"
#include "airssys/messaging/actor_correspondence.hpp"
#include "refused.hpp"
#include "turn_effects.hpp"

namespace airssys::messaging {
namespace {

using Kind = core::SendErrorKind;

/// So many members of a group are asked for room, one after the other: of a large one that is full not all.
constexpr std::size_t kTries = 256;

/// What keeps `edge`'s target from taking the event, but for room; nothing if nothing does.
std::optional<actor::DeadReason> obstacle(const actor::Envelope& event, const actor::Edge& edge) noexcept {
  const actor::ActorCell& target = edge.target();
  if (!target.behaviour().accepts(event.codec)) return actor::DeadReason::codec_not_accepted;
  const core::Limits& limits = target.limits();
  if (event.body.size() > std::min(limits.body_bytes, limits.mailbox_bytes)) return actor::DeadReason::too_large;
  return std::nullopt;
}

/// A copy, which shares the body. Without a permit of its own.
actor::EnvelopePtr copy_of(const actor::Envelope& event) {
  actor::EnvelopePtr copy = actor::make_envelope();
  copy->kind = actor::EnvelopeKind::event;
  copy->id = event.id;
  copy->codec = event.codec;
  copy->body = event.body;
  copy->sent_at_ms = event.sent_at_ms;
  copy->trace = event.trace;
  copy->distance = event.distance;
  copy->extra = event.extra;
  return copy;
}

/// Puts a copy into the target's mailbox. Nothing: done; else why not.
std::optional<actor::DeadReason> copy_to(const actor::Envelope& event, actor::Edge& edge, actor::VolatileSink& sink) {
  if (const auto reason = obstacle(event, edge)) return reason;
  if (!edge.try_acquire(event.body.size())) return actor::DeadReason::no_room;
  actor::EnvelopePtr copy = copy_of(event);
  copy->edge = &edge;
  sink.message(std::move(copy));
  return std::nullopt;
}

void bury_copy(const actor::Envelope& event, actor::Edge& edge, actor::DeadReason reason, actor::VolatileSink& sink) {
  actor::EnvelopePtr copy = copy_of(event);
  copy->author = actor::ActorRef(&edge.sender());
  sink.dead_letter(std::move(copy), edge.target().address(), reason);
}

/// How many copies it came to, lost or not.
std::size_t copy_to_one(const actor::Envelope& event, const actor::EdgePtr& edge, actor::VolatileSink& sink) {
  if (edge->target().stopped()) return 0;
  if (const auto reason = copy_to(event, *edge, sink)) bury_copy(event, *edge, *reason, sink);
  return 1;
}

std::size_t copy_to_group(const actor::Envelope& event, const Audience::Group& group, actor::VolatileSink& sink) {
  const std::size_t size = group.members.size();
  const std::size_t first = group.turns->next.fetch_add(1, std::memory_order_relaxed) % std::max<std::size_t>(size, 1);
  std::optional<std::pair<actor::Edge*, actor::DeadReason>> lost;
  for (std::size_t i = 0; i < std::min(size, kTries); ++i) {
    actor::Edge& edge = *group.members[(first + i) % size];
    if (edge.target().stopped()) continue;
    const auto reason = copy_to(event, edge, sink);
    if (!reason) return 1;
    if (!lost) lost.emplace(&edge, *reason);
  }
  if (!lost) return 0;
  bury_copy(event, *lost->first, lost->second, sink);
  return 1;
}

}  // namespace

bool Subscriptions::has(std::string_view pattern) const noexcept {
  return std::ranges::find(patterns_, pattern) != patterns_.end();
}

void Subscriptions::remember() {
  if (before_ == nullptr) before_ = std::make_unique<std::vector<std::string>>(patterns_);
}

void Subscriptions::add(std::string_view pattern) {
  remember();
  patterns_.emplace_back(pattern);
}

void Subscriptions::remove(std::string_view pattern) {
  remember();
  std::erase(patterns_, pattern);
}

void Subscriptions::abort() noexcept {
  if (before_ == nullptr) return;
  patterns_ = std::move(*before_);
  before_.reset();
}

std::expected<Outlet*, core::SendError> PublishSubscribe::admit(const actor::ActorCell& from, Outlets& outlets,
                                                                std::string_view topic, std::size_t bytes,
                                                                core::MonotonicTime now) const {
  Outlet* outlet = outlets.find(topic);
  if (outlet == nullptr || outlet->grants_version != grants_.version()) {
    if (!security::is_valid_topic(topic)) return refused(Kind::invalid_address);
    const std::uint64_t version = grants_.version();
    const security::Decision decision = grants_.decide(from.address().text(), topic, security::Verb::publish);
    if (!decision) return refused(Kind::denied);
    if (outlet == nullptr) outlet = &outlets.insert(topic);
    outlet->grants_version = version;
    outlet->body_bytes_max = std::min(from.limits().body_bytes, decision.body_bytes.value_or(from.limits().body_bytes));
    if (!decision.rate) {
      outlet->bucket.reset();
    } else if (!outlet->bucket || outlet->bucket->rate() != *decision.rate) {
      outlet->bucket.emplace(*decision.rate, now);
    }
  }
  if (bytes > outlet->body_bytes_max) {
    return std::unexpected(
        core::SendError{.kind = Kind::too_large, .limit = {}, .largest_bytes = outlet->body_bytes_max, .text = {}});
  }
  if (outlet->bucket && !outlet->bucket->take(now)) return refused(Kind::rate_limited);
  return outlet;
}

actor::EnvelopePtr PublishSubscribe::seal_event(const Outlet& outlet, core::MessageId id, core::Codec codec, core::Body body) {
  actor::EnvelopePtr event = actor::make_envelope();
  event->kind = actor::EnvelopeKind::event;
  event->id = id;
  event->codec = codec;
  event->body = std::move(body);
  event->extra = outlet.topic;
  return event;
}

std::expected<Outlet*, core::SendError> PublishSubscribe::admit_from_turn(actor::Transaction& turn, std::string_view topic,
                                                                          std::size_t bytes) const {
  if (auto room = room_in_turn(turn, bytes); !room) return std::unexpected(std::move(room).error());
  auto outlet = admit(turn.cell(), ActorCorrespondence::of(turn.cell()).distribution().outlets, topic, bytes, turn.now());
  if (!outlet) return outlet;
  if (const auto limit = turn.room_for_copies(copies_of(**outlet))) {
    if ((*outlet)->bucket) (*outlet)->bucket->give_back();
    return std::unexpected(core::SendError{.kind = Kind::limit_reached, .limit = *limit});
  }
  return outlet;
}

std::size_t PublishSubscribe::copies_of(Outlet& outlet) const {
  const std::uint64_t version = topics_.version();
  if (outlet.copies_version != version) {
    outlet.copies = topics_.copies(outlet.topic->topic);
    outlet.copies_version = version;
  }
  return outlet.copies;
}

void PublishSubscribe::post(actor::Transaction& turn, Outlet& outlet, core::Codec codec, core::Body body) {
  ActorCorrespondence& own = ActorCorrespondence::of(turn.cell());
  const core::MessageId id = own.ids().next(ids_);
  own.distribution().slice = actor::Correspondence::kSlice;
  turn.add_copies(outlet.copies);
  add_to_turn(turn, seal_event(outlet, id, codec, std::move(body)));
}

std::expected<void, core::SendError> PublishSubscribe::subscribe(actor::Transaction& turn, std::string_view pattern) const {
  if (!security::TopicPattern::parse(pattern)) return refused(Kind::invalid_address);
  if (!grants_.decide(turn.self().text(), pattern, security::Verb::subscribe)) return refused(Kind::denied);
  Subscriptions& own = ActorCorrespondence::of(turn.cell()).subscriptions();
  if (own.has(pattern)) return {};
  if (own.size() >= turn.cell().limits().subscriptions) {
    return std::unexpected(core::SendError{.kind = Kind::limit_reached, .limit = core::TurnLimit::subscriptions});
  }
  if (auto room = room_in_turn(turn, pattern.size()); !room) return room;
  own.add(pattern);
  actor::EnvelopePtr change = actor::make_envelope();
  change->kind = actor::EnvelopeKind::subscribe;
  change->extra = core::make_counted<actor::Extra>(pattern);
  turn.add_effect(std::move(change), 1, pattern.size());
  return {};
}

bool PublishSubscribe::unsubscribe(actor::Transaction& turn, std::string_view pattern) const {
  Subscriptions& own = ActorCorrespondence::of(turn.cell()).subscriptions();
  // Without an error case in the contract: a turn that has no room for one more effect keeps its subscription.
  if (!own.has(pattern) || !room_in_turn(turn, pattern.size())) return false;
  own.remove(pattern);
  actor::EnvelopePtr change = actor::make_envelope();
  change->kind = actor::EnvelopeKind::unsubscribe;
  change->extra = core::make_counted<actor::Extra>(pattern);
  turn.add_effect(std::move(change), 1, pattern.size());
  return true;
}

void PublishSubscribe::apply(actor::ActorCell& actor, const actor::Envelope& change) const {
  if (change.kind == actor::EnvelopeKind::unsubscribe) return topics_.unsubscribe(actor, *change.topic());
  const auto pattern = security::TopicPattern::parse(*change.topic());
  if (pattern) topics_.subscribe(actor::ActorRef(&actor), *pattern);
}

bool PublishSubscribe::is_current(const Outlet& outlet, const Distribution& distribution) const noexcept {
  if (outlet.audience_grants != grants_.version()) return false;
  const auto as_of = distribution.as_of();
  if (!as_of) return outlet.topics_version == topics_.version();
  return outlet.moment == distribution.moment() || (!distribution.has_own_changes() && outlet.topics_version == *as_of);
}

bool PublishSubscribe::refresh(Outlet& outlet, const actor::ActorRef& publisher, EdgeCache& edges,
                               Distribution& distribution) const {
  if (distribution.reading == nullptr) {
    if (is_current(outlet, distribution)) [[likely]] {
      return true;
    }
    if (!begin_reading(outlet, publisher, distribution)) return true;
  }
  if (!distribution.reading->read_on(topics_, publisher, edges, distribution.slice)) return false;
  finish_reading(outlet, distribution);
  return true;
}

/// False: nothing has changed that would matter here.
bool PublishSubscribe::begin_reading(Outlet& outlet, const actor::ActorRef& publisher, Distribution& distribution) const {
  const std::uint64_t grants_version = grants_.version();
  Topics::Reading reading = topics_.read(outlet.topic->topic, distribution.as_of(), publisher.get());
  const bool of_now = reading.as_of() == reading.version();
  if (of_now && outlet.audience_grants == grants_version && outlet.state == reading.state()) {
    outlet.topics_version = reading.as_of();
    return false;
  }
  distribution.reading = std::make_unique<AudienceReading>(std::move(reading), grants_version);
  return true;
}

void PublishSubscribe::finish_reading(Outlet& outlet, Distribution& distribution) const {
  const std::unique_ptr<AudienceReading> finished = std::move(distribution.reading);
  const Topics::Reading& reading = finished->reading();
  outlet.audience_grants = finished->grants_version();
  outlet.topics_version = reading.as_of();
  outlet.moment = distribution.as_of() ? distribution.moment() : 0;
  // What is as of some time ago may be the same as of now or not: nobody knows.
  outlet.state.reset();
  if (reading.as_of() == reading.version()) outlet.state = reading.state();
  distribution.outlets.set_audience(outlet, finished->take());
}

std::size_t PublishSubscribe::spread(const actor::ActorRef& publisher, EdgeCache& edges, Distribution& distribution,
                                     actor::EnvelopePtr& event, actor::VolatileSink& sink) const {
  Outlet* outlet = distribution.outlets.find(*event->topic());
  // Forgotten between the call and the end of its turn, by a turn that published on very many topics.
  if (outlet == nullptr) outlet = &distribution.outlets.insert(*event->topic());
  Distribution::Passage& passage = distribution.passage;
  if (!passage.begun) {
    if (!refresh(*outlet, publisher, edges, distribution)) return 0;
    passage = {.begun = true, .next = 0, .shares = {event->trace.recorded, outlet->audience.copies()}};
  }
  const std::vector<actor::EdgePtr>& everyone = outlet->audience.everyone;
  std::size_t copies = 0;
  for (; passage.next < outlet->audience.copies(); ++passage.next) {
    if (distribution.slice == 0) return copies;
    --distribution.slice;
    event->trace.recorded = passage.shares.deal();
    copies += passage.next < everyone.size()
                  ? copy_to_one(*event, everyone[passage.next], sink)
                  : copy_to_group(*event, outlet->audience.groups[passage.next - everyone.size()], sink);
  }
  passage = {};
  event.reset();
  return copies;
}

}  // namespace airssys::messaging
