#pragma once

#include "airssys/actor/correspondence.hpp"
#include "airssys/messaging/correlation_tracker.hpp"
#include "airssys/messaging/edge_cache.hpp"
#include "airssys/messaging/message_ids.hpp"
#include "airssys/messaging/metrics.hpp"

namespace airssys::messaging {

/// What messaging keeps for one actor: its edges, its requests, its message ids.
class ActorCorrespondence final : public actor::Correspondence {
 public:
  ActorCorrespondence(actor::ActorCell& owner, ResponseRouter& responses, MessagingMetrics& metrics)
      : owner_(owner), responses_(responses), metrics_(metrics) {}

  static ActorCorrespondence& of(actor::ActorCell& cell) noexcept {
    return static_cast<ActorCorrespondence&>(cell.correspondence());
  }

  EdgeCache& edges() noexcept { return edges_; }
  CorrelationTracker& requests() noexcept { return requests_; }
  MessageIdBlock& ids() noexcept { return ids_; }

  void commit(actor::Turn& turn) override;
  void abort(actor::Turn& turn) noexcept override;
  bool defer(actor::Envelope& request) override;
  bool answered_in_hand(const actor::Turn& turn) const noexcept override;
  std::optional<actor::Arrival> take(actor::EnvelopePtr reply) override;
  std::optional<actor::Arrival> take_expired(core::MonotonicTime now) override;
  std::optional<core::MonotonicTime> next_deadline() const noexcept override;
  void reset(core::RequestErrorKind owed) override;
  std::size_t open_requests() const noexcept override { return requests_.open(); }
  std::size_t owed_answers() const noexcept override { return requests_.owed(); }

 private:
  actor::ActorCell& owner_;
  ResponseRouter& responses_;
  MessagingMetrics& metrics_;
  EdgeCache edges_;
  CorrelationTracker requests_;
  MessageIdBlock ids_;
};

}  // namespace airssys::messaging
