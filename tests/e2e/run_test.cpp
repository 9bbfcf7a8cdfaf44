// How a run ends: signals once and twice, idle, a reader that goes away.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "command.hpp"

namespace airssys::e2e {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// Lines in, through a guest, lines out.
std::string pipeline(std::string_view source = "-") {
  return "[system]\nname = \"demo\"\n"
         "[[actor]]\naddress = \"demo/pass/1\"\ncomponent = \"" +
         guest("forwarder") +
         "\"\n"
         "config = { to = \"airssys/standard-output/1\" }\n"
         "[[grant]]\nfrom = \"demo/pass/1\"\nto = \"airssys/standard-output/1\"\nallow = [\"send\"]\n"
         "[[gateway]]\nkind = \"lines\"\npath = \"" +
         std::string(source) +
         "\"\nto = \"demo/pass/1\"\n"
         "[[gateway]]\nkind = \"standard-output\"\n";
}

std::string numbered_lines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += std::to_string(i) + "\n";
  return text;
}

TEST(Run, until_idle_passes_every_line_on_in_order) {
  const Folder folder;
  const std::string file = folder.write("system.toml", pipeline());
  const std::string lines = numbered_lines(20'000);
  const auto ended = run({"run", file, "--until-idle"}, {.input = lines});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(ended.out, lines);
  EXPECT_THAT(ended.err, HasSubstr("demo has stopped: 20000 lines in, 0 refused, 0 dead letters"));
}

TEST(Run, until_idle_ends_with_an_empty_input_too) {
  const Folder folder;
  const auto ended = run({"run", folder.write("system.toml", pipeline()), "--until-idle"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.out, IsEmpty());
}

/// Lines, through a guest that is `busy` when the next one is full, to one that is slow and has little room.
std::string slow_pipeline() {
  return "[system]\nname = \"demo\"\n"
         "[[actor]]\naddress = \"demo/pass/1\"\ncomponent = \"" +
         guest("forwarder") +
         "\"\nconfig = { to = \"demo/slow/1\" }\nlimits = { mailbox_messages = 16 }\n"
         "[[actor]]\naddress = \"demo/slow/1\"\ncomponent = \"" +
         guest("counter") +
         "\"\nlimits = { mailbox_messages = 16 }\n"
         "[[grant]]\nfrom = \"demo/pass/1\"\nto = \"demo/slow/1\"\nallow = [\"send\"]\n"
         "[[gateway]]\nkind = \"lines\"\npath = \"-\"\nto = \"demo/pass/1\"\n";
}

TEST(Run, pours_any_amount_through_a_slow_guest_in_constant_memory) {
  const Folder folder;
  const std::string file = folder.write("system.toml", slow_pipeline());
  std::string line;
  for (int word = 0; word < 1000; ++word) line += "word" + std::to_string(word % 10) + " ";
  line.back() = '\n';
  const auto pour = [&](int lines) {
    Command command({"run", file, "--until-idle", "--final-request", "demo/slow/1", "word7"}, {.keep_input_open = true});
    for (int i = 0; i < lines; ++i) command.type(line);
    command.end_input();
    const auto ended = command.end();
    EXPECT_EQ(ended.code, 0) << ended.err;
    EXPECT_EQ(ended.out, std::to_string(lines * 100)) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr("0 refused, 0 dead letters"));
    return ended.peak_kib;
  };
  const long little = pour(100);
  const long much = pour(5'000);
  constexpr long kMoreKib = 8 << 10;
  EXPECT_LT(much, little + kMoreKib) << "30 MB went through";
}

TEST(Run, brings_events_to_subscribers_of_the_file_and_to_one_of_a_group) {
  const Folder folder;
  std::string text = "[system]\nname = \"demo\"\n";
  for (const char* address : {"demo/topics/1", "demo/topics/2", "demo/member/1", "demo/member/2"}) {
    text += std::string("[[actor]]\naddress = \"") + address + "\"\ncomponent = \"" + guest("topic_user") + "\"\n";
  }
  text +=
      "[[grant]]\nfrom = \"demo/topics/1\"\ntopic = \"words.#\"\nallow = [\"publish\"]\n"
      "[[subscription]]\ntopic = \"words.*\"\nactor = \"demo/topics/*\"\n"
      "[[subscription]]\ntopic = \"words.#\"\nactor = \"demo/member/*\"\ngroup = \"members\"\n";
  const std::string file = folder.write("system.toml", text);
  Command system({"run", file});
  ASSERT_TRUE(system.says("demo is running")) << system.err();
  const auto ask = [&](const char* address, const char* words) { return run({"request", address, words, "-f", file}); };
  EXPECT_EQ(ask("demo/topics/1", "publish words.en hello").out, "ok");
  EXPECT_EQ(ask("demo/topics/1", "publish words.de hallo").out, "ok");
  EXPECT_EQ(ask("demo/topics/1", "publish other x").out, "denied");
  EXPECT_EQ(ask("demo/topics/2", "publish words.en x").out, "denied");
  EXPECT_EQ(ask("demo/topics/1", "seen").out, "words.en hello\nwords.de hallo\n");
  EXPECT_EQ(ask("demo/topics/2", "seen").out, "words.en hello\nwords.de hallo\n");
  EXPECT_EQ(ask("demo/member/1", "seen").out, "words.en hello\n");
  EXPECT_EQ(ask("demo/member/2", "seen").out, "words.de hallo\n");
}

TEST(Run, quiet_says_nothing_when_all_is_well) {
  const Folder folder;
  const auto ended = run({"run", "-q", folder.write("system.toml", pipeline()), "--until-idle"}, {.input = "x\n"});
  EXPECT_EQ(ended.code, 0);
  EXPECT_EQ(ended.out, "x\n");
  EXPECT_THAT(ended.err, IsEmpty());
}

TEST(Run, reads_lines_from_a_file_and_refuses_one_that_is_missing) {
  const Folder folder;
  folder.write("lines.txt", "one\ntwo");
  const std::string file = folder.write("system.toml", pipeline("lines.txt"));
  EXPECT_EQ(run({"run", file, "--until-idle"}).out, "one\ntwo\n");
  std::filesystem::remove(folder / "lines.txt");
  const auto missing = run({"run", file, "--until-idle"});
  EXPECT_NE(missing.code, 0);
  EXPECT_THAT(missing.err, HasSubstr("lines.txt"));
}

TEST(Run, a_line_that_is_too_long_is_refused_by_number_and_the_rest_goes_on) {
  const Folder folder;
  const auto ended = run({"run", folder.write("system.toml", pipeline()), "--until-idle"},
                         {.input = "a\n" + std::string(2 << 20, 'x') + "\nb\n"});
  EXPECT_EQ(ended.code, 0);
  EXPECT_EQ(ended.out, "a\nb\n");
  EXPECT_THAT(ended.err, HasSubstr("line 2 was not sent: longer than 1048576 bytes"));
  EXPECT_THAT(ended.err, HasSubstr("3 lines in, 1 refused"));
}

class RunSignals : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(All, RunSignals, ::testing::Values(SIGINT, SIGTERM, SIGHUP), [](const auto& signal) {
  return signal.param == SIGINT ? "sigint" : signal.param == SIGTERM ? "sigterm" : "sighup";
});

TEST_P(RunSignals, once_drains_and_loses_nothing_accepted) {
  const Folder folder;
  Command system({"run", folder.write("system.toml", pipeline())}, {.input = numbered_lines(30'000), .keep_input_open = true});
  ASSERT_TRUE(system.says("demo is running")) << system.err();
  while (system.out().size() < 1000) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  system.signal(GetParam());
  const auto ended = system.end();
  EXPECT_EQ(ended.code, 0) << ended.err;
  // What it says it took in is what came out, and it is the beginning of what there was.
  const auto came = std::ranges::count(ended.out, '\n');
  EXPECT_THAT(ended.err, HasSubstr("demo has stopped: " + std::to_string(came) + " lines in, 0 refused, 0 dead letters"));
  EXPECT_TRUE(numbered_lines(30'000).starts_with(ended.out));
}

TEST_P(RunSignals, once_ends_a_system_that_waits_for_input) {
  const Folder folder;
  Command system({"run", folder.write("system.toml", pipeline())}, {.keep_input_open = true});
  ASSERT_TRUE(system.says("demo is running")) << system.err();
  system.signal(GetParam());
  EXPECT_EQ(system.end().code, 0);
}

TEST_P(RunSignals, twice_forces_and_says_what_was_lost) {
  const Folder folder;
  const std::string file = folder.write("system.toml", system_of({"spinning"}));
  Command system({"run", file});
  ASSERT_TRUE(system.says("demo is running")) << system.err();
  for (int i = 0; i < 4; ++i) ASSERT_EQ(run({"send", "demo/spinning/1", "spin", "-f", file}).code, 0);
  system.signal(GetParam());
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const auto before = std::chrono::steady_clock::now();
  system.signal(GetParam());
  const auto ended = system.end();
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.err, HasSubstr("stopped by a second signal: "));
  EXPECT_THAT(ended.err, HasSubstr("messages were not handled"));
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5));
}

TEST(Run, drains_no_longer_than_it_is_told) {
  const Folder folder;
  const std::string file = folder.write("system.toml", system_of({"spinning"}));
  Command system({"run", file, "--drain", "100ms"});
  ASSERT_TRUE(system.says("demo is running")) << system.err();
  for (int i = 0; i < 4; ++i) ASSERT_EQ(run({"send", "demo/spinning/1", "spin", "-f", file}).code, 0);
  system.signal(SIGINT);
  const auto ended = system.end();
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.err, HasSubstr("stopped after the time for draining"));
}

TEST(Run, goes_on_when_the_reader_of_its_output_has_gone) {
  const Folder folder;
  const Descriptor gone = closed_pipe();
  const auto ended = run({"run", folder.write("system.toml", pipeline()), "--until-idle"},
                         {.input = numbered_lines(100), .output = gone.get()});
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.err, HasSubstr("100 lines in, 0 refused, 100 dead letters"));
  EXPECT_THAT(ended.err, HasSubstr("nobody reads the output any more"));
}

TEST(Run, says_once_that_nobody_reads_its_output) {
  const Folder folder;
  const Descriptor gone = closed_pipe();
  const auto ended =
      run({"run", folder.write("system.toml", pipeline()), "--until-idle", "--final-request", "demo/forwarder/1", "x"},
          {.input = "one\n", .output = gone.get()});
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("1 line in, "), HasSubstr("nobody reads the output any more"),
                               Not(HasSubstr("can't write the result"))));
}

TEST(Run, ends_though_nobody_reads_its_full_output) {
  const Folder folder;
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  const Descriptor unread(ends[0]);
  const Descriptor output(ends[1]);
  const std::string file = folder.write("system.toml", pipeline(folder.write("lines.txt", numbered_lines(100'000))));
  Command system({"run", file, "--drain", "200ms"}, {.output = output.get()});
  ASSERT_TRUE(system.says("demo is running")) << system.err();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  system.signal(SIGINT);
  EXPECT_EQ(system.end().code, 1);
}

TEST(Run, final_request_prints_the_reply_alone) {
  const Folder folder;
  const std::string file = folder.write(
      "system.toml", system_of({"counter"}) + "[[gateway]]\nkind = \"lines\"\npath = \"-\"\nto = \"demo/counter/1\"\n");
  const auto ended = run({"run", file, "--until-idle", "--final-request", "demo/counter/1", "b"}, {.input = "a b\nb\nb"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(ended.out, "3");
  const auto failed = run({"run", file, "--until-idle", "--final-request", "demo/counter/1", "never"});
  EXPECT_EQ(failed.code, 1);
  EXPECT_THAT(failed.err, HasSubstr("never"));
  EXPECT_EQ(run({"run", file, "--until-idle", "--final-request", "nowhere", "x"}).code, 2);
  EXPECT_EQ(run({"run", file, "--final-request", "demo/counter/1", "x"}).code, 2);
}

}  // namespace
}  // namespace airssys::e2e
