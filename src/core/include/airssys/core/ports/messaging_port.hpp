#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "airssys/core/message.hpp"
#include "airssys/core/ports/turn_token.hpp"

namespace airssys::core {

/// `airssys:core/messaging`: what an actor does to reach others. Everything here is an effect of the turn: it becomes real
/// when the turn ends well and never happened when it does not. Called on the thread that runs the turn, only within it.
/// Views are borrowed for the call; a body is copied once.
class MessagingPort {
 public:
  virtual ~MessagingPort() = default;

  using Sent = std::expected<void, SendError>;
  using Refusal = std::pair<std::uint32_t, SendError>;

  virtual Sent send(TurnToken turn, std::string_view to, Codec codec, std::span<const std::byte> body) = 0;
  /// The same without a copy, for a body that is shared or the caller's own.
  virtual Sent send(TurnToken turn, std::string_view to, Payload payload) = 0;
  /// `timeout_ms`: 1 to 24 hours. The outcome comes to the requester's `handle_reply`, exactly once, with `tag`.
  virtual std::expected<MessageId, SendError> request(TurnToken turn, std::string_view to, Codec codec,
                                                      std::span<const std::byte> body, std::uint64_t timeout_ms, Tag tag) = 0;
  virtual std::expected<MessageId, SendError> request(TurnToken turn, std::string_view to, Payload payload,
                                                      std::uint64_t timeout_ms, Tag tag) = 0;
  /// False: unknown, not this actor's, or its outcome is already here.
  virtual bool cancel(TurnToken turn, MessageId id) = 0;
  /// Ends a request that this actor was asked: the one in hand or a deferred one. False: unknown, answered, or nobody waits.
  virtual std::expected<bool, SendError> answer(TurnToken turn, MessageId request, std::expected<Payload, Failure> outcome) = 0;
  /// The same with a reply that is copied, if it is not too large.
  virtual std::expected<bool, SendError> answer(TurnToken turn, MessageId request, Codec codec,
                                                std::span<const std::byte> body) = 0;
  /// One body to at most 1,000 targets; one effect. The refusals, by index into `to`.
  virtual std::expected<std::vector<Refusal>, SendError> broadcast(TurnToken turn, std::span<const std::string_view> to,
                                                                   Codec codec, std::span<const std::byte> body) = 0;
  virtual std::expected<std::vector<Refusal>, SendError> broadcast(TurnToken turn, std::span<const std::string_view> to,
                                                                   Payload payload) = 0;
  /// To the subscribers at the end of the turn; one effect. Who has no room loses its copy, nobody else.
  virtual Sent publish(TurnToken turn, std::string_view topic, Codec codec, std::span<const std::byte> body) = 0;
  virtual Sent publish(TurnToken turn, std::string_view topic, Payload payload) = 0;
  /// Twice is once. Kept across restarts, gone with the actor.
  virtual Sent subscribe(TurnToken turn, std::string_view pattern) = 0;
  /// False: this actor did not subscribe to it.
  virtual bool unsubscribe(TurnToken turn, std::string_view pattern) = 0;
};

}  // namespace airssys::core
