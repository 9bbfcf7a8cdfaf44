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

  void route(OpenRequest& request, actor::EnvelopePtr outcome, actor::ActorCell& author);
  /// An outcome that came too late.
  void orphaned(actor::EnvelopePtr outcome, actor::ActorCell& author, const core::Address& requester);
  MessagingMetrics& metrics() noexcept { return metrics_; }

 private:
  MessagingMetrics& metrics_;
  actor::DeadLetterSink& dead_letters_;
};

/// A request of an actor, as the asked side holds it, and its outcome on the way home. Made for one edge, whose ends are the
/// requester and the asked one.
class OpenRequest final : public actor::ReplySlot, public core::BlockAllocated {
 public:
  OpenRequest(ResponseRouter& router, actor::Edge& edge, std::uint32_t place)
      : router_(router), edge_(actor::EdgePtr::share(edge)), place_(place) {}

  void settle(actor::EnvelopePtr outcome, actor::ActorCell& author) override {
    router_.route(*this, std::move(outcome), author);
  }
  bool waiting() const noexcept override { return waiting_.load(std::memory_order_acquire); }
  /// The requester has its outcome, or wants none.
  void close() noexcept { waiting_.store(false, std::memory_order_release); }
  /// For another request, where nobody but the requester has it any more.
  void open_again(actor::Edge& edge) noexcept {
    if (edge_.get() != &edge) edge_ = actor::EdgePtr::share(edge);
    waiting_.store(true, std::memory_order_relaxed);
  }
  actor::ActorCell& requester() const noexcept { return edge_->sender(); }
  actor::ActorCell& asked() const noexcept { return edge_->target(); }
  actor::EdgePtr share_edge() const noexcept { return actor::EdgePtr::share(*edge_); }
  /// Where the requester keeps the request.
  std::uint32_t place() const noexcept { return place_; }

 private:
  ResponseRouter& router_;
  actor::EdgePtr edge_;
  const std::uint32_t place_;
  std::atomic<bool> waiting_{true};
};

}  // namespace airssys::messaging
