#include "console_log.hpp"

#include <chrono>
#include <ctime>
#include <exception>
#include <nlohmann/json.hpp>

#include "airssys/core/cut.hpp"
#include "airssys/core/printable.hpp"
#include "json_text.hpp"

namespace airssys::cli {
namespace {

std::string time_of_day() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  std::tm parts{};
  localtime_r(&now.tv_sec, &parts);
  return fmt::format("{:02}:{:02}:{:02}.{:03}", parts.tm_hour, parts.tm_min, parts.tm_sec, now.tv_nsec / 1'000'000);
}

/// Of the text of a line.
constexpr std::size_t kMostShown = std::size_t{8} << 10;

/// A key that is said twice has a list of values.
nlohmann::ordered_json json_of(std::string_view source, core::LogLevel level, std::string_view text,
                               std::span<const core::LogField> fields) {
  nlohmann::ordered_json line = log_line(core::name_of(level), source, text);
  for (const core::LogField& field : fields) {
    nlohmann::ordered_json& value = line["fields"][std::string(field.key)];
    if (value.is_null()) {
      value = field.value;
    } else if (value.is_string()) {
      value = {value, field.value};
    } else {
      value.push_back(field.value);
    }
  }
  return line;
}

}  // namespace

bool ConsoleLog::enabled(core::LogLevel level) const noexcept {
  switch (console_.verbosity()) {
    case Verbosity::quiet:
      return level >= core::LogLevel::error;
    case Verbosity::normal:
      return level >= core::LogLevel::info;
    case Verbosity::verbose:
      return true;
  }
  return true;
}

void ConsoleLog::write(std::string_view source, core::LogLevel level, std::string_view text,
                       std::span<const core::LogField> fields) noexcept {
  write_as(source, source, level, text, fields);
}

void ConsoleLog::write_about(std::string_view actor, std::string_view source, core::LogLevel level,
                             std::string_view text) noexcept {
  write_as(actor, source, level, text, {});
}

void ConsoleLog::write_as(std::string_view owner, std::string_view source, core::LogLevel level, std::string_view text,
                          std::span<const core::LogField> fields) noexcept try {
  if (!enabled(level)) return;
  // The actor layer has bounded what guests log; this is for lines of the host that quote them.
  std::string cut;
  if (core::shown_bytes(text) > kMostShown) {
    cut = core::cut_shown(text, kMostShown);
    text = cut;
  }
  if (console_.json()) return console_.log(owner, json_text(json_of(source, level, text, fields)));
  std::string line = fmt::format("{} {:<5} {}  {}", time_of_day(), core::name_of(level), printable(source), printable(text));
  for (const core::LogField& field : fields) line += fmt::format(" {}={}", printable(field.key), printable(field.value));
  console_.log(owner, line);
} catch (const std::exception&) {  // No memory for a log line: it is lost, the system is not.
}

}  // namespace airssys::cli
