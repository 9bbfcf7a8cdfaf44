#include "airssys/core/message.hpp"

#include <fmt/format.h>

#include <ostream>

#include "airssys/core/cut.hpp"

namespace airssys::core {
namespace {

ErrorCode code_of(FailureKind kind) noexcept {
  switch (kind) {
    case FailureKind::rejected:
      return ErrorCode::rejected;
    case FailureKind::invalid:
      return ErrorCode::invalid;
    case FailureKind::internal:
      return ErrorCode::internal;
    case FailureKind::busy:
      return ErrorCode::busy;
  }
  return ErrorCode::internal;
}

FailureKind failure_kind_of(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::rejected:
      return FailureKind::rejected;
    case ErrorCode::invalid:
      return FailureKind::invalid;
    case ErrorCode::busy:
      return FailureKind::busy;
    default:
      return FailureKind::internal;
  }
}

std::string text_of(const Failure& failure) {
  const std::string_view name = name_of(failure.kind);
  return failure.text.empty() ? std::string(name) : fmt::format("{}: {}", name, failure.text);
}

ErrorCode code_of(const RequestError& error) noexcept {
  switch (error.kind) {
    case RequestErrorKind::timeout:
      return ErrorCode::timeout;
    case RequestErrorKind::target_gone:
      return ErrorCode::target_gone;
    case RequestErrorKind::interrupted:
      return ErrorCode::interrupted;
    case RequestErrorKind::failed:
    case RequestErrorKind::answered:
      return code_of(error.failure.kind);
    case RequestErrorKind::reply_refused:
      return ErrorCode::reply_refused;
    case RequestErrorKind::other:
      return ErrorCode::internal;
  }
  return ErrorCode::internal;
}

/// The target's own words where it refused: that is no fault of anybody's, and a refusal has done nothing.
std::string text_of_failed(const Failure& failure) {
  if (failure.kind == FailureKind::internal) return "the target failed and did not act: " + text_of(failure);
  if (failure.kind == FailureKind::busy) return "busy: the target put it off until the end and did not act";
  return text_of(failure);
}

/// What happened and whether the target acted: the two things that a requester must know.
std::string text_of(const RequestError& error) {
  switch (error.kind) {
    case RequestErrorKind::timeout:
      return "no answer in time; whether the target acted is unknown";
    case RequestErrorKind::target_gone:
      return "the target stopped for good; whether it acted is unknown";
    case RequestErrorKind::interrupted:
      return "the target restarted with the request in its hands; whether it acted is unknown";
    case RequestErrorKind::failed:
      return text_of_failed(error.failure);
    case RequestErrorKind::answered:
      return text_of(error.failure) + " (answered in a turn that stands)";
    case RequestErrorKind::reply_refused:
      return "the target acted, but its reply did not fit the requester's budget (reply_bytes)";
    case RequestErrorKind::other:
      return error.text;
  }
  return error.text;
}

ErrorCode code_of(SendErrorKind kind) noexcept {
  switch (kind) {
    case SendErrorKind::invalid_address:
    case SendErrorKind::invalid_timeout:
      return ErrorCode::invalid;
    case SendErrorKind::denied:
      return ErrorCode::denied;
    case SendErrorKind::not_found:
      return ErrorCode::not_found;
    case SendErrorKind::mailbox_full:
      return ErrorCode::mailbox_full;
    case SendErrorKind::too_large:
      return ErrorCode::too_large;
    case SendErrorKind::codec_not_accepted:
      return ErrorCode::codec_not_accepted;
    case SendErrorKind::rate_limited:
      return ErrorCode::rate_limited;
    case SendErrorKind::deadline_passed:
      return ErrorCode::deadline_passed;
    case SendErrorKind::limit_reached:
      return ErrorCode::limit_reached;
    case SendErrorKind::unavailable:
      return ErrorCode::unavailable;
    case SendErrorKind::other:
      return ErrorCode::internal;
  }
  return ErrorCode::internal;
}

std::string text_of(const SendError& error) {
  switch (error.kind) {
    case SendErrorKind::invalid_address:
      return "malformed address, topic or pattern";
    case SendErrorKind::denied:
      return "no grant covers it";
    case SendErrorKind::not_found:
      return "there is no such actor";
    case SendErrorKind::mailbox_full:
      return "the mailbox, or this sender's share of it, has no room";
    case SendErrorKind::too_large:
      return fmt::format("the body is too large: at most {} bytes are accepted", error.largest_bytes);
    case SendErrorKind::codec_not_accepted:
      return "the target does not accept this codec";
    case SendErrorKind::rate_limited:
      return "faster than the grant's rate";
    case SendErrorKind::invalid_timeout:
      return "a timeout is from 1 ms to 24 hours";
    case SendErrorKind::deadline_passed:
      return "the deadline has passed";
    case SendErrorKind::limit_reached:
      return fmt::format("the sender's limit on {} is reached", name_of(error.limit));
    case SendErrorKind::unavailable:
      return error.text.empty() ? "not served here, or not now" : error.text;
    case SendErrorKind::other:
      return error.text;
  }
  return error.text;
}

}  // namespace

std::string_view name_of(MessageKind kind) noexcept {
  switch (kind) {
    case MessageKind::send:
      return "send";
    case MessageKind::request:
      return "request";
    case MessageKind::event:
      return "event";
  }
  return "unknown";
}

std::string_view name_of(FailureKind kind) noexcept {
  switch (kind) {
    case FailureKind::rejected:
      return "rejected";
    case FailureKind::invalid:
      return "invalid";
    case FailureKind::internal:
      return "internal";
    case FailureKind::busy:
      return "busy";
  }
  return "unknown";
}

std::string_view name_of(RequestErrorKind kind) noexcept {
  switch (kind) {
    case RequestErrorKind::timeout:
      return "timeout";
    case RequestErrorKind::target_gone:
      return "target-gone";
    case RequestErrorKind::interrupted:
      return "interrupted";
    case RequestErrorKind::failed:
      return "failed";
    case RequestErrorKind::answered:
      return "answered";
    case RequestErrorKind::reply_refused:
      return "reply-refused";
    case RequestErrorKind::other:
      return "other";
  }
  return "unknown";
}

std::string_view name_of(TurnLimit limit) noexcept {
  switch (limit) {
    case TurnLimit::requests:
      return "requests";
    case TurnLimit::subscriptions:
      return "subscriptions";
    case TurnLimit::timers:
      return "timers";
    case TurnLimit::deferred:
      return "deferred";
    case TurnLimit::turn_effects:
      return "turn-effects";
    case TurnLimit::turn_bytes:
      return "turn-bytes";
  }
  return "unknown";
}

std::string_view name_of(SendErrorKind kind) noexcept {
  switch (kind) {
    case SendErrorKind::invalid_address:
      return "invalid-address";
    case SendErrorKind::denied:
      return "denied";
    case SendErrorKind::not_found:
      return "not-found";
    case SendErrorKind::mailbox_full:
      return "mailbox-full";
    case SendErrorKind::too_large:
      return "too-large";
    case SendErrorKind::codec_not_accepted:
      return "codec-not-accepted";
    case SendErrorKind::rate_limited:
      return "rate-limited";
    case SendErrorKind::invalid_timeout:
      return "invalid-timeout";
    case SendErrorKind::deadline_passed:
      return "deadline-passed";
    case SendErrorKind::limit_reached:
      return "limit-reached";
    case SendErrorKind::unavailable:
      return "unavailable";
    case SendErrorKind::other:
      return "other";
  }
  return "unknown";
}

std::ostream& operator<<(std::ostream& out, const Failure& failure) {
  return out << text_of(failure);
}

std::ostream& operator<<(std::ostream& out, const RequestError& error) {
  return out << name_of(error.kind) << ": " << text_of(error);
}

std::ostream& operator<<(std::ostream& out, const SendError& error) {
  return out << name_of(error.kind) << ": " << text_of(error);
}

std::string cut_text(std::string_view text) {
  return cut_to(text, Failure::kMaxTextBytes);
}

Failure failure_of(const Error& error) {
  return {.kind = failure_kind_of(error.code()), .text = cut_text(error.to_string())};
}

Error to_error(const RequestError& error) {
  return {code_of(error), "messaging", text_of(error)};
}

Error to_error(const SendError& error, std::string_view target, std::string_view verb) {
  return {code_of(error.kind), "messaging", fmt::format("cannot {} {}: {}", verb, target, text_of(error))};
}

}  // namespace airssys::core
