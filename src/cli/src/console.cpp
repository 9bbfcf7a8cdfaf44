#include "console.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <limits>
#include <nlohmann/json.hpp>
#include <system_error>

#include "airssys/core/plural.hpp"
#include "json_text.hpp"

namespace airssys::cli {
namespace {

/// Of what the command says itself.
constexpr std::string_view kOwnSource = "airssys";
/// At the end of the command, for whoever still reads.
constexpr std::chrono::seconds kLastWords{1};

/// A message may hold a guest's words, and these line ends: no line of it may look like another message.
std::string with_lines_indented(std::string_view message) {
  std::string text;
  for (const char c : message) {
    text += c;
    if (c == '\n') text += "  ";
  }
  return text;
}

}  // namespace

Console::~Console() {
  if (errors_) errors_->finish(kLastWords);
}

void Console::wait_for_nobody() {
  results_ = std::make_unique<os::OutputQueue>(descriptors_.out, std::numeric_limits<std::size_t>::max());
  errors_ = std::make_unique<os::OutputQueue>(descriptors_.err);
}

bool Console::flush_results(std::chrono::milliseconds patience) {
  return !results_ || results_->flush(patience);
}

bool Console::output_is_terminal() const noexcept {
  return isatty(descriptors_.out) == 1;
}

int Console::write_all(int descriptor, std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t written = write(descriptor, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd wait{descriptor, POLLOUT, 0};
      poll(&wait, 1, -1);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

void Console::print(std::string_view text) {
  if (!output_is_terminal()) return print_exactly(text);
  print_exactly(printable(text, core::LineEnds::kept));
}

void Console::print_json(std::string_view json) {
  std::string line(json);
  if (output_is_terminal()) {
    const auto value = nlohmann::ordered_json::parse(json, nullptr, false);
    if (!value.is_discarded()) line = value.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
  }
  print(line + "\n");
}

void Console::print_exactly(std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (results_) {
    // It has room for all that a command prints; where it takes nothing, `finish` finds out why.
    if (results_->offer(text) != os::OutputQueue::Offer::taken && output_failure_ == 0) output_failure_ = EIO;
  } else if (output_failure_ == 0) {
    output_failure_ = write_all(descriptors_.out, text);
  }
}

void Console::note(std::string_view line, std::string_view about) {
  if (verbosity_ != Verbosity::quiet) say(about.empty() ? kOwnSource : about, "info", line);
}

void Console::complain(std::string_view line) {
  say(kOwnSource, "error", line);
}

void Console::log(std::string_view source, std::string_view line) {
  write_error(source, std::string(line) + "\n");
}

void Console::say(std::string_view source, std::string_view level, std::string_view line) {
  if (json()) return log(source, json_text(log_line(level, kOwnSource, line)));
  complain(source, {}, line);
}

void Console::complain(std::string_view source, std::string_view prefix, std::string_view line) {
  write_error(source, std::string(prefix) + printable(line, core::LineEnds::kept) + "\n");
}

void Console::write_error(std::string_view source, const std::string& text) {
  if (!errors_) {
    const std::lock_guard lock(mutex_);
    write_all(descriptors_.err, text);  // If nobody hears complaints, there is nobody to tell.
    return;
  }
  const bool refused = errors_->offer(text, source) == os::OutputQueue::Offer::full;
  const std::uint64_t lost = errors_->take_pushed_out() + (refused ? 1 : 0);
  if (lost != 0 && dropped_.fetch_add(lost) == 0) errors_->when_room([this] { say_what_was_dropped(); });
}

void Console::say_what_was_dropped() {
  const std::uint64_t dropped = dropped_.exchange(0);
  if (dropped == 0) return;
  say(kOwnSource, "warn", core::plural(dropped, "line is", "lines are") + " missing here: nobody read standard error");
}

core::Result<std::string> Console::read_input(std::size_t most) const {
  std::string text;
  std::array<char, 65536> chunk{};
  while (true) {
    const ssize_t size = read(descriptors_.in, chunk.data(), chunk.size());
    if (size == 0) return text;
    if (size > 0) {
      text.append(chunk.data(), static_cast<std::size_t>(size));
      if (text.size() > most) {
        return std::unexpected(
            core::Error(core::ErrorCode::too_large, "cli",
                        fmt::format("standard input has more than {} bytes: no message is as large as that", most)));
      }
    } else if (errno == EAGAIN) {
      // Who shares it with us wants it so.
      pollfd wait{descriptors_.in, POLLIN, 0};
      poll(&wait, 1, -1);
    } else if (errno != EINTR) {
      return std::unexpected(core::Error(core::ErrorCode::io, "cli",
                                         fmt::format("can't read standard input: {}", std::generic_category().message(errno))));
    }
  }
}

ExitCode Console::fail(ExitCode code, std::string_view kind, std::string_view message) {
  if (json()) {
    print_json(json_text({{"error", {{"kind", kind}, {"message", message}}}, {"exit_code", static_cast<int>(code)}}));
  } else {
    const bool colored = color_allowed_ && isatty(descriptors_.err) == 1;
    complain(kOwnSource, colored ? "\x1b[31mairssys:\x1b[0m " : "airssys: ", with_lines_indented(message));
  }
  return code;
}

ExitCode Console::fail_request(const core::Error& error, core::MessageId id) {
  if (id == core::MessageId{}) return fail(ExitCode::general, error);
  const std::uint64_t number = core::to_number(id);
  if (!json()) return fail(ExitCode::general, {}, fmt::format("{} (airssys trace {})", error.to_string(), number));
  print_json(json_text({{"error", {{"kind", core::name_of(error.code())}, {"message", error.to_string()}, {"id", number}}},
                        {"exit_code", static_cast<int>(ExitCode::general)}}));
  return ExitCode::general;
}

ExitCode Console::finish(ExitCode code) {
  if (results_) {
    const bool whole = results_->finish(kLastWords) == 0 && output_failure_ == 0;
    if (!whole && output_failure_ == 0) output_failure_ = EAGAIN;
    if (const int why = results_->failure(); !whole && why != 0) output_failure_ = why;
  }
  if (output_failure_ == 0) return code;
  if (!output_failure_said_)
    complain(fmt::format("airssys: can't write the result: {}", std::generic_category().message(output_failure_)));
  return code == ExitCode::ok ? ExitCode::general : code;
}

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {
  for (const Column& column : columns_) widths_.push_back(column.title.size());
}

void Table::add(std::vector<std::string> row) {
  for (std::size_t i = 0; i < columns_.size(); ++i) widths_[i] = std::max(widths_[i], row[i].size());
  rows_.push_back(std::move(row));
}

template <typename Cell>
void Table::add_line(std::string& text, const Cell& cell) const {
  std::string line;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (i != 0) line += "  ";
    line += columns_[i].align == Align::right ? fmt::format("{:>{}}", cell(i), widths_[i])
                                              : fmt::format("{:<{}}", cell(i), widths_[i]);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  text += line + '\n';
}

std::string Table::next_part() {
  std::string text;
  if (!std::exchange(titles_shown_, true)) {
    add_line(text, [&](std::size_t i) -> const std::string& { return columns_[i].title; });
  }
  for (const auto& row : rows_) add_line(text, [&](std::size_t i) -> const std::string& { return row[i]; });
  rows_.clear();
  return text;
}

std::string Table::text() {
  titles_shown_ = false;
  return next_part();
}

std::string human_bytes(std::uint64_t bytes) {
  constexpr std::array<const char*, 4> kUnits{"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  auto value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

nlohmann::ordered_json log_line(std::string_view level, std::string_view source, std::string_view text) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {{"time_ms", std::chrono::duration_cast<std::chrono::milliseconds>(now).count()},
          {"level", level},
          {"source", source},
          {"text", text}};
}

std::string local_time(std::uint64_t time_ms) {
  const auto seconds = static_cast<std::time_t>(time_ms / 1000);
  std::tm parts{};
  localtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

}  // namespace airssys::cli
