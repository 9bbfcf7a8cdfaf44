#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "airssys/core/plural.hpp"
#include "airssys/core/printable.hpp"
#include "airssys/core/units.hpp"
#include "airssys/monitoring/crash_store.hpp"

namespace airssys::monitoring {
namespace {

std::string time_text(std::uint64_t time_ms) {
  const auto seconds = static_cast<std::time_t>(time_ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min, parts.tm_sec, time_ms % 1000);
}

/// Where the author should look: the innermost frame with a line that is not the guest kit's own; else the innermost with one.
const core::SourceLocation* place_of(const actor::CrashReport& report) {
  const auto has_line = [](const core::SourceLocation& frame) { return frame.line != 0; };
  const auto is_authors = [&](const core::SourceLocation& frame) {
    return has_line(frame) && !frame.file.starts_with("airssys-sdk/") && !frame.file.starts_with('/');
  };
  auto found = std::ranges::find_if(report.stack, is_authors);
  if (found == report.stack.end()) found = std::ranges::find_if(report.stack, has_line);
  return found == report.stack.end() ? nullptr : &*found;
}

/// A function's name without its parameters: `Trapper::mean_length`, `Handlers<Counter>::handle`.
std::string_view short_name(std::string_view function) {
  constexpr std::string_view kAnonymous = "(anonymous namespace)";
  int depth = 0;
  for (std::size_t at = 0; at < function.size(); ++at) {
    if (function[at] == '<') ++depth;
    if (function[at] == '>') --depth;
    if (function[at] != '(' || depth > 0) continue;
    if (!function.substr(at).starts_with(kAnonymous)) return function.substr(0, at);
    at += kAnonymous.size() - 1;
  }
  return function;
}

std::string file_name(const std::string& path) {
  return path.substr(path.find_last_of('/') + 1);
}

std::string frame_text(const core::SourceLocation& frame) {
  std::string function = frame.function.empty() ? "(no name)" : escaped(frame.function);
  if (frame.line == 0) return function;
  return fmt::format("{} at {}:{}", function, escaped(frame.file), frame.line);
}

std::string memory_text(core::Bytes bytes) {
  const double mebibytes = static_cast<double>(bytes) / (1U << 20);
  return fmt::format("{:.1f} MiB", mebibytes);
}

/// What it trapped of, with the limit where that is what helps.
std::string heading(const actor::CrashReport& report) {
  if (report.trap->kind != core::TrapKind::out_of_memory) return std::string(core::name_of(report.trap->kind));
  return fmt::format("out of memory (limit {})", core::bytes_to_string(report.memory_limit));
}

void add_stack(std::string& text, const actor::CrashReport& report) {
  if (report.stack.empty()) return;
  text += "  stack\n";
  for (std::size_t i = 0; i < report.stack.size(); ++i) {
    text += fmt::format("    {:>2}  {}\n", i, frame_text(report.stack[i]));
  }
}

void add_message(std::string& text, const actor::CrashReport& report) {
  if (report.message_id == 0) return;
  text += fmt::format("  message     {} from {}, {}, {}\n", report.message_id, report.sender, report.codec,
                      core::plural(report.body_bytes, "byte"));
  if (report.body_bytes == 0) return;
  const char* const more = report.body_bytes > report.body_begin.size() ? " ..." : "";
  text += fmt::format("  body        {}{}\n", escaped(report.body_begin), more);
}

void add_log(std::string& text, const actor::CrashReport& report) {
  if (report.log.empty()) return;
  text += "  log\n";
  for (const std::string& line : report.log) text += fmt::format("    {}\n", escaped(line));
}

void add_trap(std::string& text, const actor::CrashReport& report) {
  text += fmt::format("  reason      {}\n", escaped(report.reason));
  if (!report.trap) return;
  text += fmt::format("  trap        {}", core::name_of(report.trap->kind));
  if (report.trap->message != report.reason) text += fmt::format(": {}", escaped(report.trap->message));
  text += '\n';
  if (report.trap->growth_refused && report.trap->kind != core::TrapKind::out_of_memory)
    text += "  note        it had asked for more memory than its limit\n";
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string safe;
  while (!text.empty()) {
    const std::size_t plain = std::min(text.find_first_of("\t\\"), text.size());
    safe += core::printable(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    safe += text.front() == '\t' ? "\\t" : "\\\\";
    text.remove_prefix(1);
  }
  return safe;
}

std::string summary(const actor::CrashReport& report) {
  std::string text =
      report.trap ? fmt::format("trapped: {}", heading(report)) : fmt::format("failed: {}", escaped(report.reason));
  if (report.trap && report.trap->kind == core::TrapKind::interrupt) text = fmt::format("stopped: {}", escaped(report.reason));
  if (const core::SourceLocation* place = place_of(report)) {
    text += fmt::format(" in {} at {}:{}", escaped(short_name(place->function)), escaped(file_name(place->file)), place->line);
  }
  return text;
}

std::string render(const actor::CrashReport& report) {
  std::string text = fmt::format("{} {}\n", report.address, summary(report));
  if (!report.id.empty()) text += fmt::format("  crash       {}\n", report.id);
  text += fmt::format("  time        {}\n", time_text(report.time_ms));
  text += fmt::format("  component   {}\n", escaped(report.component));
  text += fmt::format("  turn        {}\n", report.turn);
  add_trap(text, report);
  add_stack(text, report);
  add_message(text, report);
  add_log(text, report);
  text += fmt::format("  memory      {} of {}\n", memory_text(report.memory_bytes), memory_text(report.memory_limit));
  text += fmt::format("  CPU limit   {} a turn\n", core::duration_to_string(report.cpu_limit));
  text += fmt::format("  supervisor  {}\n", escaped(report.decision));
  if (report.unsaved_before != 0) {
    text += fmt::format("  missing     {} report{} of it before this one: it died too often for each to be saved\n",
                        report.unsaved_before, report.unsaved_before == 1 ? "" : "s");
  }
  return text;
}

}  // namespace airssys::monitoring
