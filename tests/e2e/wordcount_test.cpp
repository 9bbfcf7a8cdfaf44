// The word count, against coreutils.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "command.hpp"

namespace airssys::e2e {
namespace {

using ::testing::HasSubstr;

/// What coreutils say, in the form of the report.
std::string counted_by_coreutils(const Folder& folder, std::string_view text) {
  const std::string input = folder.write("expected.in", text);
  const std::string output = (folder / "expected.out").string();
  const std::string command = "LC_ALL=C tr -s '[:space:]' '\\n' < " + input +
                              " | LC_ALL=C grep -av '^$' | LC_ALL=C sort | LC_ALL=C uniq -c | LC_ALL=C sort -k1,1nr -k2 | "
                              "LC_ALL=C sed 's/^ *//' > " +
                              output;
  EXPECT_EQ(std::system(command.c_str()), 0);
  return read_all(output);
}

/// The example's own system file, with or without the three that want to bring it down.
std::string wordcount_file(const Folder& folder, bool hostile) {
  const std::string example = std::string(AIRSSYS_BUILT_EXAMPLES) + "/wordcount";
  std::string text = read_all(example + "/system.toml");
  if (!hostile) text.resize(text.find("# ---- the hostile guests"));
  for (std::size_t at = 0; (at = text.find("\"./", at)) != std::string::npos; at += 1)
    text.replace(at, 3, "\"" + example + "/");
  return folder.write("system.toml", text);
}

void expect_counts(std::string_view text, bool hostile = false) {
  const Folder folder;
  const auto ended =
      run({"run", wordcount_file(folder, hostile), "--until-idle", "--final-request", "demo/report/1", "top 100000"},
          {.input = std::string(text)});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(ended.out, counted_by_coreutils(folder, text));
}

/// Words of which some come often, most seldom, as in a book.
std::string book(std::size_t bytes) {
  std::mt19937 random(7);
  std::string text;
  while (text.size() < bytes) {
    const auto rank = static_cast<unsigned>(3000.0 / (1.0 + static_cast<double>(random() % 3000)));
    text += "w" + std::to_string(rank + random() % (1 + rank / 4));
    text += random() % 12 == 0 ? "\n" : random() % 50 == 0 ? "\t \r" : " ";
  }
  return text;
}

TEST(WordCount, agrees_with_coreutils_on_more_than_a_megabyte) {
  expect_counts(book(1'200'000));
}

TEST(WordCount, agrees_on_an_empty_file) {
  expect_counts("");
}

TEST(WordCount, agrees_on_one_line_without_an_end) {
  expect_counts("one line, and no end");
}

TEST(WordCount, agrees_on_bytes_that_are_no_utf8) {
  std::mt19937 random(11);
  std::string text;
  for (int i = 0; i < 20'000; ++i) text.push_back(static_cast<char>(random() % 16 == 0 ? ' ' : 0x80 + random() % 4));
  expect_counts(text + "\n\xff\xfe \xff\xfe\n\xc3");
}

TEST(WordCount, agrees_while_hostile_guests_are_stopped_and_restarted) {
  const Folder folder;
  const std::string text = book(1'000'000);
  Command system({"run", wordcount_file(folder, true), "--until-idle", "--final-request", "demo/report/1", "top 100000"},
                 {.input = text});
  for (const char* name : {"spinner", "trapper", "glutton"}) {
    EXPECT_TRUE(system.says("demo/" + std::string(name) + "/1 ")) << system.err();
  }
  const auto ended = system.end();
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(ended.out, counted_by_coreutils(folder, text));
  EXPECT_THAT(ended.err, HasSubstr("demo/trapper/1 trapped: integer in "));
  EXPECT_THAT(ended.err, HasSubstr("at trapper.cpp:"));
  EXPECT_THAT(ended.err, HasSubstr("stopped for good"));
  const auto shown = run({"crash", "show", "latest", "-f", (folder / "system.toml").string()});
  EXPECT_EQ(shown.code, 0);
  EXPECT_THAT(shown.out, HasSubstr("supervisor  "));
}

TEST(WordCount, answers_while_it_runs) {
  const Folder folder;
  const std::string file = wordcount_file(folder, false);
  Command system({"run", file}, {.input = "a b a\n", .keep_input_open = true});
  ASSERT_TRUE(system.says("wordcount is running")) << system.err();
  std::string top;
  for (int i = 0; i < 500 && top != "2 a\n1 b\n"; ++i) top = run({"request", "demo/report/1", "top 10", "-f", file}).out;
  EXPECT_EQ(top, "2 a\n1 b\n");
  system.type("a\n");
  for (int i = 0; i < 500 && top != "3 a\n1 b\n"; ++i) top = run({"request", "demo/report/1", "top 10", "-f", file}).out;
  EXPECT_EQ(top, "3 a\n1 b\n");
  system.signal(SIGINT);
  EXPECT_EQ(system.end().code, 0);
}

}  // namespace
}  // namespace airssys::e2e
