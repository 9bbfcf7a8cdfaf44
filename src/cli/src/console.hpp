#pragma once

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "airssys/cli/command_line.hpp"
#include "airssys/core/error.hpp"
#include "airssys/core/message.hpp"
#include "airssys/core/printable.hpp"
#include "airssys/os/output_queue.hpp"

namespace airssys::cli {

enum class OutputForm { text, json };
enum class Verbosity { quiet, normal, verbose };

/// How a command speaks to whoever called it: results to standard output, the rest to standard error. Any thread.
///
/// Guests have a say in most of it, so nothing reaches a terminal but by here: results are exact bytes, unless standard output
/// is a terminal, and what goes to standard error is `core::printable` wherever it goes.
class Console {
 public:
  explicit Console(const Descriptors& descriptors) : descriptors_(descriptors) {}
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;
  /// What waits for a slow reader of standard error gets a second more.
  ~Console();

  /// From now on nobody waits for who reads standard output or standard error: threads of their own write. Standard error holds
  /// a mebibyte; beyond, lines of whoever has most there are dropped, and a line says how many when there is room again. For a
  /// command with threads of others' work, before it has any.
  void wait_for_nobody();
  /// Waits until no result is left to write: it is written, or lost. False: the time is over.
  bool flush_results(std::chrono::milliseconds patience);
  /// Why standard output can't be written has been said: `finish` does not say it again.
  void output_failure_was_said() noexcept { output_failure_said_ = true; }

  void set_form(OutputForm form) noexcept { form_ = form; }
  void set_verbosity(Verbosity verbosity) noexcept { verbosity_ = verbosity; }
  void set_color(bool allowed) noexcept { color_allowed_ = allowed; }
  bool json() const noexcept { return form_ == OutputForm::json; }
  Verbosity verbosity() const noexcept { return verbosity_; }
  int output() const noexcept { return descriptors_.out; }
  bool output_is_terminal() const noexcept;

  /// A result, as it is; on a terminal `printable`, with its line ends.
  void print(std::string_view text);
  /// A JSON document, as one line; on a terminal with no other characters than ASCII has.
  void print_json(std::string_view json);
  /// For people, one line; not with --quiet. This and the next with --output json: as `log_line`. `about`: whose life it tells
  /// of, who must not push out what is said of others; empty: the command's own.
  void note(std::string_view line, std::string_view about = {});
  /// One line, always.
  void complain(std::string_view line);
  /// One line of a log, as it is, to standard error; who logs much makes room for others.
  void log(std::string_view source, std::string_view line);
  /// All of standard input.
  core::Result<std::string> read_input(std::size_t most) const;
  /// Ends the command with `code`: the words for people, or with --output json one object on standard output:
  /// {"error":{"kind":"...","message":"..."},"exit_code":1}.
  ExitCode fail(ExitCode code, std::string_view kind, std::string_view message);
  /// The same for a request that was sent: by its id `airssys trace` shows what it set off. 0: it was not.
  ExitCode fail_request(const core::Error& error, core::MessageId id);
  ExitCode fail(ExitCode code, const core::Error& error) { return fail(code, core::name_of(error.code()), error.to_string()); }
  /// `code`, unless the results could not be written, all of them, to the end: that is no success, whoever is to blame.
  ExitCode finish(ExitCode code);

 private:
  void print_exactly(std::string_view text);
  /// `prefix` is ours: it may have colors.
  void complain(std::string_view source, std::string_view prefix, std::string_view line);
  /// As a line of a log where those are JSON.
  void say(std::string_view source, std::string_view level, std::string_view line);
  void write_error(std::string_view source, const std::string& text);
  void say_what_was_dropped();
  /// 0 or an errno.
  int write_all(int descriptor, std::string_view text) noexcept;

  const Descriptors descriptors_;
  OutputForm form_ = OutputForm::text;
  Verbosity verbosity_ = Verbosity::normal;
  bool color_allowed_ = true;
  std::mutex mutex_;
  bool output_failure_said_ = false;
  int output_failure_ = 0;
  std::unique_ptr<os::OutputQueue> results_;  ///< These two: if nobody waits.
  std::unique_ptr<os::OutputQueue> errors_;
  std::atomic<std::uint64_t> dropped_{0};  ///< Lines, and not said yet.
};

/// Rows with their columns aligned, numbers to the right; no spaces at the ends of lines.
class Table {
 public:
  enum class Align { left, right };
  struct Column {
    std::string title;
    Align align = Align::left;
  };
  explicit Table(std::vector<Column> columns);
  void add(std::vector<std::string> row);
  /// The titles, and the rows that were added.
  std::string text();
  /// For a table that is longer than one wants to hold: the titles at the first call, and the rows since the last one, which
  /// are gone then. Columns only grow.
  std::string next_part();

 private:
  template <typename Cell>
  void add_line(std::string& text, const Cell& cell) const;

  std::vector<Column> columns_;
  std::vector<std::size_t> widths_;
  std::vector<std::vector<std::string>> rows_;
  bool titles_shown_ = false;
};

/// {"time_ms":1767225600000,"level":"info","source":"airssys","text":"..."}: a line of a log where those are JSON.
nlohmann::ordered_json log_line(std::string_view level, std::string_view source, std::string_view text);

/// "4.0 MiB", "512 B": for people.
std::string human_bytes(std::uint64_t bytes);
/// "2026-01-31 12:00:00", where the command runs: for people.
std::string local_time(std::uint64_t time_ms);
using core::printable;

}  // namespace airssys::cli
