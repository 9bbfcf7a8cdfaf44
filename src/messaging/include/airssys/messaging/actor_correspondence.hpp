#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "airssys/actor/correspondence.hpp"
#include "airssys/messaging/correlation_tracker.hpp"
#include "airssys/messaging/denials.hpp"
#include "airssys/messaging/edge_cache.hpp"
#include "airssys/messaging/message_ids.hpp"
#include "airssys/messaging/message_router.hpp"
#include "airssys/messaging/metrics.hpp"
#include "airssys/messaging/publish_subscribe.hpp"
#include "airssys/messaging/topics.hpp"

namespace airssys::messaging {

/// What messaging keeps for one actor: its edges, its requests, its topics, its message ids, its counts.
class ActorCorrespondence final : public actor::Correspondence, public core::BlockAllocated {
 public:
  /// What all have in common.
  struct Services {
    ResponseRouter& responses;
    MessagingMetrics& metrics;
    Topics& topics;
    const PublishSubscribe& publishing;
  };

  /// `services` is borrowed; see `close`.
  ActorCorrespondence(actor::ActorCell& owner, const Services& services);
  ~ActorCorrespondence() override;

  static ActorCorrespondence& of(actor::ActorCell& cell) noexcept {
    return static_cast<ActorCorrespondence&>(cell.correspondence());
  }
  static const ActorCorrespondence& of(const actor::ActorCell& cell) noexcept {
    return static_cast<const ActorCorrespondence&>(cell.correspondence());
  }

  /// The channel to `to`, from the cache or by asking.
  std::expected<Channel*, core::SendError> resolve(const MessageRouter& router, std::string_view to, security::Verb verb,
                                                   core::MonotonicTime now) {
    return router.resolve(owner_, edges_, to, verb, now, tally_);
  }
  EdgeCache& edges() noexcept { return edges_; }
  /// Made when first needed: few actors publish.
  Distribution& distribution() {
    if (distribution_ == nullptr) distribution_ = std::make_unique<Distribution>(services_.topics);
    return *distribution_;
  }
  /// Where the turn in hand changes something.
  Subscriptions& subscriptions() {
    has_changes_ = true;
    if (subscriptions_ == nullptr) subscriptions_ = std::make_unique<Subscriptions>();
    return *subscriptions_;
  }
  Tally& tally() noexcept { return tally_; }
  /// Counted when the turn in hand stands.
  void note_broadcast() noexcept {
    has_changes_ = true;
    ++broadcasts_in_turn_;
  }
  /// Where the turn in hand changes something. Made when it is first needed: most actors ask nobody.
  CorrelationTracker& requests() {
    has_changes_ = true;
    if (requests_ == nullptr) requests_ = std::make_unique<CorrelationTracker>(services_.responses);
    return *requests_;
  }
  MessageIdBlock& ids() noexcept { return ids_; }
  /// What it was denied, made when it first is. By whoever runs the actor, or sends in its name.
  Denials& denials(core::MonotonicTime now);
  /// Null: nothing. Any thread.
  const Denials* denials() const noexcept { return denials_.load(std::memory_order_acquire); }
  /// Of a request that the turn opens.
  void note_deadline(core::MonotonicTime deadline) noexcept { none_ends_before_ = std::min(none_ends_before_, deadline); }

  void commit() override;
  void abort() noexcept override;
  actor::RequestChanges changes() const override;
  void placed() override;
  std::size_t expand(actor::EnvelopePtr& effect, actor::VolatileSink& sink) override;
  void put_by(std::span<actor::EnvelopePtr> effects) override;
  std::optional<std::size_t> carry_on(actor::VolatileSink& sink) override;
  std::vector<actor::EnvelopePtr> take_put_by() override;
  bool defer(actor::Envelope& request) override;
  void withdraw(core::MessageId request) override { requests_->withdraw(request); }
  void forget_withdrawn() override {
    if (requests_ != nullptr) requests_->forget_withdrawn();
  }
  bool answered_in_hand() const noexcept override;
  std::optional<actor::Arrival> take(actor::Envelope& reply, core::MonotonicTime now) override;
  std::optional<actor::Arrival> take_expired(core::MonotonicTime now) override;
  std::optional<core::MonotonicTime> next_deadline() const noexcept override;
  std::size_t reset(core::RequestErrorKind owed, std::vector<actor::EnvelopePtr>& outcomes) override;
  void close() noexcept override;
  std::size_t open_requests() const noexcept override { return requests_ == nullptr ? 0 : requests_->open(); }
  bool has_accepted_requests() const noexcept override { return requests_ != nullptr && requests_->has_accepted(); }
  std::size_t kept_requests() const noexcept override { return requests_ == nullptr ? 0 : requests_->kept(); }
  std::size_t owed_answers() const noexcept override { return requests_ == nullptr ? 0 : requests_->owed(); }
  void add_targets(actor::ActorBooks& books) const override { edges_.add_to(books); }

 private:
  actor::Arrival take_too_late(actor::Envelope& reply, actor::EdgePtr asked);
  /// Nobody here waits for it.
  void note_orphan(actor::Envelope& reply, actor::ActorCell& author);
  actor::Arrival timed_out(core::MessageId id, const CorrelationTracker::Request& request, actor::EdgePtr asked);

  // First, for the room that is left behind what is inherited.
  bool closed_ = false;
  std::uint32_t broadcasts_in_turn_ = 0;
  actor::ActorCell& owner_;
  const Services& services_;
  Tally tally_;
  EdgeCache edges_;
  std::unique_ptr<Distribution> distribution_;
  std::unique_ptr<Subscriptions> subscriptions_;
  std::unique_ptr<CorrelationTracker> requests_;
  MessageIdBlock ids_;
  std::atomic<Denials*> denials_{nullptr};
};

}  // namespace airssys::messaging
