#include "airssys/messaging/messaging_service.hpp"

#include <fmt/format.h>

#include <utility>

#include "airssys/messaging/actor_correspondence.hpp"

namespace airssys::messaging {
namespace {

/// How a body comes to be once its message has been accepted: the guest's bytes are copied, a native's are taken over.
auto copying(std::span<const std::byte> body) {
  return [body] { return core::Body::copy_of(body); };
}
auto handing_over(core::Body& body) {
  return [&body] { return std::move(body); };
}

}  // namespace

MessagingService::MessagingService(const actor::Registry& registry, const security::GrantTable& grants, std::uint64_t first_id,
                                   MessageIds::Reserve more_ids)
    : registry_(registry),
      ids_(first_id, std::move(more_ids)),
      door_(dead_letters_),
      router_(registry, grants),
      responses_(metrics_),
      topics_(grants),
      fire_and_forget_(ids_),
      broadcast_(ids_, router_),
      request_response_(ids_),
      publishing_(ids_, topics_, grants),
      services_{.responses = responses_, .metrics = metrics_, .topics = topics_, .publishing = publishing_} {}

std::unique_ptr<actor::Correspondence> MessagingService::make_correspondence(actor::ActorCell& owner) {
  return std::make_unique<ActorCorrespondence>(owner, services_);
}

void MessagingService::declare(DeclaredSubscription subscription) {
  topics_.declare(std::move(subscription), [this] { return registry_.all(); });
}

void MessagingService::note_denied(actor::ActorCell& sender, security::Verb verb, std::string_view target,
                                   core::MonotonicTime now, std::uint64_t now_ms) {
  const auto more = ActorCorrespondence::of(sender).denials(now).note(verb, target, now, now_ms);
  if (!more || log_ == nullptr || !log_->enabled(core::LogLevel::warn)) return;
  const std::string& who = sender.address().text();
  log_->write_about(who, "airssys", core::LogLevel::warn, actor::denial_text(who, phrase_of(verb, target)) + *more);
}

void MessagingService::note_denied(actor::Transaction& turn, security::Verb verb, std::string_view target) {
  turn.note_denial(phrase_of(verb, target));
  note_denied(turn.cell(), verb, target, turn.now(), turn.now_ms());
}

void MessagingService::note_refused(actor::Transaction& turn, core::SendErrorKind kind, security::Verb verb,
                                    std::string_view target) {
  if (kind == core::SendErrorKind::denied) note_denied(turn, verb, target);
  if (kind == core::SendErrorKind::not_found) note_gone(turn, verb, target);
}

void MessagingService::note_gone(actor::Transaction& turn, security::Verb verb, std::string_view target) {
  if (stopped_ == nullptr || stopped_->size() == 0 || log_ == nullptr || !log_->enabled(core::LogLevel::warn)) return;
  // Before one looks: the list of those who have stopped is everybody's, and under a lock.
  if (!ActorCorrespondence::of(turn.cell()).denials(turn.now()).may_tell_of_the_gone(turn.now())) return;
  const auto stopped = stopped_->find(target);
  if (!stopped) return;
  const std::string& who = turn.self().text();
  log_->write_about(who, "airssys", core::LogLevel::warn,
                    fmt::format("{0} could not {1}: {2} is no more: {3}; `airssys restart {2}` starts it again", who,
                                phrase_of(verb, target), target, stopped->why));
}

template <typename MakeBody>
MessagingService::Sent MessagingService::post(actor::Transaction& turn, std::string_view to, core::Codec codec,
                                              std::size_t bytes, MakeBody make_body) {
  auto channel = ActorCorrespondence::of(turn.cell()).resolve(router_, to, security::Verb::send, turn.now());
  if (!channel) return counted<void>(turn, security::Verb::send, to, std::unexpected(std::move(channel).error()));
  return counted(fire_and_forget_.send(turn, **channel, codec, bytes, make_body));
}

MessagingService::Sent MessagingService::send(core::TurnToken turn, std::string_view to, core::Codec codec,
                                              std::span<const std::byte> body) {
  return post(actor::Transaction::of(turn), to, codec, body.size(), copying(body));
}

MessagingService::Sent MessagingService::send(core::TurnToken turn, std::string_view to, core::Payload payload) {
  return post(actor::Transaction::of(turn), to, payload.codec, payload.body.size(), handing_over(payload.body));
}

template <typename MakeBody>
std::expected<core::MessageId, core::SendError> MessagingService::ask(actor::Transaction& turn, std::string_view to,
                                                                      core::Codec codec, std::size_t bytes, MakeBody make_body,
                                                                      std::uint64_t timeout_ms, core::Tag tag) {
  const auto deadline = RequestResponse::deadline_for(turn, timeout_ms);
  if (!deadline) return counted<core::MessageId>(std::unexpected(deadline.error()));
  auto channel = ActorCorrespondence::of(turn.cell()).resolve(router_, to, security::Verb::request, turn.now());
  if (!channel) return counted<core::MessageId>(turn, security::Verb::request, to, std::unexpected(std::move(channel).error()));
  return counted(request_response_.request(turn, **channel, codec, bytes, make_body, *deadline, tag));
}

std::expected<core::MessageId, core::SendError> MessagingService::request(core::TurnToken turn, std::string_view to,
                                                                          core::Codec codec, std::span<const std::byte> body,
                                                                          std::uint64_t timeout_ms, core::Tag tag) {
  return ask(actor::Transaction::of(turn), to, codec, body.size(), copying(body), timeout_ms, tag);
}

std::expected<core::MessageId, core::SendError> MessagingService::request(core::TurnToken turn, std::string_view to,
                                                                          core::Payload payload, std::uint64_t timeout_ms,
                                                                          core::Tag tag) {
  return ask(actor::Transaction::of(turn), to, payload.codec, payload.body.size(), handing_over(payload.body), timeout_ms, tag);
}

bool MessagingService::cancel(core::TurnToken turn, core::MessageId id) {
  return request_response_.cancel(actor::Transaction::of(turn), id);
}

std::expected<bool, core::SendError> MessagingService::answer(core::TurnToken turn, core::MessageId request,
                                                              std::expected<core::Payload, core::Failure> outcome) {
  return counted(request_response_.answer(actor::Transaction::of(turn), request, std::move(outcome)));
}

std::expected<bool, core::SendError> MessagingService::answer(core::TurnToken turn, core::MessageId request, core::Codec codec,
                                                              std::span<const std::byte> body) {
  return counted(request_response_.answer(actor::Transaction::of(turn), request, codec, body));
}

template <typename MakeBody>
std::expected<std::vector<MessagingService::Refusal>, core::SendError> MessagingService::spread(
    actor::Transaction& turn, std::span<const std::string_view> to, core::Codec codec, std::size_t bytes, MakeBody make_body) {
  auto refusals = broadcast_.broadcast(turn, to, codec, bytes, make_body);
  if (!refusals) return counted<std::vector<Refusal>>(std::unexpected(std::move(refusals).error()));
  ActorCorrespondence::of(turn.cell()).note_broadcast();
  for (const auto& [index, error] : *refusals) {
    metrics_.refused(error.kind);
    note_refused(turn, error.kind, security::Verb::send, to[index]);
  }
  return refusals;
}

std::expected<std::vector<MessagingService::Refusal>, core::SendError> MessagingService::broadcast(
    core::TurnToken turn, std::span<const std::string_view> to, core::Codec codec, std::span<const std::byte> body) {
  return spread(actor::Transaction::of(turn), to, codec, body.size(), copying(body));
}

std::expected<std::vector<MessagingService::Refusal>, core::SendError> MessagingService::broadcast(
    core::TurnToken turn, std::span<const std::string_view> to, core::Payload payload) {
  return spread(actor::Transaction::of(turn), to, payload.codec, payload.body.size(), handing_over(payload.body));
}

MessagingService::Sent MessagingService::publish(core::TurnToken turn, std::string_view topic, core::Codec codec,
                                                 std::span<const std::byte> body) {
  actor::Transaction& own = actor::Transaction::of(turn);
  return counted(own, security::Verb::publish, topic, publishing_.publish(own, topic, codec, body.size(), copying(body)));
}

MessagingService::Sent MessagingService::publish(core::TurnToken turn, std::string_view topic, core::Payload payload) {
  actor::Transaction& own = actor::Transaction::of(turn);
  return counted(own, security::Verb::publish, topic,
                 publishing_.publish(own, topic, payload.codec, payload.body.size(), handing_over(payload.body)));
}

MessagingService::Sent MessagingService::subscribe(core::TurnToken turn, std::string_view pattern) {
  actor::Transaction& own = actor::Transaction::of(turn);
  return counted(own, security::Verb::subscribe, pattern, publishing_.subscribe(own, pattern));
}

bool MessagingService::unsubscribe(core::TurnToken turn, std::string_view pattern) {
  return publishing_.unsubscribe(actor::Transaction::of(turn), pattern);
}

}  // namespace airssys::messaging
