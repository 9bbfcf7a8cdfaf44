#pragma once

#include <cstdint>
#include <expected>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "airssys/core/address.hpp"
#include "airssys/core/body.hpp"
#include "airssys/core/codec.hpp"
#include "airssys/core/error.hpp"

namespace airssys::core {

/// Unique within a data directory, never used again. 0 is no message.
enum class MessageId : std::uint64_t {};
/// The requester's own word for a request, given back with its outcome.
enum class Tag : std::uint64_t {};

constexpr std::uint64_t to_number(MessageId id) noexcept {
  return static_cast<std::uint64_t>(id);
}
constexpr std::uint64_t to_number(Tag tag) noexcept {
  return static_cast<std::uint64_t>(tag);
}

enum class MessageKind : std::uint8_t { send, request, event };
std::string_view name_of(MessageKind kind) noexcept;

/// The body of nothing.
inline const Body kNoBody;

/// A message as its receiver sees it: views, valid for the turn. To keep the body beyond, copy it: that shares the bytes.
struct MessageView {
  MessageId id{};
  MessageKind kind = MessageKind::send;
  Codec codec = Codec::raw;
  std::string_view sender;
  std::optional<std::string_view> topic;
  const Body& body = kNoBody;

  std::string_view text() const noexcept { return body.text(); }
};

/// What a message carries: the codec and the bytes.
struct Payload {
  Codec codec = Codec::raw;
  Body body{};

  std::string_view text() const noexcept { return body.text(); }
  friend bool operator==(const Payload&, const Payload&) noexcept = default;
};
inline Payload raw(std::string_view text) {
  return {Codec::raw, Body::copy_of(text)};
}
inline Payload json(std::string_view text) {
  return {Codec::json, Body::copy_of(text)};
}

/// Why a turn could not be done. The turn is undone.
enum class FailureKind : std::uint8_t {
  rejected,  ///< Understood and refused.
  invalid,   ///< Malformed.
  internal,  ///< The component is at fault; treated as a trap.
  busy,      ///< Not now: the message stays at the head of the mailbox.
};
std::string_view name_of(FailureKind kind) noexcept;

struct Failure {
  static constexpr std::size_t kMaxTextBytes = 4096;

  FailureKind kind = FailureKind::internal;
  std::string text{};

  friend bool operator==(const Failure&, const Failure&) noexcept = default;
};
std::ostream& operator<<(std::ostream& out, const Failure& failure);
/// Cut to `Failure::kMaxTextBytes`, at a character's boundary and visibly.
std::string cut_text(std::string_view text);
/// What a failed `Result` means as a turn's failure: rejected, invalid and busy as they are, all else internal.
Failure failure_of(const Error& error);

enum class ResponseKind : std::uint8_t {
  done,   ///< To a request: an empty raw reply.
  reply,  ///< To a send or an event: ignored.
  later,  ///< The request will be answered by `answer`, in this turn or a later one.
};

/// What a turn that stands answers.
struct Response {
  ResponseKind kind = ResponseKind::done;
  Payload payload{};
};
inline Response done() noexcept {
  return {};
}
inline Response later() noexcept {
  return {.kind = ResponseKind::later, .payload = {}};
}
inline Response reply(Payload payload) {
  return {.kind = ResponseKind::reply, .payload = std::move(payload)};
}

/// Why a request got no reply. `failure` goes with `failed` and `answered`, `text` with `other`.
enum class RequestErrorKind : std::uint8_t {
  timeout,        ///< No answer in time. Whether the target acted is unknown.
  target_gone,    ///< The target stopped for good. Whether it acted is unknown.
  interrupted,    ///< The target restarted after it took the request. Whether it acted is unknown.
  failed,         ///< The target's turn was undone: it did not act.
  answered,       ///< The target answered so, in a turn that stands.
  reply_refused,  ///< The reply did not fit the requester's budget. The target acted.
  other,
};
std::string_view name_of(RequestErrorKind kind) noexcept;

struct RequestError {
  RequestErrorKind kind = RequestErrorKind::other;
  Failure failure{};
  std::string text{};

  friend bool operator==(const RequestError&, const RequestError&) noexcept = default;
};
std::ostream& operator<<(std::ostream& out, const RequestError& error);
Error to_error(const RequestError& error);

/// Exactly one of these ends each request.
using Outcome = std::expected<Payload, RequestError>;

/// An outcome as its requester sees it.
struct OutcomeView {
  MessageId id{};
  Tag tag{};
  const Outcome* outcome = nullptr;
};

/// The limits that a call can run into, in the order of the WIT.
enum class TurnLimit : std::uint8_t { requests, subscriptions, timers, deferred, turn_effects, turn_bytes };
std::string_view name_of(TurnLimit limit) noexcept;

/// Why nothing was sent; in the order of the WIT.
enum class SendErrorKind : std::uint8_t {
  invalid_address,
  denied,
  not_found,
  mailbox_full,
  too_large,
  codec_not_accepted,
  rate_limited,
  invalid_timeout,
  deadline_passed,
  limit_reached,
  unavailable,
  other,
};
std::string_view name_of(SendErrorKind kind) noexcept;

struct SendError {
  SendErrorKind kind = SendErrorKind::other;
  TurnLimit limit{};              ///< With `limit_reached`.
  std::uint64_t largest_bytes{};  ///< With `too_large`: the largest body accepted.
  std::string text{};             ///< With `unavailable` and `other`.

  friend bool operator==(const SendError&, const SendError&) noexcept = default;
};
std::ostream& operator<<(std::ostream& out, const SendError& error);
/// "cannot `verb` `target`: why".
Error to_error(const SendError& error, std::string_view target, std::string_view verb = "send to");

/// Why an instance is initialized.
enum class StartReason : std::uint8_t { first, restarted, resumed, upgraded };

struct Start {
  StartReason reason = StartReason::first;
  std::uint32_t restarts = 0;  ///< With `restarted`: how often within the window, this one included.
  std::string version{};       ///< With `upgraded`: the one before.
};

}  // namespace airssys::core
