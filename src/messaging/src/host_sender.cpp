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

HostRequest::HostRequest(ResponseRouter& router, actor::ActorRef requester, core::MessageId id)
    : router_(router), requester_(std::move(requester)), id_(id) {
  router_.host_requests_.fetch_add(1, std::memory_order_acq_rel);
}

HostRequest::~HostRequest() {
  if (waiting_) end();
}

HostRequest::Debt HostRequest::end() noexcept {
  waiting_ = false;
  router_.host_requests_.fetch_sub(1, std::memory_order_acq_rel);
  return std::exchange(debt_, {});
}

bool HostRequest::defer(actor::ActorCell& debtor, core::MessageId request) {
  const std::lock_guard lock(mutex_);
  if (waiting_) debt_ = {.debtor = actor::ActorRef(&debtor), .request = request};
  return waiting_;
}

actor::ReplySlot::Destination HostRequest::settle(actor::Envelope& outcome) {
  Debt paid;
  const std::lock_guard lock(mutex_);
  if (!waiting_) {
    router_.metrics().response_orphaned();
    return {.requester = requester_.get(), .way = Way::orphan};
  }
  paid = end();
  router_.metrics().host_response(outcome.error() != nullptr);
  if (outcome.error() != nullptr) {
    outcome_ = std::unexpected(std::move(*outcome.error()));
  } else {
    outcome_ = core::Payload{.codec = outcome.codec, .body = std::move(outcome.body)};
  }
  ended_.notify_all();
  return {.requester = requester_.get(), .way = Way::taken};
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
  Debt open;
  {
    const std::lock_guard lock(mutex_);
    if (!waiting_) return;
    open = end();
    router_.metrics().host_timeout();
    outcome_ = std::unexpected(core::RequestError{.kind = core::RequestErrorKind::timeout, .failure = {}, .text = {}});
    ended_.notify_all();
  }
  if (!open.debtor) return;
  open.debtor->correspondence().withdraw(open.request);
  open.debtor->signal(actor::Signal::withdrawn);
}

HostSender::HostSender(actor::ActorRef self, MessagingService& messaging, const core::ClockPort& clock,
                       core::RandomPort& random)
    : self_(std::move(self)),
      messaging_(messaging),
      clock_(clock),
      random_(random),
      distribution_(messaging.topics()),
      may_begin_trace_(kTracesBegun, clock.monotonic()) {
  commit_.kind = actor::CommitKind::outside;
  commit_.actor = self_.get();
  commit_.expander = this;
  messaging_.metrics().enlist(tally_);
}

HostSender::~HostSender() {
  close();
}

void HostSender::close() noexcept {
  const std::lock_guard lock(mutex_);
  if (std::exchange(closed_, true)) return;
  distribution_.outlets = {};
  edges_.clear();
  messaging_.metrics().retire(tally_);
}

template <typename T>
std::expected<T, core::SendError> HostSender::counted(std::expected<T, core::SendError> result) {
  if (!result) messaging_.metrics().refused(result.error().kind);
  return result;
}

void HostSender::stamp(actor::Envelope& envelope, core::MonotonicTime now) {
  envelope.sent_at_ms = clock_.wall_ms();
  const bool recorded = self_->address() == core::operator_address() || may_begin_trace_.take(now);
  envelope.trace = {.trace_high = random_.next_u64(),
                    .trace_low = random_.next_u64() | 1,
                    .span = 0,
                    .recorded = recorded ? core::TraceContext::kTurns : 0};
  if (recorded) last_traced_.store(core::to_number(envelope.id), std::memory_order_relaxed);
}

void HostSender::note_if_denied(const core::SendError& error, security::Verb verb, std::string_view target) {
  if (error.kind != core::SendErrorKind::denied) return;
  messaging_.note_denied(*self_, verb, target, clock_.monotonic(), clock_.wall_ms());
}

std::expected<actor::EnvelopePtr, core::SendError> HostSender::seal_for(std::string_view to, const core::Payload& payload,
                                                                        security::Verb verb) {
  const core::MonotonicTime now = clock_.monotonic();
  auto channel = messaging_.router().resolve(*self_, edges_, to, verb, now, tally_);
  if (!channel) {
    note_if_denied(channel.error(), verb, to);
    return std::unexpected(std::move(channel).error());
  }
  if (auto permit = take_permit(**channel, payload.codec, payload.body.size(), now); !permit) {
    return std::unexpected(std::move(permit).error());
  }
  const core::MessageId id = ids_.next(messaging_.ids());
  const auto kind = verb == security::Verb::send ? actor::EnvelopeKind::send : actor::EnvelopeKind::request;
  actor::EnvelopePtr envelope = seal(kind, id, payload.codec, core::Body(payload.body), *(*channel)->edge);
  stamp(*envelope, now);
  return envelope;
}

void HostSender::release(actor::EnvelopePtr envelope) {
  // Under the lock: what one sender sends arrives in the order in which it was sent.
  commit_.effects.push_back(std::move(envelope));
  tally_.more().host_sent.add(messaging_.door().release(commit_));
}

std::size_t HostSender::expand(actor::EnvelopePtr& event, actor::VolatileSink& sink) {
  // No worker waits for it, so it is made in one go.
  distribution_.slice = Distribution::kNoBound;
  return messaging_.publishing().spread(self_, edges_, distribution_, event, sink);
}

std::expected<core::MessageId, core::SendError> HostSender::send_held(std::string_view to, const core::Payload& payload) {
  auto envelope = seal_for(to, payload, security::Verb::send);
  if (!envelope) return std::unexpected(std::move(envelope).error());
  const core::MessageId id = (*envelope)->id;
  release(std::move(*envelope));
  return id;
}

std::expected<core::MessageId, core::SendError> HostSender::send(std::string_view to, const core::Payload& payload) {
  const std::lock_guard lock(mutex_);
  return counted(send_held(to, payload));
}

std::expected<core::MessageId, core::SendError> HostSender::send_once(std::string_view key, std::string_view to,
                                                                      const core::Payload& payload) {
  const std::lock_guard lock(mutex_);
  const IdempotencyKeys::Use use{.sender = address().text(), .key = key, .to = to, .payload = payload};
  const auto known = messaging_.keys().find(use, clock_.monotonic());
  if (!known) return counted<core::MessageId>(std::unexpected(known.error()));
  if (*known) return **known;
  auto sent = counted(send_held(to, payload));
  if (sent) messaging_.keys().remember(use, *sent, clock_.monotonic());
  return sent;
}

std::expected<core::MessageId, core::SendError> HostSender::publish(std::string_view topic, const core::Payload& payload) {
  const std::lock_guard lock(mutex_);
  const core::MonotonicTime now = clock_.monotonic();
  const auto outlet = messaging_.publishing().admit(*self_, distribution_.outlets, topic, payload.body.size(), now);
  if (!outlet) {
    note_if_denied(outlet.error(), security::Verb::publish, topic);
    return counted<core::MessageId>(std::unexpected(outlet.error()));
  }
  const core::MessageId id = ids_.next(messaging_.ids());
  actor::EnvelopePtr event = PublishSubscribe::seal_event(**outlet, id, payload.codec, payload.body);
  stamp(*event, now);
  tally_.more().published.add();
  release(std::move(event));
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
    actor::EdgePtr edge;
    {
      const std::lock_guard lock(mutex_);
      edge = edges_.edge(self_, target);
    }
    if (!room) room = core::make_counted<RoomSignal>();
    target->mailbox().wait_for_room(room, std::move(edge));
    room->wait_until(std::min(until, now + kLook));
    target->mailbox().wait_no_longer(*room);
  }
}

std::expected<core::IntrusivePtr<HostRequest>, core::SendError> HostSender::request(std::string_view to,
                                                                                    const core::Payload& payload,
                                                                                    std::chrono::milliseconds timeout) {
  if (timeout.count() <= 0 || timeout.count() > static_cast<std::int64_t>(RequestResponse::kTimeoutMaxMs)) {
    return counted<core::IntrusivePtr<HostRequest>>(
        std::unexpected(core::SendError{.kind = core::SendErrorKind::invalid_timeout}));
  }
  const std::lock_guard lock(mutex_);
  auto envelope = seal_for(to, payload, security::Verb::request);
  if (!envelope) return counted<core::IntrusivePtr<HostRequest>>(std::unexpected(std::move(envelope).error()));
  auto slot = core::make_counted<HostRequest>(messaging_.responses(), self_, (*envelope)->id);
  (*envelope)->slot = slot;
  (*envelope)->deadline = clock_.monotonic() + core::MonotonicTime(timeout);
  tally_.more().requests_opened.add();
  release(std::move(*envelope));
  return slot;
}

}  // namespace airssys::messaging
