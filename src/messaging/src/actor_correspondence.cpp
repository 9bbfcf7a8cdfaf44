#include "airssys/messaging/actor_correspondence.hpp"

#include <algorithm>
#include <memory>
#include <source_location>
#include <utility>

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

void ActorCorrespondence::commit(actor::Turn&) {
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

void ActorCorrespondence::abort(actor::Turn&) noexcept {
  if (requests_ != nullptr) requests_->abort();
  broadcasts_in_turn_ = 0;
  if (subscriptions_ != nullptr) subscriptions_->abort();
}

void ActorCorrespondence::placed() {
  services_.topics.admit(owner_);
}

std::size_t ActorCorrespondence::carry_out(actor::EnvelopePtr& effect) {
  switch (effect->kind) {
    case actor::EnvelopeKind::reply: {
      actor::ReplySlot& slot = *effect->slot;
      slot.settle(std::move(effect), owner_);
      return 0;
    }
    case actor::EnvelopeKind::event: {
      const std::size_t copies = services_.publishing.deliver(actor::ActorRef(&owner_), edges_, distribution(), effect);
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
      break;
  }
  core::assertion_failed("a message for one target has an edge", std::source_location::current());
}

void ActorCorrespondence::put_by(std::span<actor::EnvelopePtr> effects) {
  if (effects.empty()) return;
  distribution().put_by(effects);
  none_ends_before_ = kPutBy;
}

std::optional<std::size_t> ActorCorrespondence::carry_on() {
  if (distribution_ == nullptr || distribution_->rest.empty()) return std::nullopt;
  Distribution& distribution = *distribution_;
  distribution.slice = kSlice;
  std::size_t sent = 0;
  for (std::size_t& next = distribution.next_of_rest; next < distribution.rest.size() && sent < kSlice; ++next) {
    actor::EnvelopePtr& effect = distribution.rest[next];
    if (effect->edge == nullptr) {
      sent += carry_out(effect);
      if (effect != nullptr) return sent;
    } else {
      actor::ActorCell& target = effect->edge->target();
      target.deliver(std::move(effect));
      ++sent;
    }
  }
  if (distribution.next_of_rest < distribution.rest.size()) return sent;
  distribution.end_rest();
  none_ends_before_ = next_deadline().value_or(core::MonotonicTime::max());
  return sent;
}

bool ActorCorrespondence::defer(actor::Envelope& request) {
  CorrelationTracker& own = requests();
  if (own.owed() >= owner_.limits().deferred) own.forget_withdrawn();
  if (own.owed() >= owner_.limits().deferred) return false;
  own.defer(request.id, {.slot = request.slot, .trace = request.trace.last()}, owner_);
  return true;
}

bool ActorCorrespondence::answered_in_hand(const actor::Turn&) const noexcept {
  return requests_ != nullptr && requests_->answered_in_hand();
}

std::optional<actor::Arrival> ActorCorrespondence::take(actor::EnvelopePtr reply, core::MonotonicTime now) {
  CorrelationTracker& own = requests();
  OpenRequest& slot = static_cast<OpenRequest&>(*reply->slot);
  if (may_have_expired(now) && own.has_expired(reply->id, slot, now)) [[unlikely]] {
    return take_too_late(std::move(reply), slot.share_edge());
  }
  actor::Edge& asked = slot.edge();
  const auto request = own.close(reply->id, reply->slot);
  if (!request) {
    services_.responses.orphaned(std::move(reply), slot.asked(), owner_.address());
    return std::nullopt;
  }
  tally_.more().routed.add();
  if (reply->error() != nullptr) tally_.more().errors.add();
  // The turn that answered is what caused this one, unless it belonged to another trace.
  const core::TraceContext& cause = reply->trace.is_same_trace(request->trace) ? reply->trace : request->trace;
  // Made in its place: an outcome is large, and to clear it first takes longer than all the rest.
  return std::optional<actor::Arrival>(std::in_place, reply->id, request->tag, outcome_of(*reply), cause,
                                       request->turn_deadline, core::MonotonicTime{},
                                       std::max(reply->distance, request->distance), &asked);
}

std::optional<actor::Arrival> ActorCorrespondence::take_expired(core::MonotonicTime now) {
  if (requests_ == nullptr) return std::nullopt;
  auto expired = requests_->take_expired(now);
  none_ends_before_ = requests_->next_deadline().value_or(core::MonotonicTime::max());
  if (!expired) return std::nullopt;
  return timed_out(expired->id, expired->request, std::move(expired->asked));
}

actor::Arrival ActorCorrespondence::take_too_late(actor::EnvelopePtr reply, actor::EdgePtr asked) {
  const core::MessageId id = reply->id;
  const CorrelationTracker::Request request = *requests_->close(id, reply->slot);
  services_.responses.orphaned(std::move(reply), asked->target(), owner_.address());
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

std::size_t ActorCorrespondence::reset(core::RequestErrorKind owed_kind) {
  if (requests_ == nullptr) return 0;
  std::size_t waited = requests_->put_off_by_others();
  for (auto& [id, owed] : requests_->reset()) {
    actor::EnvelopePtr outcome = actor::make_outcome(id, owed.trace);
    outcome->extra = core::make_counted<actor::Extra>(core::RequestError{.kind = owed_kind, .failure = {}, .text = {}});
    outcome->slot = std::move(owed.slot);
    actor::ReplySlot& slot = *outcome->slot;
    if (slot.waiting()) ++waited;
    slot.settle(std::move(outcome), owner_);
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
