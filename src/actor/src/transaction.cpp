#include "airssys/actor/transaction.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace airssys::actor {
namespace {

/// How many targets without room a turn remembers: each refusal looks through them.
constexpr std::size_t kRefusalsNoted = 64;

}  // namespace

std::string denial_text(std::string_view from, std::string_view what) {
  return fmt::format("{} may not {}: no [[grant]] covers it", from, what);
}

void Transaction::drop_effects() noexcept {
  commit_.effects.clear();
  forget_effects();
  forget_timers();
  forget_refusals();
}

void Transaction::share_record(bool answers) noexcept {
  const auto arms = [](const auto& change) { return change.second.arm; };
  const auto armed = static_cast<std::size_t>(std::ranges::count_if(commit_.timers, arms));
  core::RecordShares shares(trace_.next().recorded, commit_.effects.size() + armed + (answers ? 1 : 0));
  for (const EnvelopePtr& effect : commit_.effects) effect->trace.recorded = shares.deal();
  for (auto& [tag, change] : commit_.timers) {
    if (change.arm) change.timer.trace.recorded = shares.deal();
  }
  // The answer takes one from it.
  if (answers) trace_.recorded = shares.deal() + 1;
}

void Transaction::name_span() noexcept {
  trace_.span = random_u64() | 1;
}

void Transaction::begin_trace() noexcept {
  trace_ = {.trace_high = random_u64(), .trace_low = random_u64() | 1};
}

void Transaction::begin_recorded_trace() noexcept {
  begin_trace();
  name_span();
  trace_.recorded = core::TraceContext::kTurns;
}

std::string_view Transaction::traceparent() noexcept {
  if (trace().span == 0) name_span();
  traceparent_ = trace_.traceparent();
  return {traceparent_.data(), traceparent_.size()};
}

std::optional<core::TurnLimit> Transaction::room_for(std::size_t effects, std::size_t bytes) const noexcept {
  const core::Limits& limits = cell().limits();
  if (effect_count_ + effects > limits.turn_effects) return core::TurnLimit::turn_effects;
  if (effect_bytes_ + bytes > limits.turn_bytes) return core::TurnLimit::turn_bytes;
  return std::nullopt;
}

std::optional<core::TurnLimit> Transaction::room_for_copies(std::size_t copies) const noexcept {
  const auto most = static_cast<std::size_t>(cell().limits().turn_cpu / kCopyPrice);
  if (copies_ == 0 || copies <= most - std::min(copies_, most)) return std::nullopt;
  return core::TurnLimit::turn_effects;
}

void Transaction::add_effect(EnvelopePtr effect, std::size_t effects, std::size_t bytes) {
  commit_.effects.push_back(std::move(effect));
  effect_count_ += effects;
  effect_bytes_ += bytes;
}

void Transaction::note_refusal(Edge& edge) {
  for (const EdgePtr& known : refused_) {
    if (known.get() == &edge) return;
  }
  // Of very many the first will do: time tells it, too, when to try again.
  if (refused_.size() < kRefusalsNoted) refused_.push_back(EdgePtr::share(edge));
}

bool Transaction::armed(core::Tag tag) const noexcept {
  const auto change = commit_.timers.find(tag);
  return change == commit_.timers.end() ? cell().timers_.contains(tag) : change->second.arm;
}

std::size_t Transaction::timers_after() const noexcept {
  return static_cast<std::size_t>(static_cast<std::ptrdiff_t>(cell().timers_.size()) + timers_more_);
}

void Transaction::change_timer(const TimerChange& change, bool armed) {
  timers_more_ += static_cast<std::ptrdiff_t>(change.arm) - static_cast<std::ptrdiff_t>(armed);
  if (!change.arm && !cell().timers_.contains(change.timer.tag)) {
    // Armed by this very turn: then nothing has changed.
    commit_.timers.erase(change.timer.tag);
  } else {
    commit_.timers.insert_or_assign(change.timer.tag, change);
  }
}

}  // namespace airssys::actor
