#include "airssys/actor/turn.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace airssys::actor {
namespace {

core::Result<void> to_result(core::MessagingPort::Sent sent, const core::Address& to) {
  if (!sent) return std::unexpected(core::to_error(sent.error(), to.text()));
  return {};
}

/// How many targets without room a turn remembers: each refusal looks through them.
constexpr std::size_t kRefusalsNoted = 64;

}  // namespace

std::string denial_text(std::string_view from, std::string_view what) {
  return fmt::format("{} may not {}: no [[grant]] covers it", from, what);
}

void Turn::begin(ActorCell& cell, core::HostPorts& ports, const core::ClockPort& clock, core::RandomPort& random,
                 const Moment& now) noexcept {
  cell_ = &cell;
  ports_ = &ports;
  clock_ = &clock;
  random_ = &random;
  message_ = nullptr;
  now_ = now.monotonic;
  slack_ = now.slack;
  deadline_ = {};
  trace_ = {};
  wall_ms_ = now.wall_ms;
  denied_.clear();
  stops_ = false;
  is_last_ = false;
  is_cut_ = false;
  distance_ = 0;
  looks_ = 0;
  to_end_since_ = {};
  stopped_because_ = {};
}

void Turn::drop_effects() noexcept {
  effects_.clear();
  effect_count_ = 0;
  effect_bytes_ = 0;
  copies_ = 0;
  if (!timer_changes_.empty()) timer_changes_.clear();
  timers_more_ = 0;
  refused_.clear();
}

void Turn::share_record(bool answers) noexcept {
  const auto arms = [](const auto& change) { return change.second.arm; };
  const auto armed = static_cast<std::size_t>(std::ranges::count_if(timer_changes_, arms));
  core::RecordShares shares(trace_.next().recorded, effects_.size() + armed + (answers ? 1 : 0));
  for (const EnvelopePtr& effect : effects_) effect->trace.recorded = shares.deal();
  for (auto& [tag, change] : timer_changes_) {
    if (change.arm) change.timer.trace.recorded = shares.deal();
  }
  // The answer takes one from it.
  if (answers) trace_.recorded = shares.deal() + 1;
}

std::uint64_t Turn::random_u64() noexcept {
  return random_->next_u64();
}

void Turn::name_span() noexcept {
  trace_.span = random_u64() | 1;
}

void Turn::begin_trace() noexcept {
  trace_ = {.trace_high = random_u64(), .trace_low = random_u64() | 1};
}

void Turn::belongs_to(const core::TraceContext& cause) noexcept {
  // Member by member: a copy in one piece would be read back before its parts have been stored.
  trace_.trace_high = cause.trace_high;
  trace_.trace_low = cause.trace_low;
  trace_.span = 0;
  trace_.recorded = cause.recorded;
  if (cause.is_recorded()) [[unlikely]]
    name_span();
}

core::Result<void> Turn::send(const core::Address& to, core::Payload payload) {
  return to_result(ports_->messaging.send(token(), to.text(), std::move(payload)), to);
}

core::Result<core::MessageId> Turn::request(const core::Address& to, core::Payload payload, std::chrono::milliseconds timeout,
                                            core::Tag tag) {
  const auto timeout_ms = timeout.count() < 0 ? std::uint64_t{0} : static_cast<std::uint64_t>(timeout.count());
  auto id = ports_->messaging.request(token(), to.text(), std::move(payload), timeout_ms, tag);
  if (!id) return std::unexpected(core::to_error(id.error(), to.text()));
  return *id;
}

core::Result<std::vector<std::pair<std::uint32_t, core::Error>>> Turn::broadcast(std::span<const core::Address> to,
                                                                                 core::Payload payload) {
  std::vector<std::string_view> targets;
  targets.reserve(to.size());
  for (const core::Address& target : to) targets.push_back(target.text());
  auto refusals = ports_->messaging.broadcast(token(), targets, std::move(payload));
  if (!refusals) return std::unexpected(core::to_error(refusals.error(), "these targets", "broadcast to"));
  std::vector<std::pair<std::uint32_t, core::Error>> errors;
  for (const auto& [index, error] : *refusals) errors.emplace_back(index, core::to_error(error, targets[index]));
  return errors;
}

core::Result<void> Turn::publish(std::string_view topic, core::Payload payload) {
  auto published = ports_->messaging.publish(token(), topic, std::move(payload));
  if (!published) return std::unexpected(core::to_error(published.error(), topic, "publish on"));
  return {};
}

core::Result<void> Turn::subscribe(std::string_view pattern) {
  auto subscribed = ports_->messaging.subscribe(token(), pattern);
  if (!subscribed) return std::unexpected(core::to_error(subscribed.error(), pattern, "subscribe to"));
  return {};
}

bool Turn::unsubscribe(std::string_view pattern) {
  return ports_->messaging.unsubscribe(token(), pattern);
}

bool Turn::cancel(core::MessageId id) {
  return ports_->messaging.cancel(token(), id);
}

core::Result<bool> Turn::answer(core::MessageId request, std::expected<core::Payload, core::Failure> outcome) {
  auto answered = ports_->messaging.answer(token(), request, std::move(outcome));
  if (!answered) return std::unexpected(core::to_error(answered.error(), "its requester"));
  return *answered;
}

core::Result<void> Turn::arm(core::Tag tag, std::chrono::milliseconds delay, std::optional<std::chrono::milliseconds> period) {
  const auto to_ms = [](std::chrono::milliseconds time) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, time.count()));
  };
  const auto armed = ports_->timers.arm(token(), tag, to_ms(delay), period ? std::optional(to_ms(*period)) : std::nullopt);
  if (armed) return {};
  const bool limit = armed.error() == core::TimerError::limit_reached;
  return std::unexpected(core::Error(limit ? core::ErrorCode::limit_reached : core::ErrorCode::invalid, "actor",
                                     limit ? "no more timers: raise the limit `timers`" : "a timer's delay is 0 to 365 days"));
}

bool Turn::disarm(core::Tag tag) {
  return ports_->timers.disarm(token(), tag);
}

void Turn::log(core::LogLevel level, std::string_view text) noexcept {
  ports_->log.write(token(), level, text, {}, 0);
}

std::optional<core::TurnLimit> Turn::room_for(std::size_t effects, std::size_t bytes) const noexcept {
  const core::Limits& limits = cell_->limits();
  if (effect_count_ + effects > limits.turn_effects) return core::TurnLimit::turn_effects;
  if (effect_bytes_ + bytes > limits.turn_bytes) return core::TurnLimit::turn_bytes;
  return std::nullopt;
}

std::optional<core::TurnLimit> Turn::room_for_copies(std::size_t copies) const noexcept {
  const auto most = static_cast<std::size_t>(cell_->limits().turn_cpu / kCopyPrice);
  if (copies_ == 0 || copies <= most - std::min(copies_, most)) return std::nullopt;
  return core::TurnLimit::turn_effects;
}

void Turn::add_effect(EnvelopePtr effect, std::size_t effects, std::size_t bytes) {
  effects_.push_back(std::move(effect));
  effect_count_ += effects;
  effect_bytes_ += bytes;
}

void Turn::note_refusal(Edge& edge) {
  for (const EdgePtr& known : refused_) {
    if (known.get() == &edge) return;
  }
  // Of very many the first will do: time tells it, too, when to try again.
  if (refused_.size() < kRefusalsNoted) refused_.push_back(EdgePtr::share(edge));
}

bool Turn::armed(core::Tag tag) const noexcept {
  const auto change = timer_changes_.find(tag);
  return change == timer_changes_.end() ? cell_->timers_.contains(tag) : change->second.arm;
}

std::size_t Turn::timers_after() const noexcept {
  return static_cast<std::size_t>(static_cast<std::ptrdiff_t>(cell_->timers_.size()) + timers_more_);
}

void Turn::change_timer(const TimerChange& change, bool armed) {
  timers_more_ += static_cast<std::ptrdiff_t>(change.arm) - static_cast<std::ptrdiff_t>(armed);
  if (!change.arm && !cell_->timers_.contains(change.timer.tag)) {
    // Armed by this very turn: then nothing has changed.
    timer_changes_.erase(change.timer.tag);
  } else {
    timer_changes_.insert_or_assign(change.timer.tag, change);
  }
}

}  // namespace airssys::actor
