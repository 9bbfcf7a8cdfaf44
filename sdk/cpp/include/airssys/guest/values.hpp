/// The values that guests deal in: messages, bodies, responses, failures, outcomes. All are plain values; what a message holds
/// lives until the handler returns, so copy what you keep: `std::string(message.text())`.
#pragma once

#include <airssys/guest/abi.hpp>
#include <airssys/guest/contract_text.hpp>
#include <concepts>
#include <cstdint>
#include <cstdlib>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace airssys::guest {

/// Unique within a data directory and never used again.
using MessageId = std::uint64_t;

enum class Kind : std::uint8_t { send, request, event };

/// How a body is encoded: multicodec numbers. Any other number may be cast: `Codec{0x1234}`.
enum class Codec : std::uint32_t {
  raw = 0x55,
  protobuf = 0x50,
  cbor = 0x51,
  json = 0x0200,
  messagepack = 0x0201,
  // Of the table's private-use area, as in every airssys system.
  text = 0x300001,
  csv = 0x300002,
  json_lines = 0x300003,
  xml = 0x300004,
  yaml = 0x300005,
  toml = 0x300006,
  avro = 0x300010,
  flatbuffers = 0x300011,
  capnproto = 0x300012,
  borsh = 0x300014,
  bincode = 0x300015,
  postcard = 0x300016,
};

namespace detail {

/// A string or byte list that the host allocated with `cabi_realloc`; freed with this object.
class HostText {
 public:
  HostText(char* data, std::uint32_t size) noexcept : data_(data), size_(size) {}
  explicit HostText(abi::Text text) noexcept : HostText(text.data, text.size) {}
  HostText(HostText&& other) noexcept : data_(other.data_), size_(std::exchange(other.size_, 0)) {}
  HostText& operator=(HostText&&) = delete;
  ~HostText() {
    if (size_ != 0) std::free(data_);
  }

  std::string_view view() const noexcept { return {data_, size_}; }
  std::string copy() const { return std::string(view()); }

 private:
  char* data_;
  std::uint32_t size_;
};

}  // namespace detail

/// A body on its way out, borrowed: valid as long as the text it was made from.
struct BodyView {
  Codec codec = Codec::raw;
  std::string_view text;
};

/// A body on its way out, owned.
struct Body {
  Codec codec = Codec::raw;
  std::string text;
  operator BodyView() const noexcept { return {codec, text}; }
};

/// `raw(x)`, `json(x)`, `body(codec, x)`: a view of what lives elsewhere; owned if `x` is a temporary std::string.
inline BodyView body(Codec codec, std::string_view text) noexcept {
  return {codec, text};
}
inline BodyView body(Codec codec, std::span<const std::byte> bytes) noexcept {
  return {codec, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}};
}
template <std::same_as<std::string> S>
Body body(Codec codec, S&& text) noexcept {
  return {codec, std::move(text)};
}
template <typename T>
auto raw(T&& text) {
  return body(Codec::raw, std::forward<T>(text));
}
template <typename T>
auto json(T&& text) {
  return body(Codec::json, std::forward<T>(text));
}

/// What came in. Not copied: handlers get a reference.
class Message {
 public:
  Message(MessageId id, Kind kind, detail::HostText sender, std::optional<detail::HostText> topic, Codec codec,
          detail::HostText body) noexcept
      : id_(id), kind_(kind), codec_(codec), sender_(std::move(sender)), topic_(std::move(topic)), body_(std::move(body)) {}

  MessageId id() const noexcept { return id_; }
  Kind kind() const noexcept { return kind_; }
  bool is_request() const noexcept { return kind_ == Kind::request; }
  /// The sender's address: the host says so, nobody can forge it.
  std::string_view sender() const noexcept { return sender_.view(); }
  /// Of an event; else empty.
  std::string_view topic() const noexcept { return topic_ ? topic_->view() : std::string_view(); }
  Codec codec() const noexcept { return codec_; }
  /// The body as characters; need not be UTF-8.
  std::string_view text() const noexcept { return body_.view(); }
  std::span<const std::byte> bytes() const noexcept { return std::as_bytes(std::span(text().data(), text().size())); }

 private:
  MessageId id_;
  Kind kind_;
  Codec codec_;
  detail::HostText sender_;
  std::optional<detail::HostText> topic_;
  detail::HostText body_;
};

/// What a handler returns when it can't. The turn is undone: its messages, timers and writes never happened. What it changed in
/// the actor's own memory stays, so change that last; but after `internal` the actor starts anew with nothing in it.
struct Failure {
  enum Kind : std::uint8_t {
    rejected,  ///< Understood and refused.
    invalid,   ///< Malformed.
    internal,  ///< This component is at fault: it is restarted. Too often (more than 5 times in 60 s) ends it for good.
    busy,      ///< Not now: the same message comes again when there is room.
  };
  Kind kind = internal;
  std::string text;

  friend bool operator==(const Failure&, const Failure&) = default;
};

template <typename T>
using Result = std::expected<T, Failure>;

inline std::unexpected<Failure> rejected(std::string text) {
  return std::unexpected(Failure{Failure::rejected, std::move(text)});
}
inline std::unexpected<Failure> invalid(std::string text) {
  return std::unexpected(Failure{Failure::invalid, std::move(text)});
}
inline std::unexpected<Failure> internal(std::string text) {
  return std::unexpected(Failure{Failure::internal, std::move(text)});
}
inline std::unexpected<Failure> busy() {
  return std::unexpected(Failure{Failure::busy, {}});
}

/// What a handler returns when it can: done(), reply(...), later(), or a body, which is a reply.
class Response {
 public:
  enum Kind : std::uint8_t { kDone, kReply, kLater };
  Response(Kind kind) noexcept : kind_(kind) {}
  Response(Body body) noexcept : kind_(kReply), body_(std::move(body)) {}
  Response(BodyView body) : kind_(kReply), body_{body.codec, std::string(body.text)} {}

  Kind kind() const noexcept { return kind_; }
  const Body& body() const noexcept { return body_; }

 private:
  Kind kind_;
  Body body_;
};

/// Handled; a requester gets an empty raw reply.
inline Response done() noexcept {
  return Response::kDone;
}
/// Handled, and answered: raw text, or `reply(json(...))`. To a send or an event the reply is dropped.
inline Response reply(std::string text) noexcept {
  return Body{Codec::raw, std::move(text)};
}
inline Response reply(Body body) noexcept {
  return body;
}
inline Response reply(BodyView body) {
  return body;
}
/// The request will be answered by `answer(message.id(), ...)`, in this turn or a later one.
inline Response later() noexcept {
  return Response::kLater;
}

/// Why a message was not sent. In every case nothing was sent: `if (sent.error() == SendError::mailbox_full) return busy();`
struct SendError {
  enum Code : std::uint8_t {
    invalid_address,
    denied,        ///< No grant covers it.
    not_found,     ///< Granted, and there is no such actor.
    mailbox_full,  ///< Return `busy()` to be tried again when there is room.
    too_large,     ///< `number`: the largest body accepted, bytes.
    codec_not_accepted,
    rate_limited,
    invalid_timeout,
    deadline_passed,
    limit_reached,  ///< One of this actor's own limits: `limit`.
    unavailable,    ///< `text` says why.
    other,
  };
  enum Limit : std::uint8_t { requests, subscriptions, timers, deferred, turn_effects, turn_bytes };

  Code code = other;
  Limit limit = requests;
  std::uint64_t number = 0;
  std::string text;
  std::string_view verb = "send to";  ///< What was tried: `publish on`, `subscribe to` ...
  std::string target;                 ///< With whom or what: the address, topic or pattern of the call.

  friend bool operator==(const SendError& error, Code code) noexcept { return error.code == code; }
};

std::string_view name_of(SendError::Code code) noexcept;
/// "cannot send to demo/ledger/1: too-large: at most 4096 bytes are accepted".
std::string to_string(const SendError& error);
/// What a handler returns that can do no better: `busy` where trying again helps, else `internal` with the sentence above.
std::unexpected<Failure> failed(const SendError& error);

/// Why a request got no reply.
struct RequestError {
  enum Code : std::uint8_t {
    timeout,        ///< Whether the target acted is unknown.
    target_gone,    ///< It stopped for good; whether it acted is unknown.
    interrupted,    ///< It restarted with the request in hand; whether it acted is unknown.
    failed,         ///< It did not act: `failure`.
    answered,       ///< It answered so, in a turn that stands: `failure`.
    reply_refused,  ///< It acted; the reply did not fit here.
    other,
  };
  Code code = other;
  std::optional<Failure> failure;
  std::string other_text;  ///< Of `other`.

  /// The words of whoever refused or failed: `rejected("out of quota")` there is "out of quota" here. May be empty.
  std::string_view text() const noexcept { return failure ? std::string_view(failure->text) : other_text; }

  friend bool operator==(const RequestError& error, Code code) noexcept { return error.code == code; }
};

std::string_view name_of(RequestError::Code code) noexcept;

/// What became of a request.
class Outcome {
 public:
  Outcome(MessageId id, std::uint64_t tag, Codec codec, detail::HostText body) noexcept
      : id_(id), tag_(tag), codec_(codec), body_(std::move(body)) {}
  Outcome(MessageId id, std::uint64_t tag, RequestError error) noexcept : id_(id), tag_(tag), error_(std::move(error)) {}

  /// What `request` returned.
  MessageId id() const noexcept { return id_; }
  /// What was given to `request`.
  std::uint64_t tag() const noexcept { return tag_; }
  /// A reply came.
  bool ok() const noexcept { return body_.has_value(); }
  explicit operator bool() const noexcept { return ok(); }
  Codec codec() const noexcept { return codec_; }
  /// The reply's body; empty if there is none.
  std::string_view text() const noexcept { return body_ ? body_->view() : std::string_view(); }
  std::span<const std::byte> bytes() const noexcept { return std::as_bytes(std::span(text().data(), text().size())); }
  /// Only if not ok().
  const RequestError& error() const noexcept { return error_; }

 private:
  MessageId id_;
  std::uint64_t tag_;
  Codec codec_ = Codec::raw;
  std::optional<detail::HostText> body_;
  RequestError error_;
};

/// The failure with which to pass an outcome on that is not ok: the target's own, or `internal` with the error's name.
Failure failure_of(const RequestError& error);

/// Why `initialize` is called.
struct StartReason {
  enum Kind : std::uint8_t { first, restarted, resumed, upgraded };
  Kind kind = first;
  std::uint32_t restarts = 0;  ///< How often within the supervisor's window, this one included.
  std::string from_version;    ///< Of an upgrade.
};

struct Firing {
  std::uint64_t tag = 0;
  std::uint64_t due_ms = 0;
  std::uint64_t missed = 0;  ///< Earlier firings that were due while the actor could not run.
};

/// What `check` returns.
struct Health {
  enum Level : std::uint8_t { kHealthy, kDegraded, kUnhealthy };
  Level level = kHealthy;
  std::string text;
};
inline Health healthy() noexcept {
  return {};
}
inline Health degraded(std::string text) noexcept {
  return {Health::kDegraded, std::move(text)};
}
inline Health unhealthy(std::string text) noexcept {
  return {Health::kUnhealthy, std::move(text)};
}

/// A part of the state of the version before.
struct Part {
  std::string_view from_version;
  std::uint32_t index = 0;
  bool last = false;
  std::string_view bytes;
};

}  // namespace airssys::guest
