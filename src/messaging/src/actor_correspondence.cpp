#include "airssys/messaging/actor_correspondence.hpp"

#include <algorithm>
#include <memory>
#include <source_location>
#include <utility>

#include "airssys/actor/commit_sink.hpp"
#include "airssys/actor/ending.hpp"
#include "airssys/core/assert.hpp"

namespace airssys::messaging {
namespace {

core::Outcome outcome_of(actor::Envelope& reply) {
  if (core::RequestError* error = reply.error()) return core::Outcome(std::unexpect, std::move(*error));
  return core::Outcome(std::in_place, reply.codec, std::move(reply.body));
}

}  // namespace

ActorCorrespondence::ActorCorrespondence(actor::ActorCell& owner, const Services& services)
    : owner_(owner), services_(services), tally_(&owner.counters()) {
  services_.metrics.enlist(tally_);
}

ActorCorrespondence::~ActorCorrespondence() {
  // One that was closed may outlive the service.
  if (!closed_) services_.metrics.retire(tally_);
  delete denials_.load(std::memory_order_relaxed);
}

Denials& ActorCorrespondence::denials(core::MonotonicTime now) {
  Denials* there = denials_.load(std::memory_order_acquire);
  if (there == nullptr) {
    there = new Denials(now);
    denials_.store(there, std::memory_order_release);
  }
  return *there;
}

void ActorCorrespondence::commit() {
  has_changes_ = false;
  if (requests_ != nullptr) {
    const auto [opened, cancelled] = requests_->commit();
    if (opened > 0) {
      tally_.more().requests_opened.add(opened);
      owner_.note_owes();
    }
    if (cancelled > 0) tally_.more().cancelled.add(cancelled);
  }
  if (broadcasts_in_turn_ > 0) tally_.more().broadcasts.add(std::exchange(broadcasts_in_turn_, 0));
  if (subscriptions_ != nullptr) subscriptions_->commit();
}

void ActorCorrespondence::abort() noexcept {
  has_changes_ = false;
  if (requests_ != nullptr) requests_->abort();
  broadcasts_in_turn_ = 0;
  if (subscriptions_ != nullptr) subscriptions_->abort();
}

void ActorCorrespondence::placed() {
  services_.topics.admit(owner_);
}

actor::RequestChanges ActorCorrespondence::changes() const {
  return requests_ == nullptr ? actor::RequestChanges{} : requests_->changes();
}

std::size_t ActorCorrespondence::expand(actor::EnvelopePtr& effect, actor::VolatileSink& sink) {
  switch (effect->kind) {
    case actor::EnvelopeKind::event: {
      const std::size_t copies = services_.publishing.spread(actor::ActorRef(&owner_), edges_, distribution(), effect, sink);
      if (effect == nullptr) tally_.more().published.add();
      return copies;
    }
    case actor::EnvelopeKind::subscribe:
    case actor::EnvelopeKind::unsubscribe:
      services_.publishing.apply(owner_, *std::exchange(effect, nullptr));
      if (distribution_ != nullptr) distribution_->note_own_change();
      return 0;
    case actor::EnvelopeKind::send:
    case actor::EnvelopeKind::request:
    case actor::EnvelopeKind::reply:
      break;
  }
  core::assertion_failed("what is for one mailbox is not expanded", std::source_location::current());
}

void ActorCorrespondence::put_by(std::span<actor::EnvelopePtr> effects) {
  if (effects.empty()) return;
  distribution().put_by(effects);
  none_ends_before_ = kPutBy;
}

std::optional<std::size_t> ActorCorrespondence::carry_on(actor::VolatileSink& sink) {
  if (distribution_ == nullptr || distribution_->rest.empty()) return std::nullopt;
  Distribution& distribution = *distribution_;
  distribution.slice = kSlice;
  std::size_t sent = 0;
  for (std::size_t& next = distribution.next_of_rest; next < distribution.rest.size() && sent < kSlice; ++next) {
    actor::EnvelopePtr& effect = distribution.rest[next];
    if (effect->edge != nullptr) {
      sink.message(std::move(effect));
      ++sent;
    } else if (effect->kind == actor::EnvelopeKind::reply) {
      sink.outcome(std::move(effect), owner_);
    } else {
      sent += expand(effect, sink);
      if (effect != nullptr) return sent;
    }
  }
  if (distribution.next_of_rest < distribution.rest.size()) return sent;
  distribution.end_rest();
  none_ends_before_ = next_deadline().value_or(core::MonotonicTime::max());
  return sent;
}

std::vector<actor::EnvelopePtr> ActorCorrespondence::take_put_by() {
  if (!has_put_by()) return {};
  std::vector<actor::EnvelopePtr> rest = distribution_->take_rest();
  none_ends_before_ = next_deadline().value_or(core::MonotonicTime::max());
  return rest;
}

bool ActorCorrespondence::defer(actor::Envelope& request) {
  CorrelationTracker& own = requests();
  if (own.owed() >= owner_.limits().deferred) own.forget_withdrawn();
  if (own.owed() >= owner_.limits().deferred) return false;
  own.defer(request.id, {.slot = request.slot, .trace = request.trace.last(), .distance = request.distance}, owner_);
  return true;
}

bool ActorCorrespondence::answered_in_hand() const noexcept {
  return requests_ != nullptr && requests_->answered_in_hand();
}

std::optional<actor::Arrival> ActorCorrespondence::take(actor::Envelope& reply, core::MonotonicTime now) {
  // A reply comes to who has asked.
  CorrelationTracker& own = *requests_;
  OpenRequest& slot = static_cast<OpenRequest&>(*reply.slot);
  if (may_have_expired(now) && own.has_expired(reply.id, slot, now)) [[unlikely]] {
    return take_too_late(reply, slot.share_edge());
  }
  actor::Edge& asked = slot.edge();
  const auto request = own.close(reply.id, reply.slot);
  has_changes_ = own.has_left_edges();
  if (!request) {
    note_orphan(reply, slot.asked());
    return std::nullopt;
  }
  tally_.more().routed.add();
  if (reply.error() != nullptr) tally_.more().errors.add();
  // The turn that answered is what caused this one, unless it belonged to another trace.
  const core::TraceContext& cause = reply.trace.is_same_trace(request->trace) ? reply.trace : request->trace;
  // Made in its place: an outcome is large, and to clear it first takes longer than all the rest.
  return std::optional<actor::Arrival>(std::in_place, reply.id, request->tag, outcome_of(reply), cause, request->turn_deadline,
                                       core::MonotonicTime{}, std::max(reply.distance, request->distance), &asked);
}

void ActorCorrespondence::note_orphan(actor::Envelope& reply, actor::ActorCell& author) {
  services_.responses.metrics().response_orphaned();
  reply.author = actor::ActorRef(&author);
}

std::optional<actor::Arrival> ActorCorrespondence::take_expired(core::MonotonicTime now) {
  if (requests_ == nullptr) return std::nullopt;
  auto expired = requests_->take_expired(now);
  none_ends_before_ = requests_->next_deadline().value_or(core::MonotonicTime::max());
  if (!expired) return std::nullopt;
  return timed_out(expired->id, expired->request, std::move(expired->asked));
}

actor::Arrival ActorCorrespondence::take_too_late(actor::Envelope& reply, actor::EdgePtr asked) {
  const core::MessageId id = reply.id;
  const CorrelationTracker::Request request = *requests_->close(id, reply.slot);
  has_changes_ = requests_->has_left_edges();
  note_orphan(reply, asked->target());
  return timed_out(id, request, std::move(asked));
}

actor::Arrival ActorCorrespondence::timed_out(core::MessageId id, const CorrelationTracker::Request& request,
                                              actor::EdgePtr asked) {
  tally_.more().timeouts.add();
  return actor::Arrival{
      .id = id,
      .tag = request.tag,
      .outcome = std::unexpected(core::RequestError{.kind = core::RequestErrorKind::timeout, .failure = {}, .text = {}}),
      .trace = request.trace,
      .deadline = request.turn_deadline,
      .first_attempt = {},
      .distance = request.distance,
      .asked = asked.get(),
      .kept = std::move(asked)};
}

std::optional<core::MonotonicTime> ActorCorrespondence::next_deadline() const noexcept {
  return requests_ == nullptr ? std::nullopt : requests_->next_deadline();
}

std::size_t ActorCorrespondence::reset(core::RequestErrorKind owed_kind, std::vector<actor::EnvelopePtr>& outcomes) {
  if (requests_ == nullptr) return 0;
  std::size_t waited = requests_->put_off_by_others();
  for (auto& [id, owed] : requests_->reset()) {
    actor::EnvelopePtr outcome = actor::make_outcome(id, owed.trace);
    outcome->extra = core::make_counted<actor::Extra>(core::RequestError{.kind = owed_kind, .failure = {}, .text = {}});
    outcome->slot = std::move(owed.slot);
    if (outcome->slot->waiting() && owed.distance < actor::Ending::kOfItsOwn) ++waited;
    outcomes.push_back(std::move(outcome));
  }
  return waited;
}

void ActorCorrespondence::close() noexcept {
  closed_ = true;
  distribution_.reset();
  edges_.clear();
  services_.topics.remove(owner_);
  services_.metrics.retire(tally_);
}

}  // namespace airssys::messaging
