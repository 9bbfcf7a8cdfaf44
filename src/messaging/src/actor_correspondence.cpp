#include "airssys/messaging/actor_correspondence.hpp"

#include <memory>
#include <utility>

namespace airssys::messaging {

void ActorCorrespondence::commit(actor::Turn&) {
  requests_.commit();
}

void ActorCorrespondence::abort(actor::Turn&) noexcept {
  requests_.abort();
}

bool ActorCorrespondence::defer(actor::Envelope& request) {
  if (requests_.owed() >= owner_.limits().deferred) return false;
  requests_.defer(request.id, {.slot = request.slot, .trace = request.trace});
  return true;
}

bool ActorCorrespondence::answered_in_hand(const actor::Turn&) const noexcept {
  return requests_.answered_in_hand();
}

std::optional<actor::Arrival> ActorCorrespondence::take(actor::EnvelopePtr reply) {
  auto request = requests_.close(reply->id);
  if (!request) {
    responses_.orphaned(std::move(reply), owner_.address());
    return std::nullopt;
  }
  actor::Arrival arrival{.id = reply->id,
                         .tag = request->tag,
                         .outcome = {},
                         .trace = request->trace,
                         .deadline = request->deadline,
                         .first_attempt = {}};
  if (reply->error != nullptr) {
    arrival.outcome = std::unexpected(std::move(*reply->error));
  } else {
    arrival.outcome = core::Payload{.codec = reply->codec, .body = std::move(reply->body)};
  }
  return arrival;
}

std::optional<actor::Arrival> ActorCorrespondence::take_expired(core::MonotonicTime now) {
  auto expired = requests_.take_expired(now);
  if (!expired) return std::nullopt;
  metrics_.timed_out();
  return actor::Arrival{
      .id = expired->first,
      .tag = expired->second.tag,
      .outcome = std::unexpected(core::RequestError{.kind = core::RequestErrorKind::timeout, .failure = {}, .text = {}}),
      .trace = expired->second.trace,
      .deadline = {}};
}

std::optional<core::MonotonicTime> ActorCorrespondence::next_deadline() const noexcept {
  return requests_.next_deadline();
}

void ActorCorrespondence::reset(core::RequestErrorKind owed_kind) {
  edges_.clear();
  for (auto& [id, owed] : requests_.reset()) {
    actor::EnvelopePtr outcome = actor::make_envelope();
    outcome->kind = actor::EnvelopeKind::reply;
    outcome->id = id;
    outcome->sender = actor::ActorRef(&owner_);
    outcome->trace = owed.trace;
    outcome->error = std::make_unique<core::RequestError>(core::RequestError{.kind = owed_kind, .failure = {}, .text = {}});
    owed.slot->settle(std::move(outcome));
  }
}

}  // namespace airssys::messaging
