#include "airssys/actor/supervisor.hpp"

#include <fmt/format.h>

#include <chrono>

#include "airssys/core/plural.hpp"

namespace airssys::actor {
namespace {

/// "60 s", "1500 ms".
std::string span_text(std::chrono::milliseconds span) {
  if (span.count() % 1000 != 0) return fmt::format("{} ms", span.count());
  return fmt::format("{} s", span.count() / 1000);
}

/// Which restarts count; `in_window`: all of them are within the window.
std::string counting_text(const core::RestartPolicy& policy, bool in_window) {
  return in_window ? "within " + span_text(policy.window) : std::string("in a row, with no turn in between that stood");
}

std::string restart_text(const core::RestartPolicy& policy, std::size_t counted, bool in_window) {
  std::string text = fmt::format("restart {} of {} {}", counted, policy.max_restarts, counting_text(policy, in_window));
  if (counted < policy.max_restarts) return text;
  return text + (in_window ? "; one death more in that time ends it for good" : "; one death more ends it for good");
}

std::string end_text(const core::RestartPolicy& policy, bool in_window) {
  return fmt::format("stopped for good: it died after {} {}", core::plural(policy.max_restarts, "restart"),
                     counting_text(policy, in_window));
}

}  // namespace

Directive Supervisor::died(const Death& death, core::MonotonicTime now, std::uint64_t chance) {
  std::size_t counted = 0;
  bool gives_up = false;
  bool in_window = true;
  {
    const std::lock_guard lock(mutex_);
    forget_some(now);
    History& history = histories_.try_emplace(death.child.number, death.child.turns).first->second;
    forgive(history, now);
    gives_up = history.counted() >= policy_.max_restarts;
    if (!gives_up) history.add(now);
    counted = history.counted();
    in_window = history.restarts.empty() || !is_old(history.restarts.front(), now);
  }
  if (gives_up) return {.kind = Directive::Kind::give_up, .reason = end_text(policy_, in_window)};
  const core::MonotonicTime pause = policy_.pause_before(counted);
  const auto spread = static_cast<std::int64_t>(chance % 256) * pause.count() / 1024;
  return {.kind = Directive::Kind::restart,
          .at = now + pause + core::MonotonicTime(spread),
          .restarts = static_cast<std::uint32_t>(counted),
          .reason = restart_text(policy_, counted, in_window)};
}

void Supervisor::started(const Child& child, const core::TurnResult& result) {
  if (result.kind != core::TurnResult::Kind::returned) return;
  const std::lock_guard lock(mutex_);
  const auto found = histories_.find(child.number);
  if (found != histories_.end()) found->second.note_start();
}

void Supervisor::ended(const Child& child) noexcept {
  const std::lock_guard lock(mutex_);
  histories_.erase(child.number);
}

std::size_t Supervisor::remembered() const {
  const std::lock_guard lock(mutex_);
  return histories_.size();
}

void Supervisor::History::note_start() noexcept {
  success = has_success();
  turns_known = turns->read() + 1;
}

void Supervisor::History::add(core::MonotonicTime restart) {
  if (restarts.size() == kTimesKept) {
    restarts.erase(restarts.begin());
    ++older;
  }
  restarts.push_back(restart);
}

void Supervisor::forgive(History& history, core::MonotonicTime now) const {
  if (history.has_success()) {
    const std::size_t forgotten = std::erase_if(history.restarts, [&](core::MonotonicTime at) { return is_old(at, now); });
    if (forgotten > 0) history.older = 0;
  }
  history.success = false;
  history.turns_known = history.turns->read();
}

void Supervisor::forget_some(core::MonotonicTime now) noexcept {
  // Two for each that may be added: so there are soon no more than there must be, and no death pays for many others.
  for (int i = 0; i < 2 && !histories_.empty(); ++i) {
    auto next = histories_.upper_bound(looked_at_);
    if (next == histories_.end()) next = histories_.begin();
    looked_at_ = next->first;
    const History& history = next->second;
    if (!history.restarts.empty() && is_old(history.restarts.back(), now) && history.has_success()) histories_.erase(next);
  }
}

bool Supervisor::is_old(core::MonotonicTime restart, core::MonotonicTime now) const noexcept {
  return restart + policy_.window_time() <= now;
}

}  // namespace airssys::actor
