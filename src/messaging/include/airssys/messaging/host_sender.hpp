#pragma once

#include <chrono>
#include <condition_variable>
#include <expected>
#include <mutex>
#include <optional>
#include <string_view>

#include "airssys/core/message.hpp"
#include "airssys/core/ports/clock_port.hpp"
#include "airssys/messaging/messaging_service.hpp"

namespace airssys::messaging {

/// A request made from outside of turns. Ends once: by its outcome or by `expire`, whichever is first. Any thread.
class HostRequest final : public actor::ReplySlot {
 public:
  explicit HostRequest(ResponseRouter& router) : router_(router) {}

  void settle(actor::EnvelopePtr outcome) override;
  bool waiting() const noexcept override;
  /// The outcome, once; nothing while there is none.
  std::optional<core::Outcome> take();
  /// Blocks for at most `patience`; then the outcome is `timeout`.
  core::Outcome wait(std::chrono::milliseconds patience);
  /// Ends it with `timeout` unless it has ended.
  void expire();

 private:
  ResponseRouter& router_;
  mutable std::mutex mutex_;
  std::condition_variable ended_;
  bool waiting_ = true;
  std::optional<core::Outcome> outcome_;
};

/// Sends from outside of turns: the embedding program's threads, gateways, the operator. Each send is its own transaction.
/// Any thread, but for what is said.
class HostSender {
 public:
  /// `self` is the actor that receivers see as the sender; it needs grants like any other. All borrowed but `self`.
  HostSender(actor::ActorRef self, MessagingService& messaging, const core::ClockPort& clock, core::RandomPort& random);

  std::expected<core::MessageId, core::SendError> send(std::string_view to, const core::Payload& payload);
  /// Waits for room for at most `patience` by the real clock. Not on a worker.
  std::expected<core::MessageId, core::SendError> send_within(std::string_view to, const core::Payload& payload,
                                                              std::chrono::milliseconds patience);
  /// The target's deadline is `timeout` from now; it is for the caller to `wait` or `expire` the request.
  std::expected<core::IntrusivePtr<HostRequest>, core::SendError> request(std::string_view to, const core::Payload& payload,
                                                                          std::chrono::milliseconds timeout);

  const core::Address& address() const noexcept { return self_->address(); }

 private:
  struct Sealed {
    actor::ActorRef target;
    actor::EnvelopePtr envelope;
  };
  /// With `mutex_` held: an envelope with its place.
  std::expected<Sealed, core::SendError> seal_for(std::string_view to, const core::Payload& payload, security::Verb verb);

  actor::ActorRef self_;
  MessagingService& messaging_;
  const core::ClockPort& clock_;
  core::RandomPort& random_;
  std::mutex mutex_;
  EdgeCache edges_;
  MessageIdBlock ids_;
};

}  // namespace airssys::messaging
