#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <expected>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include "airssys/core/message.hpp"
#include "airssys/core/ports/clock_port.hpp"
#include "airssys/messaging/messaging_service.hpp"

namespace airssys::messaging {

/// A request made from outside of turns. Ends once: by its outcome or by `expire`, whichever is first; until then the system is
/// not idle. Any thread.
class HostRequest final : public actor::ReplySlot {
 public:
  HostRequest(ResponseRouter& router, actor::ActorRef requester, core::MessageId id);
  ~HostRequest() override;

  /// By which a trace of it is found.
  core::MessageId id() const noexcept { return id_; }

  Destination settle(actor::Envelope& outcome) override;
  bool waiting() const noexcept override;
  bool defer(actor::ActorCell& debtor, core::MessageId request) override;
  /// The outcome, once; nothing while there is none.
  std::optional<core::Outcome> take();
  /// Blocks for at most `patience`; then the outcome is `timeout`.
  core::Outcome wait(std::chrono::milliseconds patience);
  /// Ends it with `timeout` unless it has ended.
  void expire();

 private:
  struct Debt {
    actor::ActorRef debtor;
    core::MessageId request{};
  };
  /// With `mutex_` held. Who owes the answer, to be told, or to be let go, without it.
  Debt end() noexcept;

  ResponseRouter& router_;
  const actor::ActorRef requester_;
  const core::MessageId id_;
  mutable std::mutex mutex_;
  std::condition_variable ended_;
  bool waiting_ = true;
  Debt debt_;  ///< Without a debtor: it has not been deferred.
  std::optional<core::Outcome> outcome_;
};

/// Sends from outside of turns: the embedding program's threads, gateways, the operator. Each send is its own transaction.
/// Any thread, but for what is said.
class HostSender final : private actor::Expander {
 public:
  /// `self` is the actor that receivers see as the sender; it needs grants like any other. All borrowed but `self`.
  HostSender(actor::ActorRef self, MessagingService& messaging, const core::ClockPort& clock, core::RandomPort& random);
  HostSender(const HostSender&) = delete;
  HostSender& operator=(const HostSender&) = delete;
  ~HostSender() override;
  /// Before the messaging ends that it sends with; it sends no more.
  void close() noexcept;

  std::expected<core::MessageId, core::SendError> send(std::string_view to, const core::Payload& payload);
  /// The same once for each `key` (1 to 255 bytes): said again, it returns the id of the first. Remembered for a day, with the
  /// last 10,000 of the system.
  std::expected<core::MessageId, core::SendError> send_once(std::string_view key, std::string_view to,
                                                            const core::Payload& payload);
  /// To the subscribers of now. Whether anybody is does not matter.
  std::expected<core::MessageId, core::SendError> publish(std::string_view topic, const core::Payload& payload);
  /// Waits for room for at most `patience` by the real clock. Not on a worker.
  std::expected<core::MessageId, core::SendError> send_within(std::string_view to, const core::Payload& payload,
                                                              std::chrono::milliseconds patience);
  /// The target's deadline is `timeout` from now; it is for the caller to `wait` or `expire` the request.
  std::expected<core::IntrusivePtr<HostRequest>, core::SendError> request(std::string_view to, const core::Payload& payload,
                                                                          std::chrono::milliseconds timeout);

  const core::Address& address() const noexcept { return self_->address(); }
  /// The last message that began a trace which is recorded. 0: none has.
  core::MessageId last_traced() const noexcept { return core::MessageId{last_traced_.load(std::memory_order_relaxed)}; }

  /// Traces begun by one sender of the host, a second; the operator's all are.
  static constexpr core::Rate kTracesBegun{20};

 private:
  // With `mutex_` held.
  /// An envelope with its permit.
  std::expected<actor::EnvelopePtr, core::SendError> seal_for(std::string_view to, const core::Payload& payload,
                                                              security::Verb verb);
  std::expected<core::MessageId, core::SendError> send_held(std::string_view to, const core::Payload& payload);
  void stamp(actor::Envelope& envelope, core::MonotonicTime now);
  void release(actor::EnvelopePtr envelope);
  std::size_t expand(actor::EnvelopePtr& event, actor::VolatileSink& sink) override;
  template <typename T>
  std::expected<T, core::SendError> counted(std::expected<T, core::SendError> result);
  void note_if_denied(const core::SendError& error, security::Verb verb, std::string_view target);

  actor::ActorRef self_;
  MessagingService& messaging_;
  const core::ClockPort& clock_;
  core::RandomPort& random_;
  std::mutex mutex_;
  EdgeCache edges_;
  Distribution distribution_;
  actor::Commit commit_;  ///< Used again for each send.
  MessageIdBlock ids_;
  Tally tally_{nullptr};
  security::TokenBucket may_begin_trace_;
  std::atomic<std::uint64_t> last_traced_{0};
  bool closed_ = false;
};

}  // namespace airssys::messaging
