#include "airssys/actor/turn.hpp"

#include <algorithm>
#include <utility>

#include "airssys/actor/transaction.hpp"

namespace airssys::actor {
namespace {

core::HostPorts& ports_of(Turn& turn) noexcept {
  return Transaction::of(turn).ports();
}

core::Result<void> to_result(core::MessagingPort::Sent sent, const core::Address& to) {
  if (!sent) return std::unexpected(core::to_error(sent.error(), to.text()));
  return {};
}

}  // namespace

const core::Address& Turn::self() const noexcept {
  return Transaction::of(*this).self();
}

std::uint64_t Turn::now_ms() const noexcept {
  return Transaction::of(*this).now_ms();
}

std::uint64_t Turn::random_u64() noexcept {
  return Transaction::of(*this).random_u64();
}

void Turn::stop_self() noexcept {
  Transaction::of(*this).stop_self();
}

core::Result<void> Turn::send(const core::Address& to, core::Payload payload) {
  return to_result(ports_of(*this).messaging.send(token(), to.text(), std::move(payload)), to);
}

core::Result<core::MessageId> Turn::request(const core::Address& to, core::Payload payload, std::chrono::milliseconds timeout,
                                            core::Tag tag) {
  const auto timeout_ms = timeout.count() < 0 ? std::uint64_t{0} : static_cast<std::uint64_t>(timeout.count());
  auto id = ports_of(*this).messaging.request(token(), to.text(), std::move(payload), timeout_ms, tag);
  if (!id) return std::unexpected(core::to_error(id.error(), to.text()));
  return *id;
}

core::Result<std::vector<std::pair<std::uint32_t, core::Error>>> Turn::broadcast(std::span<const core::Address> to,
                                                                                 core::Payload payload) {
  std::vector<std::string_view> targets;
  targets.reserve(to.size());
  for (const core::Address& target : to) targets.push_back(target.text());
  auto refusals = ports_of(*this).messaging.broadcast(token(), targets, std::move(payload));
  if (!refusals) return std::unexpected(core::to_error(refusals.error(), "these targets", "broadcast to"));
  std::vector<std::pair<std::uint32_t, core::Error>> errors;
  for (const auto& [index, error] : *refusals) errors.emplace_back(index, core::to_error(error, targets[index]));
  return errors;
}

core::Result<void> Turn::publish(std::string_view topic, core::Payload payload) {
  auto published = ports_of(*this).messaging.publish(token(), topic, std::move(payload));
  if (!published) return std::unexpected(core::to_error(published.error(), topic, "publish on"));
  return {};
}

core::Result<void> Turn::subscribe(std::string_view pattern) {
  auto subscribed = ports_of(*this).messaging.subscribe(token(), pattern);
  if (!subscribed) return std::unexpected(core::to_error(subscribed.error(), pattern, "subscribe to"));
  return {};
}

bool Turn::unsubscribe(std::string_view pattern) {
  return ports_of(*this).messaging.unsubscribe(token(), pattern);
}

bool Turn::cancel(core::MessageId id) {
  return ports_of(*this).messaging.cancel(token(), id);
}

core::Result<bool> Turn::answer(core::MessageId request, std::expected<core::Payload, core::Failure> outcome) {
  auto answered = ports_of(*this).messaging.answer(token(), request, std::move(outcome));
  if (!answered) return std::unexpected(core::to_error(answered.error(), "its requester"));
  return *answered;
}

core::Result<void> Turn::arm(core::Tag tag, std::chrono::milliseconds delay, std::optional<std::chrono::milliseconds> period) {
  const auto to_ms = [](std::chrono::milliseconds time) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, time.count()));
  };
  const auto armed =
      ports_of(*this).timers.arm(token(), tag, to_ms(delay), period ? std::optional(to_ms(*period)) : std::nullopt);
  if (armed) return {};
  const bool limit = armed.error() == core::TimerError::limit_reached;
  return std::unexpected(core::Error(limit ? core::ErrorCode::limit_reached : core::ErrorCode::invalid, "actor",
                                     limit ? "no more timers: raise the limit `timers`" : "a timer's delay is 0 to 365 days"));
}

bool Turn::disarm(core::Tag tag) {
  return ports_of(*this).timers.disarm(token(), tag);
}

void Turn::log(core::LogLevel level, std::string_view text) noexcept {
  ports_of(*this).log.write(token(), level, text, {}, 0);
}

}  // namespace airssys::actor
