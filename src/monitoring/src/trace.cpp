#include "airssys/monitoring/trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "airssys/core/plural.hpp"
#include "airssys/monitoring/crash_store.hpp"

namespace airssys::monitoring {
namespace {

using actor::TurnRecord;
using Index = std::size_t;

/// A message that goes round and round makes a tree deeper than any line is long.
constexpr std::uint32_t kMostIndented = 30;

/// Records in the order of time, as a forest: who caused whom, by index.
class Forest {
 public:
  explicit Forest(const std::vector<TurnRecord>& records) : records_(records), children_(records.size()) {
    std::unordered_map<std::uint64_t, Index> by_span;
    for (Index i = 0; i < records.size(); ++i) by_span.try_emplace(records[i].trace.span, i);
    for (Index i = 0; i < records.size(); ++i) {
      const auto parent = by_span.find(records[i].parent_span);
      if (records[i].parent_span == 0 || parent == by_span.end() || parent->second == i) {
        roots_.push_back(i);
      } else {
        children_[parent->second].push_back(i);
      }
    }
  }

  /// Calls `visit(index, parent, depth)` once for each, a cause before what it caused. A root is its own parent.
  template <typename Visit>
  void walk(Visit visit) const {
    std::vector<bool> seen(records_.size());
    for (const Index root : roots_) descend(root, seen, visit);
    // What is left hangs on itself.
    for (Index i = 0; i < records_.size(); ++i) descend(i, seen, visit);
  }

 private:
  template <typename Visit>
  void descend(Index from, std::vector<bool>& seen, Visit& visit) const {
    struct Step {
      Index index;
      Index parent;
      std::uint32_t depth;
    };
    std::vector<Step> ahead{{from, from, 0}};
    while (!ahead.empty()) {
      const auto [index, parent, depth] = ahead.back();
      ahead.pop_back();
      if (seen[index]) continue;
      seen[index] = true;
      visit(index, parent, depth);
      for (auto child = children_[index].rbegin(); child != children_[index].rend(); ++child)
        ahead.push_back({*child, index, depth + 1});
    }
  }

  const std::vector<TurnRecord>& records_;
  std::vector<std::vector<Index>> children_;
  std::vector<Index> roots_;
};

/// Those of the same time stay in the order in which they came: whoever caused another ended before.
std::vector<TurnRecord> in_order_of_time(std::vector<TurnRecord> records) {
  std::vector<Index> order(records.size());
  std::iota(order.begin(), order.end(), Index{0});
  std::ranges::sort(order, {}, [&](Index index) { return std::pair(records[index].start, index); });
  std::vector<TurnRecord> sorted;
  sorted.reserve(records.size());
  for (const Index index : order) sorted.push_back(std::move(records[index]));
  return sorted;
}

/// Exact where the cause is known; else as its message has it.
std::chrono::nanoseconds waited_after(const std::vector<TurnRecord>& records, Index parent, const TurnRecord& record) {
  const TurnRecord& cause = records[parent];
  if (&cause == &record) return record.waited;
  return std::max(std::chrono::nanoseconds(0), record.start - (cause.start + cause.duration));
}

std::string time_text(std::chrono::nanoseconds time) {
  const auto microseconds = static_cast<double>(time.count()) / 1e3;
  if (microseconds < 1e3) return fmt::format("{:.0f} us", microseconds);
  if (microseconds < 1e6) return fmt::format("{:.2f} ms", microseconds / 1e3);
  return fmt::format("{:.2f} s", microseconds / 1e6);
}

std::string what_text(const TracedTurn& turn) {
  std::string text =
      fmt::format("{:{}}{} {}", "", 2 * std::min(turn.depth, kMostIndented), escaped(turn.actor), escaped(turn.turn));
  if (turn.message != 0) text += fmt::format(", message {}", turn.message);
  if (!turn.sender.empty()) text += fmt::format(" from {}", escaped(turn.sender));
  return text;
}

std::chrono::nanoseconds length_of(const Trace& trace) {
  std::chrono::nanoseconds end{};
  for (const TracedTurn& turn : trace.turns) end = std::max(end, turn.after + turn.took);
  return end;
}

}  // namespace

Trace trace_of(std::vector<TurnRecord> records) {
  Trace trace;
  if (records.empty()) return trace;
  records = in_order_of_time(std::move(records));
  const core::TraceContext& context = records.front().trace;
  trace.id = fmt::format("{:016x}{:016x}", context.trace_high, context.trace_low);
  Forest(records).walk([&](Index index, Index parent, std::uint32_t depth) {
    TurnRecord& record = records[index];
    trace.turns.push_back({.span = record.trace.span,
                           .parent_span = record.parent_span,
                           .depth = depth,
                           .actor = std::move(record.actor),
                           .turn = std::string(record.turn),
                           .message = core::to_number(record.message),
                           .sender = std::move(record.sender),
                           .start_ms = record.start_ms,
                           .after = record.start - records.front().start,
                           .took = record.duration,
                           .waited = waited_after(records, parent, record),
                           .outcome = std::string(record.outcome)});
  });
  return trace;
}

std::string render(const Trace& trace) {
  std::string text =
      fmt::format("trace {}: {}, {}\n", trace.id, core::plural(trace.turns.size(), "turn"), time_text(length_of(trace)));
  text += fmt::format("{:>10}  {:>10}  {:>10}  {:<10}  {}\n", "AT", "TOOK", "WAITED", "OUTCOME", "TURN");
  for (const TracedTurn& turn : trace.turns) {
    text += fmt::format("{:>10}  {:>10}  {:>10}  {:<10}  {}\n", time_text(turn.after), time_text(turn.took),
                        time_text(turn.waited), escaped(turn.outcome), what_text(turn));
  }
  return text;
}

}  // namespace airssys::monitoring
