#include "console.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <nlohmann/json.hpp>
#include <system_error>

namespace airssys::cli {

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
  const std::lock_guard lock(mutex_);
  if (output_failure_ == 0) output_failure_ = write_all(descriptors_.out, text);
}

void Console::note(std::string_view line) {
  if (verbosity_ != Verbosity::quiet) complain(line);
}

void Console::complain(std::string_view line) {
  std::string text(line);
  text += '\n';
  const std::lock_guard lock(mutex_);
  write_all(descriptors_.err, text);  // If nobody hears complaints, there is nobody to tell.
}

core::Result<std::string> Console::read_input() const {
  std::string text;
  std::array<char, 65536> chunk{};
  while (true) {
    const ssize_t size = read(descriptors_.in, chunk.data(), chunk.size());
    if (size == 0) return text;
    if (size > 0) {
      text.append(chunk.data(), static_cast<std::size_t>(size));
    } else if (errno != EINTR) {
      return std::unexpected(core::Error(core::ErrorCode::io, "cli",
                                         fmt::format("can't read standard input: {}", std::generic_category().message(errno))));
    }
  }
}

ExitCode Console::fail(ExitCode code, std::string_view kind, std::string_view message) {
  if (json()) {
    using Json = nlohmann::ordered_json;
    const Json report{{"error", {{"kind", kind}, {"message", message}}}, {"exit_code", static_cast<int>(code)}};
    print(report.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  } else {
    const bool colored = color_allowed_ && isatty(descriptors_.err) == 1;
    complain(fmt::format("{}airssys:{} {}", colored ? "\x1b[31m" : "", colored ? "\x1b[0m" : "", message));
  }
  return code;
}

ExitCode Console::finish(ExitCode code) {
  if (output_failure_ == 0 || output_failure_ == EPIPE) return code;
  complain(fmt::format("airssys: can't write the result: {}", std::generic_category().message(output_failure_)));
  return code == ExitCode::ok ? ExitCode::general : code;
}

std::string Table::text() const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = columns_[i].title.size();
    for (const auto& row : rows_) width = std::max(width, row[i].size());
    widths.push_back(width);
  }
  std::string text;
  const auto add_row = [&](const auto& cell) {
    std::string line;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (i != 0) line += "  ";
      line += columns_[i].align == Align::right ? fmt::format("{:>{}}", cell(i), widths[i])
                                                : fmt::format("{:<{}}", cell(i), widths[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  };
  add_row([&](std::size_t i) -> const std::string& { return columns_[i].title; });
  for (const auto& row : rows_) add_row([&](std::size_t i) -> const std::string& { return row[i]; });
  return text;
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

std::string local_time(std::uint64_t time_ms) {
  const auto seconds = static_cast<std::time_t>(time_ms / 1000);
  std::tm parts{};
  localtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string printable(std::string_view text) {
  std::string safe;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F are control characters too: a terminal may take 0xc2 0x9b for the beginning of a command.
    const bool c1 = byte == 0xc2 && i + 1 < text.size() && (static_cast<unsigned char>(text[i + 1]) & 0xe0U) == 0x80U;
    if (text[i] == '\n') {
      safe += "\\n";
    } else if (text[i] == '\t') {
      safe += ' ';
    } else if (byte < 0x20 || byte == 0x7f || c1) {
      safe += fmt::format("\\x{:02x}", byte);
      if (c1) safe += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[++i]));
    } else {
      safe += text[i];
    }
  }
  return safe;
}

}  // namespace airssys::cli
