#include "airssys/messaging/messaging_service.hpp"

#include <utility>

#include "airssys/messaging/actor_correspondence.hpp"

namespace airssys::messaging {
namespace {

std::unexpected<core::SendError> not_served(std::string_view what) {
  return std::unexpected(core::SendError{.kind = core::SendErrorKind::unavailable,
                                         .limit = {},
                                         .largest_bytes = 0,
                                         .text = std::string(what) + " is not served yet"});
}

}  // namespace

MessagingService::MessagingService(const actor::Registry& registry, const security::GrantTable& grants, std::uint64_t first_id)
    : ids_(first_id),
      router_(registry, grants),
      responses_(metrics_, dead_letters_),
      fire_and_forget_(ids_),
      request_response_(ids_, responses_, metrics_) {}

std::unique_ptr<actor::Correspondence> MessagingService::make_correspondence(actor::ActorCell& owner) {
  return std::make_unique<ActorCorrespondence>(owner, responses_, metrics_);
}

template <typename MakeBody>
core::MessagingPort::Sent MessagingService::post(actor::Turn& turn, std::string_view to, core::Codec codec, std::size_t bytes,
                                                 MakeBody make_body) {
  auto edge = router_.resolve(turn.self(), ActorCorrespondence::of(turn.cell()).edges(), to, security::Verb::send, turn.now());
  if (!edge) return std::unexpected(std::move(edge).error());
  return fire_and_forget_.send(turn, **edge, codec, bytes, make_body);
}

core::MessagingPort::Sent MessagingService::send(core::TurnToken turn, std::string_view to, core::Codec codec,
                                                 std::span<const std::byte> body) {
  return counted(post(actor::Turn::of(turn), to, codec, body.size(), [&] { return core::Body::copy_of(body); }));
}

core::MessagingPort::Sent MessagingService::send(core::TurnToken turn, std::string_view to, const core::Payload& payload) {
  return counted(post(actor::Turn::of(turn), to, payload.codec, payload.body.size(), [&] { return payload.body; }));
}

std::expected<core::MessageId, core::SendError> MessagingService::request(core::TurnToken token, std::string_view to,
                                                                          core::Codec codec, std::span<const std::byte> body,
                                                                          std::uint64_t timeout_ms, core::Tag tag) {
  actor::Turn& turn = actor::Turn::of(token);
  const auto deadline = RequestResponse::deadline_for(turn, timeout_ms);
  if (!deadline) return counted<core::MessageId>(std::unexpected(deadline.error()));
  auto edge =
      router_.resolve(turn.self(), ActorCorrespondence::of(turn.cell()).edges(), to, security::Verb::request, turn.now());
  if (!edge) return counted<core::MessageId>(std::unexpected(std::move(edge).error()));
  return counted(request_response_.request(turn, **edge, codec, body, *deadline, tag));
}

bool MessagingService::cancel(core::TurnToken turn, core::MessageId id) {
  return request_response_.cancel(actor::Turn::of(turn), id);
}

std::expected<bool, core::SendError> MessagingService::answer(core::TurnToken turn, core::MessageId request,
                                                              std::expected<core::Payload, core::Failure> outcome) {
  return counted(request_response_.answer(actor::Turn::of(turn), request, std::move(outcome)));
}

std::expected<std::vector<core::MessagingPort::Refusal>, core::SendError> MessagingService::broadcast(
    core::TurnToken, std::span<const std::string_view>, core::Codec, std::span<const std::byte>) {
  return counted<std::vector<Refusal>>(not_served("broadcast"));
}

core::MessagingPort::Sent MessagingService::publish(core::TurnToken, std::string_view, core::Codec,
                                                    std::span<const std::byte>) {
  return counted<void>(not_served("publish"));
}

core::MessagingPort::Sent MessagingService::subscribe(core::TurnToken, std::string_view) {
  return counted<void>(not_served("subscribe"));
}

bool MessagingService::unsubscribe(core::TurnToken, std::string_view) {
  return false;
}

}  // namespace airssys::messaging
