#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "airssys/actor/dead_letter_sink.hpp"
#include "airssys/actor/envelope.hpp"
#include "airssys/core/block_cache.hpp"
#include "airssys/messaging/metrics.hpp"

namespace airssys::messaging {

class OpenRequest;

/// The way of outcomes to their requesters. An outcome takes no room in the requester's mailbox, its place was reserved with
/// the request; but its bytes count against `Limits::reply_bytes`, and a reply beyond them arrives as `reply_refused`.
/// Any thread.
class ResponseRouter {
 public:
  explicit ResponseRouter(MessagingMetrics& metrics) : metrics_(metrics) {}

  /// Where the outcome of an actor's request goes. One that comes too late is an orphan.
  actor::ReplySlot::Destination route(OpenRequest& request, actor::Envelope& outcome);
  MessagingMetrics& metrics() noexcept { return metrics_; }
  /// Requests of the host's threads that wait for their outcome: on no actor's books. Outdated at once.
  std::size_t host_requests() const noexcept { return host_requests_.load(std::memory_order_acquire); }

 private:
  friend class HostRequest;

  MessagingMetrics& metrics_;
  std::atomic<std::size_t> host_requests_{0};
};

/// A request of an actor, as the asked side holds it, and its outcome on the way home. Made for one edge, whose ends are the
/// requester and the asked one. Both sides move it on, each in one step, so that each knows of the other:
///
///   state      who                              and then
///   waiting    the requester, `open_again`
///   deferred   the asked one, `defer`           answers in a later turn; whoever closes it tells its books
///   answered   the asked one, `answer`          its outcome is on the way into the requester's mailbox
///   closed     the requester                    had its outcome, or wants none: one that comes now is an orphan
class OpenRequest final : public actor::ReplySlot, public core::BlockAllocated {
 public:
  OpenRequest(ResponseRouter& router, actor::Edge& edge, std::uint32_t place)
      : router_(router), edge_(actor::EdgePtr::share(edge)), place_(place) {}

  Destination settle(actor::Envelope& outcome) override { return router_.route(*this, outcome); }
  bool waiting() const noexcept override { return state_.load(std::memory_order_acquire) != Step::closed; }
  bool defer(actor::ActorCell& debtor, core::MessageId request) override;
  /// The asked one has said that it will answer later. Outdated at once.
  bool deferred() const noexcept { return state_.load(std::memory_order_acquire) == Step::deferred; }
  /// An outcome is in the requester's mailbox, or about to be. Outdated at once.
  bool answered() const noexcept { return state_.load(std::memory_order_acquire) == Step::answered; }
  /// An outcome is on its way. False: nobody waits for it.
  bool answer() noexcept { return state_.exchange(Step::answered, std::memory_order_acq_rel) != Step::closed; }
  /// The requester has its outcome.
  void close() noexcept { state_.store(Step::closed, std::memory_order_release); }
  /// The requester of `request` wants no outcome any more. True: one is in its mailbox, or about to be.
  bool withdraw(core::MessageId request);
  /// For another request along the same edge, where nobody but the requester has it any more.
  void open_again() noexcept { state_.store(Step::waiting, std::memory_order_relaxed); }
  /// Before that, for another edge. Returns the one that it had.
  actor::EdgePtr move_to(actor::Edge& edge) noexcept { return std::exchange(edge_, actor::EdgePtr::share(edge)); }
  actor::ActorCell& requester() const noexcept { return edge_->sender(); }
  actor::ActorCell& asked() const noexcept { return edge_->target(); }
  actor::Edge& edge() const noexcept { return *edge_; }
  actor::EdgePtr share_edge() const noexcept { return actor::EdgePtr::share(*edge_); }
  /// Where the requester keeps the request.
  std::uint32_t place() const noexcept { return place_; }

 private:
  enum class Step : std::uint8_t { waiting, deferred, answered, closed };

  ResponseRouter& router_;
  actor::EdgePtr edge_;
  const std::uint32_t place_;
  std::atomic<Step> state_{Step::waiting};
};

}  // namespace airssys::messaging
