#include "console.hpp"

#include <gtest/gtest.h>

#include "console_log.hpp"
#include "test/captured.hpp"

namespace airssys::cli {
namespace {

using cli::testing::MemoryFile;

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

TEST(Printable, shows_what_a_terminal_would_obey_and_keeps_letters) {
  EXPECT_EQ(printable("Gr\xc3\xbc\xc3\x9f"
                      "e\x1b[31m\n\t\x7f\xc2\x9b"),
            "Gr\xc3\xbc\xc3\x9f"
            "e\\x1b[31m\\n \\x7f\\xc2\\x9b");
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
