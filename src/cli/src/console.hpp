#pragma once

#include <fmt/format.h>

#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "airssys/cli/command_line.hpp"
#include "airssys/core/error.hpp"
#include "airssys/core/printable.hpp"

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
  /// For people, one line; not with --quiet.
  void note(std::string_view line);
  /// One line, always.
  void complain(std::string_view line);
  /// All of standard input.
  core::Result<std::string> read_input() const;
  /// Ends the command with `code`: the words for people, or with --output json one object on standard output:
  /// {"error":{"kind":"...","message":"..."},"exit_code":1}.
  ExitCode fail(ExitCode code, std::string_view kind, std::string_view message);
  ExitCode fail(ExitCode code, const core::Error& error) { return fail(code, core::name_of(error.code()), error.to_string()); }
  /// `code`, unless the results could not be written. A reader that has gone has had what it wanted: that changes nothing.
  ExitCode finish(ExitCode code);

 private:
  void print_exactly(std::string_view text);
  /// `prefix` is ours: it may have colors.
  void complain(std::string_view prefix, std::string_view line);
  /// 0 or an errno.
  int write_all(int descriptor, std::string_view text) noexcept;

  const Descriptors descriptors_;
  OutputForm form_ = OutputForm::text;
  Verbosity verbosity_ = Verbosity::normal;
  bool color_allowed_ = true;
  std::mutex mutex_;
  int output_failure_ = 0;
};

/// Rows with their columns aligned, numbers to the right; no spaces at the ends of lines.
class Table {
 public:
  enum class Align { left, right };
  struct Column {
    std::string title;
    Align align = Align::left;
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  std::string text() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// "4.0 MiB", "512 B": for people.
std::string human_bytes(std::uint64_t bytes);
/// "2026-01-31 12:00:00", where the command runs: for people.
std::string local_time(std::uint64_t time_ms);
using core::printable;

}  // namespace airssys::cli
