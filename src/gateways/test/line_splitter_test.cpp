#include "line_splitter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace airssys::gateways {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> split(const std::vector<std::string_view>& chunks, std::size_t longest = 8) {
  std::vector<std::string> lines;
  LineSplitter splitter(longest);
  const auto take = [&](std::string_view line) {
    lines.emplace_back(line);
    return true;
  };
  const auto too_long = [&] {
    lines.emplace_back("(too long)");
    return true;
  };
  for (const std::string_view chunk : chunks) splitter.add(chunk, take, too_long);
  splitter.end(take, too_long);
  return lines;
}

TEST(LineSplitter, ends_lines_at_line_feeds_alone) {
  EXPECT_THAT(split({"a\nb\r\n\nc\n"}), ElementsAre("a", "b\r", "", "c"));
}

TEST(LineSplitter, takes_a_last_line_without_an_end) {
  EXPECT_THAT(split({"a\nb"}), ElementsAre("a", "b"));
}

TEST(LineSplitter, finds_no_line_in_nothing) {
  EXPECT_THAT(split({"", ""}), IsEmpty());
}

TEST(LineSplitter, joins_what_chunks_cut) {
  EXPECT_THAT(split({"ab", "c", "\nd", "e\n", "f"}), ElementsAre("abc", "de", "f"));
}

TEST(LineSplitter, refuses_a_line_beyond_the_longest_and_goes_on) {
  EXPECT_THAT(split({"12345678\n123456789\nok"}), ElementsAre("12345678", "(too long)", "ok"));
  EXPECT_THAT(split({"12345", "6789", "0123", "\nok\n"}), ElementsAre("(too long)", "ok"));
  EXPECT_THAT(split({"ok\n1234567890"}), ElementsAre("ok", "(too long)"));
}

TEST(LineSplitter, keeps_bytes_that_are_no_text) {
  EXPECT_THAT(split({std::string_view("\0\xff\n\x80", 4)}), ElementsAre(std::string("\0\xff", 2), "\x80"));
}

TEST(LineSplitter, stops_when_it_is_told_to) {
  LineSplitter splitter(8);
  int lines = 0;
  const auto take = [&](std::string_view) { return ++lines < 2; };
  EXPECT_FALSE(splitter.add("a\nb\nc\n", take, [] { return true; }));
  EXPECT_EQ(lines, 2);
}

}  // namespace
}  // namespace airssys::gateways
