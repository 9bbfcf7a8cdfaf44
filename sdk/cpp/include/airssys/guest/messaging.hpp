/// Talking to others. Nothing leaves before the turn ends well; if it fails, nothing was ever sent.
#pragma once

#include <airssys/guest/values.hpp>
#include <chrono>
#include <span>
#include <vector>

namespace airssys::guest {

template <typename T>
using SendResult = std::expected<T, SendError>;

namespace detail {

SendError lift(const abi::Error& error);

/// The same calls, with an address or a topic that is well-formed.
SendResult<void> send_mended(std::string_view to, BodyView body);
SendResult<MessageId> request_mended(std::string_view to, BodyView body, std::chrono::milliseconds timeout, std::uint64_t tag);
SendResult<void> publish_mended(std::string_view topic, BodyView body);

/// `verb` and `target`: what was tried, and with whom.
std::unexpected<SendError> refused(const abi::Error& error, std::string_view verb, std::string_view target);

}  // namespace detail

/// To the mailbox of `to`: a place in it is taken now, the message goes when the turn ends well.
inline SendResult<void> send(std::string_view to, BodyView body) {
  if (!detail::is_well_formed(to)) [[unlikely]]
    return detail::send_mended(to, body);
  abi::ResultOf<abi::Nothing> result;
  abi::airssys_send(to.data(), detail::size32(to.size()), static_cast<std::uint32_t>(body.codec), body.text.data(),
                    detail::size32(body.text.size()), &result);
  if (result.failed != 0) [[unlikely]]
    return detail::refused(result.error, "send to", to);
  return {};
}

/// Returns at once with the request's id. The outcome comes to `handle_reply`, exactly once, with `tag`.
inline SendResult<MessageId> request(std::string_view to, BodyView body, std::chrono::milliseconds timeout,
                                     std::uint64_t tag = 0) {
  if (!detail::is_well_formed(to)) [[unlikely]]
    return detail::request_mended(to, body, timeout, tag);
  abi::ResultOf<std::uint64_t> result;
  const auto timeout_ms = timeout.count() < 0 ? 0 : static_cast<std::uint64_t>(timeout.count());
  abi::airssys_request(to.data(), detail::size32(to.size()), static_cast<std::uint32_t>(body.codec), body.text.data(),
                       detail::size32(body.text.size()), timeout_ms, tag, &result);
  if (result.failed != 0) [[unlikely]]
    return detail::refused(result.error, "request from", to);
  return result.value;
}

/// True: the request is forgotten, its outcome will not come.
inline bool cancel(MessageId id) {
  return abi::airssys_cancel(id) != 0;
}

/// Answers the request in hand, or one for which `later()` was returned. False: unknown, answered, or no longer waited for.
inline SendResult<bool> answer(MessageId request, BodyView body) {
  abi::ResultOf<std::uint8_t> result;
  abi::airssys_answer(request, 0, static_cast<std::uint32_t>(body.codec), body.text.data(), detail::size32(body.text.size()),
                      &result);
  if (result.failed != 0) [[unlikely]]
    return detail::refused(result.error, "answer", "its requester");
  return result.value != 0;
}
inline SendResult<bool> answer(MessageId request, const Failure& failure) {
  const detail::ContractText text(failure.text);
  abi::ResultOf<std::uint8_t> result;
  abi::airssys_answer(request, 1, failure.kind, text.data(), text.size(), &result);
  if (result.failed != 0) [[unlikely]]
    return detail::refused(result.error, "answer", "its requester");
  return result.value != 0;
}
inline SendResult<bool> answer(MessageId request, const std::unexpected<Failure>& failure) {
  return answer(request, failure.error());
}
/// Passes on what became of a request of one's own.
inline SendResult<bool> answer(MessageId request, const Outcome& outcome) {
  if (outcome.ok()) return answer(request, body(outcome.codec(), outcome.text()));
  return answer(request, failure_of(outcome.error()));
}

/// A target of a broadcast that got nothing: its place in the list, and why.
struct Refusal {
  std::uint32_t index = 0;
  SendError error;
};
/// One body to at most 1,000 targets.
SendResult<std::vector<Refusal>> broadcast(std::span<const std::string_view> to, BodyView body);

/// To those who are subscribed now.
inline SendResult<void> publish(std::string_view topic, BodyView body) {
  if (!detail::is_well_formed(topic)) [[unlikely]]
    return detail::publish_mended(topic, body);
  abi::ResultOf<abi::Nothing> result;
  abi::airssys_publish(topic.data(), detail::size32(topic.size()), static_cast<std::uint32_t>(body.codec), body.text.data(),
                       detail::size32(body.text.size()), &result);
  if (result.failed != 0) [[unlikely]]
    return detail::refused(result.error, "publish on", topic);
  return {};
}

/// Dot-separated; `*` is exactly one segment, a final `#` any number of them. Kept across restarts.
inline SendResult<void> subscribe(std::string_view pattern) {
  const detail::ContractText text(pattern);
  abi::ResultOf<abi::Nothing> result;
  abi::airssys_subscribe(text.data(), text.size(), &result);
  if (result.failed != 0) [[unlikely]]
    return detail::refused(result.error, "subscribe to", pattern);
  return {};
}
/// True: it was subscribed.
inline bool unsubscribe(std::string_view pattern) {
  const detail::ContractText text(pattern);
  return abi::airssys_unsubscribe(text.data(), text.size()) != 0;
}

}  // namespace airssys::guest

/// Inside a handler: `AIRSSYS_TRY(send(to, raw("x")));` goes on if it was sent, else returns the failure that fits: `busy`
/// where trying again helps, `internal` where not, which says what could not be done, with whom and why.
#define AIRSSYS_TRY(...)                                        \
  do {                                                          \
    if (auto airssys_result = (__VA_ARGS__); !airssys_result) { \
      return ::airssys::guest::failed(airssys_result.error());  \
    }                                                           \
  } while (false)
