#include "console.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <utility>

#include "airssys/os/descriptor.hpp"
#include "console_log.hpp"
#include "json_text.hpp"
#include "test/captured.hpp"

namespace airssys::cli {
namespace {

using cli::testing::MemoryFile;
using cli::testing::Terminal;

/// The end to read from, and the end to write to.
std::pair<os::Descriptor, os::Descriptor> make_pipe(int flags = 0) {
  std::array<int, 2> ends{-1, -1};
  EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC | flags), 0);
  return {os::Descriptor(ends[0]), os::Descriptor(ends[1])};
}

TEST(Table, aligns_its_columns_and_leaves_no_spaces_at_the_ends) {
  Table table({{"NAME", Table::Align::left}, {"SIZE", Table::Align::right}, {"WHAT", Table::Align::left}});
  table.add({"a", "1", "x"});
  table.add({"longer", "12345", ""});
  EXPECT_EQ(table.text(),
            "NAME     SIZE  WHAT\n"
            "a           1  x\n"
            "longer  12345\n");
}

TEST(Table, that_is_shown_in_parts_has_its_titles_once_and_columns_that_only_grow) {
  Table table({{"NAME", Table::Align::left}, {"SIZE", Table::Align::right}});
  table.add({"a", "1"});
  EXPECT_EQ(table.next_part(),
            "NAME  SIZE\n"
            "a        1\n");
  table.add({"longer", "12345"});
  EXPECT_EQ(table.next_part(), "longer  12345\n");
  table.add({"b", "2"});
  EXPECT_EQ(table.next_part(), "b           2\n");
}

TEST(Console, names_the_message_of_a_request_that_failed) {
  const core::Error refused(core::ErrorCode::rejected, "test", "rejected: out of quota");
  const MemoryFile err;
  Console people({.in = -1, .out = -1, .err = err.get()});
  EXPECT_EQ(people.fail_request(refused, core::MessageId{17}), ExitCode::general);
  EXPECT_EQ(people.fail_request(refused, {}), ExitCode::general);
  EXPECT_EQ(err.text(), "airssys: rejected: out of quota (airssys trace 17)\nairssys: rejected: out of quota\n");

  const MemoryFile out;
  Console programs({.in = -1, .out = out.get(), .err = -1});
  programs.set_form(OutputForm::json);
  programs.fail_request(refused, core::MessageId{17});
  EXPECT_EQ(out.text(), R"({"error":{"kind":"rejected","message":"rejected: out of quota","id":17},"exit_code":1})"
                        "\n");
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

TEST(ConsoleLog, is_an_object_a_line_where_json_is_asked_for) {
  const MemoryFile err;
  Console console({.in = -1, .out = -1, .err = err.get()});
  console.set_form(OutputForm::json);
  ConsoleLog log(console);
  const core::LogField fields[] = {{"left", "3"}, {"why", "a\n\xff"}, {"left", "4"}};
  log.write("demo/a/1", core::LogLevel::warn, "two\nlines", fields);
  console.note("it runs");
  std::istringstream lines(err.text());
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  auto logged = nlohmann::ordered_json::parse(line);
  EXPECT_GT(logged["time_ms"].get<std::uint64_t>(), 1'700'000'000'000U);
  logged.erase("time_ms");
  EXPECT_EQ(logged.dump(),
            "{\"level\":\"warn\",\"source\":\"demo/a/1\",\"text\":\"two\\nlines\","
            "\"fields\":{\"left\":[\"3\",\"4\"],\"why\":\"a\\n\xef\xbf\xbd\"}}");
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_EQ(nlohmann::ordered_json::parse(line)["text"], "it runs");
  EXPECT_FALSE(std::getline(lines, line));
}

TEST(Console, reads_an_input_that_another_process_does_not_want_to_wait_for) {
  auto [in, late_end] = make_pipe(O_NONBLOCK);
  std::optional<os::Descriptor> writer(std::move(late_end));
  const Console console({.in = in.get(), .out = -1, .err = -1});
  std::thread late([&] {
    EXPECT_EQ(write(writer->get(), "late", 4), 4);
    writer.reset();
  });
  const auto text = console.read_input(1000);
  late.join();
  EXPECT_EQ(text, "late");
}

TEST(Console, that_waits_for_nobody_drops_what_nobody_reads_and_says_how_much) {
  auto [unread, err] = make_pipe();
  std::string all;
  {
    Console console({.in = -1, .out = -1, .err = err.get()});
    console.wait_for_nobody();
    const std::string line(1000, 'x');
    for (int i = 0; i < 3000; ++i) console.complain(line);
    // What the pipe and the queue hold is less than half of it. Now somebody reads.
    std::array<char, 65536> chunk{};
    while (all.find("lines are missing here") == std::string::npos) {
      const ssize_t size = read(unread.get(), chunk.data(), chunk.size());
      ASSERT_GT(size, 0);
      all.append(chunk.data(), static_cast<std::size_t>(size));
    }
  }
  const auto at = all.rfind('\n', all.find(" lines are missing here")) + 1;
  const int missing = std::stoi(all.substr(at));
  const auto shown = std::ranges::count(all, '\n') - 1;
  EXPECT_EQ(shown + missing, 3000);
}

TEST(Console, that_nobody_reads_loses_what_many_actors_cause_and_neither_a_quiet_ones_line_nor_its_own_words) {
  auto [unread, err] = make_pipe();
  std::string all;
  {
    Console console({.in = -1, .out = -1, .err = err.get()});
    console.wait_for_nobody();
    ConsoleLog log(console);
    const std::string line(1000, 'x');
    const auto flood = [&] {
      for (int i = 0; i < 3000; ++i) {
        const std::string actor = "demo/flood/" + std::to_string(i % 50);
        log.write(actor, core::LogLevel::info, line, {});
        log.write_about(actor, "airssys", core::LogLevel::warn, actor + " may not send " + line);
        console.note(actor + " trapped " + line, actor);
      }
    };
    flood();
    log.write("demo/quiet/1", core::LogLevel::info, "a quiet line", {});
    log.write_about("demo/quiet/1", "airssys", core::LogLevel::warn, "a quiet denial");
    console.note("a quiet notice", "demo/quiet/1");
    console.complain("words of its own");
    flood();
    std::array<char, 65536> chunk{};
    while (all.find("lines are missing here") == std::string::npos) {
      const ssize_t size = read(unread.get(), chunk.data(), chunk.size());
      ASSERT_GT(size, 0);
      all.append(chunk.data(), static_cast<std::size_t>(size));
    }
  }
  for (const char* words : {"a quiet line", "a quiet denial", "a quiet notice", "words of its own"}) {
    EXPECT_NE(all.find(words), std::string::npos) << words;
  }
}

}  // namespace
}  // namespace airssys::cli
