#include "airssys/messaging/host_sender.hpp"

#include <algorithm>
#include <utility>

#include "airssys/messaging/outgoing.hpp"

namespace airssys::messaging {
namespace {

/// Lets a thread wait for room in a mailbox.
class RoomSignal final : public actor::RoomWaiter {
 public:
  void room_available() noexcept override {
    const std::lock_guard lock(mutex_);
    room_ = true;
    came_.notify_all();
  }
  void wait_until(std::chrono::steady_clock::time_point until) {
    std::unique_lock lock(mutex_);
    came_.wait_until(lock, until, [this] { return room_; });
    room_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  bool room_ = false;
};

}  // namespace

void HostRequest::settle(actor::EnvelopePtr outcome) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_) {
      waiting_ = false;
      if (outcome->error != nullptr) {
        outcome_ = std::unexpected(std::move(*outcome->error));
      } else {
        outcome_ = core::Payload{.codec = outcome->codec, .body = std::move(outcome->body)};
      }
      ended_.notify_all();
      return;
    }
  }
  const core::Address sender = outcome->sender->address();
  router_.orphaned(std::move(outcome), sender);
}

bool HostRequest::waiting() const noexcept {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

std::optional<core::Outcome> HostRequest::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(outcome_, std::nullopt);
}

core::Outcome HostRequest::wait(std::chrono::milliseconds patience) {
  {
    std::unique_lock lock(mutex_);
    ended_.wait_for(lock, patience, [this] { return !waiting_; });
  }
  expire();
  return *take();
}

void HostRequest::expire() {
  const std::lock_guard lock(mutex_);
  if (!std::exchange(waiting_, false)) return;
  outcome_ = std::unexpected(core::RequestError{.kind = core::RequestErrorKind::timeout, .failure = {}, .text = {}});
  ended_.notify_all();
}

HostSender::HostSender(actor::ActorRef self, MessagingService& messaging, const core::ClockPort& clock,
                       core::RandomPort& random)
    : self_(std::move(self)), messaging_(messaging), clock_(clock), random_(random) {}

std::expected<HostSender::Sealed, core::SendError> HostSender::seal_for(std::string_view to, const core::Payload& payload,
                                                                        security::Verb verb) {
  const core::MonotonicTime now = clock_.monotonic();
  auto edge = messaging_.router().resolve(self_->address(), edges_, to, verb, now);
  if (!edge) return std::unexpected(std::move(edge).error());
  if (auto place = take_place(**edge, payload.codec, payload.body.size(), now); !place) {
    return std::unexpected(std::move(place).error());
  }
  const core::MessageId id = ids_.next(messaging_.ids());
  const auto kind = verb == security::Verb::send ? actor::EnvelopeKind::send : actor::EnvelopeKind::request;
  Sealed sealed{.target = (*edge)->target, .envelope = seal(kind, id, payload.codec, payload.body)};
  sealed.envelope->sender = self_;
  sealed.envelope->sent_at_ms = clock_.wall_ms();
  sealed.envelope->trace = {.trace_high = random_.next_u64(), .trace_low = random_.next_u64() | 1, .span = core::to_number(id)};
  return sealed;
}

std::expected<core::MessageId, core::SendError> HostSender::send(std::string_view to, const core::Payload& payload) {
  const std::lock_guard lock(mutex_);
  auto sealed = seal_for(to, payload, security::Verb::send);
  if (!sealed) {
    messaging_.metrics().refused(sealed.error().kind);
    return std::unexpected(std::move(sealed).error());
  }
  const core::MessageId id = sealed->envelope->id;
  // Under the lock: what one sender sends arrives in the order in which it was sent.
  sealed->target->deliver(std::move(sealed->envelope));
  return id;
}

std::expected<core::MessageId, core::SendError> HostSender::send_within(std::string_view to, const core::Payload& payload,
                                                                        std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds kLook{100};
  const auto until = std::chrono::steady_clock::now() + patience;
  core::IntrusivePtr<RoomSignal> room;
  while (true) {
    auto sent = send(to, payload);
    if (sent || sent.error().kind != core::SendErrorKind::mailbox_full) return sent;
    const auto now = std::chrono::steady_clock::now();
    if (now >= until) return sent;
    const actor::ActorRef target = messaging_.router().find(to);
    if (!target) continue;
    if (!room) room = core::make_counted<RoomSignal>();
    target->mailbox().wait_for_room(room);
    room->wait_until(std::min(until, now + kLook));
  }
}

std::expected<core::IntrusivePtr<HostRequest>, core::SendError> HostSender::request(std::string_view to,
                                                                                    const core::Payload& payload,
                                                                                    std::chrono::milliseconds timeout) {
  if (timeout.count() <= 0 || timeout.count() > static_cast<std::int64_t>(RequestResponse::kTimeoutMaxMs)) {
    return std::unexpected(core::SendError{.kind = core::SendErrorKind::invalid_timeout});
  }
  const std::lock_guard lock(mutex_);
  auto sealed = seal_for(to, payload, security::Verb::request);
  if (!sealed) {
    messaging_.metrics().refused(sealed.error().kind);
    return std::unexpected(std::move(sealed).error());
  }
  auto slot = core::make_counted<HostRequest>(messaging_.responses());
  sealed->envelope->slot = slot;
  sealed->envelope->deadline = clock_.monotonic() + core::MonotonicTime(timeout);
  messaging_.metrics().request_opened();
  sealed->target->deliver(std::move(sealed->envelope));
  return slot;
}

}  // namespace airssys::messaging
