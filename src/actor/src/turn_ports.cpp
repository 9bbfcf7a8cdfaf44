#include "airssys/actor/turn_ports.hpp"

#include <algorithm>
#include <utility>

#include "airssys/actor/told.hpp"
#include "airssys/actor/transaction.hpp"
#include "airssys/core/cut.hpp"
#include "airssys/core/printable.hpp"

namespace airssys::actor {
namespace {

/// As a crash report shows it: `info sold sku=a1 count=3`, the fields up to as much as a line may have.
std::string kept_line(core::LogLevel level, std::string_view line, std::span<const core::LogField> fields) {
  std::string kept = std::string(core::name_of(level)) + " " + std::string(line);
  for (const core::LogField& field : fields) {
    if (kept.size() > core::Failure::kMaxTextBytes) break;
    kept.append(" ").append(core::cut_shown(field.key)).append("=").append(core::cut_shown(field.value));
  }
  return core::cut_shown(kept);
}

/// As how many lines one counts of which that many bytes come out: a rate of lines is a rate of bytes, too.
std::uint32_t lines_for(core::Bytes shown) noexcept {
  return 1 + static_cast<std::uint32_t>(shown / TurnPorts::kBytesOfALine);
}

}  // namespace

std::string_view TurnPorts::self_address(core::TurnToken turn) {
  return Transaction::of(turn).self().text();
}

std::string_view TurnPorts::system_id(core::TurnToken) {
  return system_id_;
}

std::uint64_t TurnPorts::now_ms(core::TurnToken turn) {
  return Transaction::of(turn).now_ms();
}

std::uint64_t TurnPorts::random_u64(core::TurnToken turn) {
  return Transaction::of(turn).random_u64();
}

std::uint32_t TurnPorts::attempt(core::TurnToken turn) {
  const Envelope* message = Transaction::of(turn).message();
  return message == nullptr ? 1 : message->attempt;
}

std::uint64_t TurnPorts::sent_at_ms(core::TurnToken turn) {
  const Envelope* message = Transaction::of(turn).message();
  return message == nullptr ? Transaction::of(turn).now_ms() : message->sent_at_ms;
}

std::optional<std::uint64_t> TurnPorts::deadline_ms(core::TurnToken turn) {
  Transaction& in_hand = Transaction::of(turn);
  if (in_hand.deadline().count() == 0) return std::nullopt;
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(in_hand.deadline() - in_hand.now()).count();
  return in_hand.now_ms() + static_cast<std::uint64_t>(std::max<std::int64_t>(0, left));
}

std::string_view TurnPorts::trace_parent(core::TurnToken turn) {
  return Transaction::of(turn).traceparent();
}

std::expected<void, core::TimerError> TurnPorts::arm(core::TurnToken turn, core::Tag tag, std::uint64_t delay_ms,
                                                     std::optional<std::uint64_t> period_ms) {
  Transaction& in_hand = Transaction::of(turn);
  ActorCell& cell = in_hand.cell();
  if (!cell.behaviour().handles_timers()) return std::unexpected(core::TimerError::unavailable);
  if (delay_ms > kTimerDelayMaxMs || (period_ms && (*period_ms == 0 || *period_ms > kTimerDelayMaxMs))) {
    return std::unexpected(core::TimerError::invalid);
  }
  const bool armed = in_hand.armed(tag);
  if (!armed && in_hand.timers_after() >= cell.limits().timers) return std::unexpected(core::TimerError::limit_reached);
  const auto to_time = [](std::uint64_t ms) { return core::MonotonicTime(std::chrono::milliseconds(ms)); };
  const Timers::Timer timer{.tag = tag,
                            .due = in_hand.now_at_most() + to_time(delay_ms),
                            .period = period_ms ? to_time(*period_ms) : core::MonotonicTime{},
                            .due_wall_ms = in_hand.now_ms() + delay_ms,
                            .distance = in_hand.distance(),
                            .trace = in_hand.trace_of_message()};
  in_hand.change_timer({.arm = true, .timer = timer}, armed);
  return {};
}

bool TurnPorts::disarm(core::TurnToken turn, core::Tag tag) {
  Transaction& in_hand = Transaction::of(turn);
  const bool armed = in_hand.armed(tag);
  if (armed) in_hand.change_timer({.arm = false, .timer = {.tag = tag}}, armed);
  return armed;
}

void TurnPorts::write(core::TurnToken turn, core::LogLevel level, std::string_view text, std::span<const core::LogField> fields,
                      std::size_t fields_left_out) noexcept {
  ActorCell& cell = Transaction::of(turn).cell();
  const std::uint64_t second = Transaction::of(turn).now_ms() / 1000;
  if (cell.log_ == nullptr) cell.log_ = std::make_unique<ActorLog>();
  ActorLog& log = *cell.log_;
  if (second != log.second) {
    if (log.dropped != 0) {
      const std::string dropped = std::to_string(log.dropped) + " lines beyond the limit log_rate were dropped";
      log_.write(cell.address().text(), core::LogLevel::warn, dropped, {});
    }
    log.second = second;
    log.lines = 0;
    log.dropped = 0;
  }
  if (log.lines >= cell.limits().log_rate) {
    ++log.dropped;
    return;
  }
  const std::string line = core::cut_shown(text);
  const core::KeptFields kept(fields, fields_left_out);
  log.lines += lines_for(core::shown_bytes(line) + kept.shown_bytes());
  log_.write(cell.address().text(), level, line, kept.fields());
  if (log.recent.size() == kLogLinesKept) log.recent.erase(log.recent.begin());
  log.recent.push_back(kept_line(level, line, fields));
}

bool TurnPorts::enabled(core::TurnToken, core::LogLevel level) noexcept {
  return log_.enabled(level);
}

std::optional<std::string_view> TurnPorts::get(core::TurnToken turn, std::string_view key) {
  const core::ConfigValues& values = Transaction::of(turn).cell().config();
  const auto found = values.find(key);
  if (found == values.end()) return std::nullopt;
  return found->second;
}

std::string_view TurnPorts::cut_short(Transaction& turn, core::MonotonicTime now) const noexcept {
  const bool is_last = turn.kind() == TurnKind::stop;
  if (is_last ? ending_.is_over_for_last_turns(now) : ending_.is_over_for_turns(now)) {
    return "the system ended before its turn did";
  }
  constexpr auto kOrders = static_cast<std::uint32_t>(Signal::stop) | static_cast<std::uint32_t>(Signal::restart);
  const bool is_to_end = is_last || (turn.cell().signals_.load(std::memory_order_relaxed) & kOrders) != 0;
  if (!is_to_end) return {};
  core::MonotonicTime& since = turn.budget().to_end_since;
  if (since.count() == 0) since = now;
  if (now - since < kTurnWhenOrdered) return {};
  return "it was ordered to stop or to restart, and its turn went on for 10 s";
}

core::MonotonicTime TurnPorts::cpu_limit(const Transaction& turn) const noexcept {
  const core::MonotonicTime limit = turn.cell().limits().turn_cpu;
  const bool is_hurried = turn.kind() == TurnKind::stop && ending_.is_ordered();
  return is_hurried ? std::min<core::MonotonicTime>(limit, Ending::kLastTurnCpu) : limit;
}

std::uint64_t TurnPorts::ticks_used_up(core::TurnToken turn) noexcept {
  Transaction& in_hand = Transaction::of(turn);
  Transaction::Budget& budget = in_hand.budget();
  const core::Limits& limits = in_hand.cell().limits();
  const core::MonotonicTime cpu = in_hand.clock().thread_cpu();
  const core::MonotonicTime wall = in_hand.clock().monotonic();
  const core::MonotonicTime first_slice = first_look(limits);
  // The clocks are first read here, after one slice: a turn shorter than that never pays for them.
  if (budget.looks++ == 0) {
    budget.cpu_first_look = cpu - first_slice;
    budget.wall_first_look = wall - first_slice;
  }
  if (const std::string_view why = cut_short(in_hand, wall); !why.empty()) {
    budget.is_cut = true;
    budget.stopped_because = why;
    return 0;
  }
  const core::MonotonicTime cpu_left = cpu_limit(in_hand) - (cpu - budget.cpu_first_look);
  if (cpu_left.count() <= 0) {
    budget.stopped_because = kCpuUsedUp;
    return 0;
  }
  const core::MonotonicTime wall_left = limits.turn_wall - (wall - budget.wall_first_look);
  if (wall_left.count() <= 0) {
    budget.stopped_because = kTimeUsedUp;
    return 0;
  }
  const core::MonotonicTime next = std::min<core::MonotonicTime>({cpu_left, wall_left, limits.slice, kLookAtLeast});
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(next / core::MonotonicTime(kTick)));
}

}  // namespace airssys::actor
