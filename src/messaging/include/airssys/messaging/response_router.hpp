#pragma once

#include <atomic>
#include <cstdint>

#include "airssys/actor/envelope.hpp"
#include "airssys/actor/observer.hpp"
#include "airssys/core/block_cache.hpp"
#include "airssys/messaging/metrics.hpp"

namespace airssys::messaging {

class OpenRequest;

/// Brings outcomes to their requesters. An outcome takes no room in the requester's mailbox, its place was reserved with
/// the request; but its bytes count against `Limits::reply_bytes`, and a reply beyond them arrives as `reply_refused`.
/// Any thread.
class ResponseRouter {
 public:
  ResponseRouter(MessagingMetrics& metrics, actor::DeadLetterSink& dead_letters)
      : metrics_(metrics), dead_letters_(dead_letters) {}

  void route(OpenRequest& request, actor::EnvelopePtr outcome);
  /// An outcome that came too late.
  void orphaned(actor::EnvelopePtr outcome, const core::Address& requester);
  MessagingMetrics& metrics() noexcept { return metrics_; }

 private:
  MessagingMetrics& metrics_;
  actor::DeadLetterSink& dead_letters_;
};

/// A request of an actor, as the asked side holds it.
class OpenRequest final : public actor::ReplySlot, public core::BlockAllocated {
 public:
  OpenRequest(ResponseRouter& router, actor::ActorRef requester, std::uint32_t place)
      : router_(router), requester_(std::move(requester)), place_(place) {}

  void settle(actor::EnvelopePtr outcome) override { router_.route(*this, std::move(outcome)); }
  bool waiting() const noexcept override { return waiting_.load(std::memory_order_acquire); }
  /// The requester has its outcome, or wants none.
  void close() noexcept { waiting_.store(false, std::memory_order_release); }
  /// For another request, where the asked side no longer has it.
  void open_again() noexcept { waiting_.store(true, std::memory_order_relaxed); }
  actor::ActorCell& requester() noexcept { return *requester_; }
  /// Where the requester keeps the request.
  std::uint32_t place() const noexcept { return place_; }

 private:
  ResponseRouter& router_;
  const actor::ActorRef requester_;
  const std::uint32_t place_;
  std::atomic<bool> waiting_{true};
};

}  // namespace airssys::messaging
