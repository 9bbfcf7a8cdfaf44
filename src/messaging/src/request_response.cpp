#include "airssys/messaging/request_response.hpp"

#include <algorithm>
#include <utility>

#include "airssys/messaging/actor_correspondence.hpp"
#include "refused.hpp"
#include "turn_effects.hpp"

namespace airssys::messaging {
std::expected<core::MonotonicTime, core::SendError> RequestResponse::deadline_for(actor::Transaction& turn,
                                                                                  std::uint64_t timeout_ms) {
  using Kind = core::SendErrorKind;
  if (!turn.cell().behaviour().handles_replies()) {
    return std::unexpected(core::SendError{.kind = Kind::unavailable,
                                           .limit = {},
                                           .largest_bytes = 0,
                                           .text = "the component has no reply-handler to get the outcome"});
  }
  if (timeout_ms == 0 || timeout_ms > kTimeoutMaxMs) return refused(Kind::invalid_timeout);
  if (turn.deadline().count() != 0 && turn.deadline() <= turn.now()) return refused(Kind::deadline_passed);
  if (ActorCorrespondence::of(turn.cell()).requests().kept() >= turn.cell().limits().requests) {
    return std::unexpected(core::SendError{.kind = Kind::limit_reached, .limit = core::TurnLimit::requests});
  }
  const core::MonotonicTime deadline = turn.now_at_most() + core::MonotonicTime(std::chrono::milliseconds(timeout_ms));
  return turn.deadline().count() == 0 ? deadline : std::min(deadline, turn.deadline());
}

std::expected<void, core::SendError> RequestResponse::reserve(actor::Transaction& turn, Channel& channel, core::Codec codec,
                                                              std::size_t bytes) {
  return reserve_in_turn(turn, channel, codec, bytes);
}

core::MessageId RequestResponse::open(actor::Transaction& turn, Channel& channel, core::Codec codec, core::Body&& body,
                                      core::MonotonicTime deadline, core::Tag tag) {
  ActorCorrespondence& own = ActorCorrespondence::of(turn.cell());
  const core::MessageId id = own.ids().next(ids_);
  actor::EnvelopePtr envelope = seal(actor::EnvelopeKind::request, id, codec, std::move(body), *channel.edge);
  envelope->deadline = deadline;
  // Filled in where it stays: a copy of what was just written part by part holds the processor up.
  CorrelationTracker::Opened opened = own.requests().open_request(id, *channel.edge, deadline);
  own.note_deadline(deadline);
  opened.request.tag = tag;
  opened.request.turn_deadline = turn.deadline();
  opened.request.trace = turn.trace_of_message().last();
  opened.request.distance = turn.distance();
  envelope->slot = std::move(opened.slot);
  add_to_turn(turn, std::move(envelope));
  return id;
}

bool RequestResponse::cancel(actor::Transaction& turn, core::MessageId id) {
  return ActorCorrespondence::of(turn.cell()).requests().cancel(id);
}

namespace {

std::optional<core::SendError> refusal_of_answer(actor::Transaction& turn, std::size_t bytes) {
  using Kind = core::SendErrorKind;
  const core::Bytes largest = turn.cell().limits().body_bytes;
  if (bytes > largest) return core::SendError{.kind = Kind::too_large, .limit = {}, .largest_bytes = largest, .text = {}};
  if (const auto limit = turn.room_for(1, bytes)) return core::SendError{.kind = Kind::limit_reached, .limit = *limit};
  return std::nullopt;
}

}  // namespace

std::expected<bool, core::SendError> RequestResponse::answer(actor::Transaction& turn, core::MessageId request,
                                                             core::Codec codec, std::span<const std::byte> body) {
  if (auto refusal = refusal_of_answer(turn, body.size())) return std::unexpected(std::move(*refusal));
  return answer(turn, request, core::Payload{codec, core::Body::copy_of(body)});
}

std::expected<bool, core::SendError> RequestResponse::answer(actor::Transaction& turn, core::MessageId request,
                                                             std::expected<core::Payload, core::Failure> outcome) {
  const std::size_t bytes = outcome ? outcome->body.size() : outcome.error().text.size();
  if (auto refusal = refusal_of_answer(turn, bytes)) return std::unexpected(std::move(*refusal));
  auto owed = ActorCorrespondence::of(turn.cell()).requests().take_owed(request, turn.message());
  if (!owed) return false;
  const bool waited_for = owed->slot->waiting();
  actor::EnvelopePtr envelope = actor::make_outcome(request, turn.trace_of_message());
  envelope->slot = std::move(owed->slot);
  envelope->distance = turn.distance();
  if (outcome) {
    envelope->codec = outcome->codec;
    envelope->body = std::move(outcome->body);
  } else {
    envelope->extra = core::make_counted<actor::Extra>(
        core::RequestError{.kind = core::RequestErrorKind::answered, .failure = std::move(outcome.error()), .text = {}});
  }
  turn.add_effect(std::move(envelope), 1, bytes);
  return waited_for;
}

}  // namespace airssys::messaging
