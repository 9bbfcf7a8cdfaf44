#include "console.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "console_log.hpp"
#include "json_text.hpp"
#include "test/captured.hpp"

namespace airssys::cli {
namespace {

using cli::testing::MemoryFile;
using cli::testing::Terminal;

TEST(Table, aligns_its_columns_and_leaves_no_spaces_at_the_ends) {
  Table table({{"NAME", Table::Align::left}, {"SIZE", Table::Align::right}, {"WHAT", Table::Align::left}});
  table.add({"a", "1", "x"});
  table.add({"longer", "12345", ""});
  EXPECT_EQ(table.text(),
            "NAME     SIZE  WHAT\n"
            "a           1  x\n"
            "longer  12345\n");
}

TEST(HumanBytes, are_short) {
  EXPECT_EQ(human_bytes(0), "0 B");
  EXPECT_EQ(human_bytes(1023), "1023 B");
  EXPECT_EQ(human_bytes(1536), "1.5 KiB");
  EXPECT_EQ(human_bytes(std::uint64_t{16} << 20), "16.0 MiB");
  EXPECT_EQ(human_bytes(std::uint64_t{3} << 50), "3072.0 TiB");
}

/// What everything that guests say is made of here: a command for a terminal, a direction, a line end that is none, a byte.
const std::string kHostile = "a\x1b[2J \xe2\x80\xae\xe2\x80\xa8\xc2\x9b\x7f\r\xff";
const std::string kHarmless = "a\\x1b[2J \\u202e\\u2028\\xc2\\x9b\\x7f\\x0d\\xff";

TEST(Console, prints_results_exactly_to_a_file_and_harmlessly_to_a_terminal) {
  const MemoryFile out;
  Console to_file({.in = -1, .out = out.get(), .err = -1});
  to_file.print(kHostile + "\n\tb");
  EXPECT_EQ(out.text(), kHostile + "\n\tb");

  const Terminal terminal;
  Console to_terminal({.in = -1, .out = terminal.get(), .err = -1});
  to_terminal.print(kHostile + "\n\tb");
  EXPECT_EQ(terminal.text(), kHarmless + "\n\tb");
}

TEST(Console, says_nothing_to_people_that_a_terminal_would_obey) {
  const MemoryFile err;
  Console console({.in = -1, .out = -1, .err = err.get()});
  console.note(kHostile);
  console.complain(kHostile);
  console.fail(ExitCode::general, core::Error(core::ErrorCode::rejected, "test", "rejected: " + kHostile));
  EXPECT_EQ(err.text(), kHarmless + "\n" + kHarmless + "\nairssys: rejected: " + kHarmless + "\n");
}

TEST(Console, lets_no_words_of_a_guest_look_like_a_message_of_its_own) {
  const MemoryFile err;
  Console console({.in = -1, .out = -1, .err = err.get()});
  console.fail(ExitCode::general, "rejected", "rejected: no\nairssys: all is well");
  EXPECT_EQ(err.text(), "airssys: rejected: no\n  airssys: all is well\n");
}

TEST(Console, writes_json_that_is_valid_whatever_is_in_it) {
  const nlohmann::ordered_json value{{"path", kHostile}};
  const MemoryFile out;
  Console to_file({.in = -1, .out = out.get(), .err = -1});
  to_file.set_form(OutputForm::json);
  to_file.print_json(json_text(value));
  to_file.fail(ExitCode::general, "io", kHostile);
  std::string line;
  for (std::istringstream lines(out.text()); std::getline(lines, line);) EXPECT_TRUE(nlohmann::json::accept(line)) << line;

  const Terminal terminal;
  Console to_terminal({.in = -1, .out = terminal.get(), .err = -1});
  to_terminal.print_json(json_text(value));
  const std::string shown = terminal.text();
  EXPECT_EQ(nlohmann::json::parse(shown).at("path"), nlohmann::json::parse(json_text(value)).at("path"));
  for (const char c : shown) EXPECT_TRUE((c >= ' ' && c < 0x7f) || c == '\n');
}

TEST(ConsoleLog, writes_one_line_with_source_level_and_fields) {
  const MemoryFile err;
  Console console({.in = -1, .out = -1, .err = err.get()});
  ConsoleLog log(console);
  const core::LogField fields[] = {{"left", "3"}, {"why", "a\nb"}};
  log.write("demo/a/1", core::LogLevel::warn, "two\nlines", fields);
  log.write("demo/a/1", core::LogLevel::debug, "unseen", {});
  EXPECT_EQ(err.text().substr(12), " warn  demo/a/1  two\\nlines left=3 why=a\\nb\n");
}

TEST(ConsoleLog, shows_errors_alone_when_quiet_and_everything_when_verbose) {
  const MemoryFile err;
  Console console({.in = -1, .out = -1, .err = err.get()});
  const ConsoleLog log(console);
  console.set_verbosity(Verbosity::quiet);
  EXPECT_FALSE(log.enabled(core::LogLevel::warn));
  EXPECT_TRUE(log.enabled(core::LogLevel::error));
  console.set_verbosity(Verbosity::verbose);
  EXPECT_TRUE(log.enabled(core::LogLevel::trace));
}

}  // namespace
}  // namespace airssys::cli
