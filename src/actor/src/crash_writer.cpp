#include "crash_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "airssys/core/message.hpp"
#include "airssys/core/units.hpp"

namespace airssys::actor {
namespace {

// Together well below CrashReport::kMaxBytes.
constexpr core::Bytes kMaxStackBytes = core::Bytes{24} << 10;
constexpr core::Bytes kMaxLogBytes = core::Bytes{16} << 10;

core::Bytes bytes_of(const core::SourceLocation& place) noexcept {
  return place.function.size() + place.file.size();
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
  log.resize(fitting(log, kMaxLogBytes, [](const std::string& line) { return line.size(); }));
  std::ranges::reverse(log);
}

}  // namespace

std::vector<core::SourceLocation> names_of(const core::Trap& trap) {
  std::vector<core::SourceLocation> stack;
  for (const core::Frame& frame : trap.frames) stack.push_back({.function = frame.name, .file = {}, .line = 0});
  return stack;
}

std::string reason_of(const core::Trap& trap, std::string_view stopped_because, core::Bytes memory_limit) {
  if (!stopped_because.empty()) return std::string(stopped_because);
  if (trap.kind != core::TrapKind::out_of_memory) return trap.message;
  return fmt::format("out of memory: it was refused more, its limit is {}", core::bytes_to_string(memory_limit));
}

void keep_within_bounds(CrashReport& report) {
  report.reason = core::cut_text(report.reason);
  report.decision = core::cut_text(report.decision);
  report.component = core::cut_text(report.component);
  if (report.trap) {
    report.trap->message = core::cut_text(report.trap->message);
    // The stack has them.
    report.trap->frames.clear();
  }
  cut_stack(report.stack);
  cut_log(report.log);
}

}  // namespace airssys::actor
