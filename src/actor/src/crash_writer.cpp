#include "crash_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

#include "airssys/actor/actor_cell.hpp"
#include "airssys/actor/told.hpp"
#include "airssys/actor/transaction.hpp"
#include "airssys/core/cut.hpp"
#include "airssys/core/message.hpp"
#include "airssys/core/printable.hpp"
#include "airssys/core/units.hpp"

namespace airssys::actor {
namespace {

// Together well below CrashReport::kMaxBytes.
constexpr core::Bytes kMaxStackBytes = core::Bytes{24} << 10;
constexpr core::Bytes kMaxLogBytes = core::Bytes{16} << 10;
constexpr std::size_t kBodyBytesShown = 256;

core::Bytes bytes_of(const core::SourceLocation& place) noexcept {
  return core::shown_bytes(place.function) + core::shown_bytes(place.file);
}

/// How many from the front fit in `most` bytes.
template <typename Range, typename Measure>
std::size_t fitting(const Range& range, core::Bytes most, Measure measure) {
  core::Bytes bytes = 0;
  const auto end = std::ranges::find_if(range, [&](const auto& item) { return (bytes += measure(item)) > most; });
  return static_cast<std::size_t>(std::ranges::distance(range.begin(), end));
}

void cut_stack(std::vector<core::SourceLocation>& stack) {
  const std::size_t fit = std::min(fitting(stack, kMaxStackBytes, bytes_of), CrashReport::kMaxPlaces - 1);
  if (fit >= stack.size()) return;
  const std::size_t missing = stack.size() - fit;
  stack.resize(fit);
  stack.push_back({.function = fmt::format("... and {} more", missing), .file = {}, .line = 0});
}

void cut_log(std::vector<std::string>& log) {
  std::ranges::reverse(log);
  log.resize(fitting(log, kMaxLogBytes, [](const std::string& line) { return core::shown_bytes(line); }));
  std::ranges::reverse(log);
}

/// The stack as the engine has it: names alone.
std::vector<core::SourceLocation> names_of(const core::Trap& trap) {
  std::vector<core::SourceLocation> stack;
  for (const core::Frame& frame : trap.frames) stack.push_back({.function = frame.name, .file = {}, .line = 0});
  return stack;
}

void show_message(CrashReport& report, const Envelope& message) {
  report.message_id = core::to_number(message.id);
  if (const ActorCell* sender = message.sender()) report.sender = sender->address().text();
  report.codec = core::to_string(message.codec);
  report.body_bytes = message.body.size();
  report.body_begin = std::string(message.body.text().substr(0, kBodyBytesShown));
}

}  // namespace

bool LocatingBudget::may_spend(core::MonotonicTime now) noexcept {
  debt_ -= std::min(debt_, (now - paid_at_) / kPartOfTime);
  paid_at_ = now;
  return debt_ < kDebtMax && crashes_.take(now);
}

void LocatingBudget::spend(core::MonotonicTime begin, core::MonotonicTime end) noexcept {
  debt_ += end - begin;
  paid_at_ = end;
}

CrashReport CrashWriter::write(const Crash& crash) {
  CrashReport report;
  report.time_ms = clock_.wall_ms();
  report.address = crash.address.text();
  report.component = crash.behaviour.describe();
  report.turn = crash.turn;
  report.log.assign(crash.log.begin(), crash.log.end());
  report.memory_bytes = crash.behaviour.memory_bytes();
  report.memory_limit = crash.limits.memory;
  report.cpu_limit = crash.limits.turn_cpu;
  if (const core::Trap* trap = crash.behaviour.trap(); trap != nullptr && crash.result.kind == TurnResult::Kind::trapped) {
    report.trap = *trap;
    report.memory_bytes = std::max(report.memory_bytes, trap->memory_bytes);
    report.reason = reason_of(*trap, crash.stopped_because, crash.limits.memory);
    report.stack = stack_of(crash, *trap);
  } else {
    report.reason = fmt::format("{}: {}", core::name_of(crash.result.failure.kind), crash.result.failure.text);
  }
  report.reason = with_denial(report.reason, report.address, crash.denied);
  if (crash.message != nullptr) show_message(report, *crash.message);
  keep_within_bounds(report);
  return report;
}

std::vector<core::SourceLocation> CrashWriter::stack_of(const Crash& crash, const core::Trap& trap) {
  const core::MonotonicTime begin = clock_.monotonic();
  LocatingBudget* const budget = budget_for(std::hash<std::string_view>{}(crash.address.text()), begin);
  if (budget == nullptr) return names_of(trap);
  auto places = crash.behaviour.locate(trap.frames);
  budget->spend(begin, clock_.monotonic());
  return places ? *std::move(places) : names_of(trap);
}

LocatingBudget* CrashWriter::budget_for(std::uint64_t who, core::MonotonicTime now) {
  const bool first = deaths_.add(who, now) == 1;
  if (may_locate_.may_spend(now)) return &may_locate_;
  return first && may_locate_first_.may_spend(now) ? &may_locate_first_ : nullptr;
}

std::string with_denial(std::string_view why, std::string_view self, std::string_view denied) {
  if (denied.empty()) return std::string(why);
  return fmt::format("{} ({})", why, denial_text(self, denied));
}

std::string reason_of(const core::Trap& trap, std::string_view stopped_because, core::Bytes memory_limit) {
  if (!stopped_because.empty()) return std::string(stopped_because);
  if (trap.kind != core::TrapKind::out_of_memory) return trap.message;
  return fmt::format("out of memory: it was refused more, its limit is {}", core::bytes_to_string(memory_limit));
}

std::string told_of(const core::Trap* trap, std::string_view stopped_because) {
  if (!stopped_because.empty()) return fmt::format("the component was stopped: {}", stopped_because);
  if (trap != nullptr && trap->kind == core::TrapKind::out_of_memory) return std::string(kOutOfMemory);
  if (trap != nullptr && trap->kind == core::TrapKind::stack_overflow) return "the component recursed too deep";
  return "the component trapped";
}

void keep_within_bounds(CrashReport& report) {
  report.reason = core::cut_shown(report.reason);
  report.component = core::cut_shown(report.component);
  if (report.trap) {
    report.trap->message = core::cut_shown(report.trap->message);
    // The stack has them.
    report.trap->frames.clear();
  }
  cut_stack(report.stack);
  cut_log(report.log);
}

}  // namespace airssys::actor
