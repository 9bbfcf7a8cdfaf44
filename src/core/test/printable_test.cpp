#include "airssys/core/printable.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace airssys::core {
namespace {

TEST(Printable, shows_what_a_terminal_would_obey_and_keeps_letters) {
  EXPECT_EQ(printable("Gr\xc3\xbc\xc3\x9f"
                      "e\x1b[31m\r\x7f\xc2\x9b"),
            "Gr\xc3\xbc\xc3\x9f"
            "e\\x1b[31m\\x0d\\x7f\\xc2\\x9b");
}

TEST(Printable, keeps_a_text_on_one_line_unless_its_lines_are_wanted) {
  EXPECT_EQ(printable("a\nb\tc"), "a\\nb c");
  EXPECT_EQ(printable("a\nb\tc\r", LineEnds::kept), "a\nb\tc\\x0d");
}

TEST(Printable, shows_characters_that_turn_the_direction_or_end_a_line) {
  for (const std::uint32_t code : {0x202aU, 0x202bU, 0x202cU, 0x202dU, 0x202eU, 0x2066U, 0x2067U, 0x2068U, 0x2069U, 0x2028U,
                                   0x2029U, 0x200eU, 0x200fU, 0x061cU}) {
    std::string text;
    if (code >= 0x800) text += static_cast<char>(0xe0 | (code >> 12));
    text += static_cast<char>(code >= 0x800 ? 0x80 | ((code >> 6) & 0x3f) : 0xc0 | (code >> 6));
    text += static_cast<char>(0x80 | (code & 0x3f));
    char expected[16];
    std::snprintf(expected, sizeof(expected), "\\u%04x", code);
    EXPECT_EQ(printable(text), expected);
    EXPECT_EQ(printable(text, LineEnds::kept), expected);
  }
  EXPECT_EQ(printable("\xe2\x80\xa7 \xe2\x80\xaf"), "\xe2\x80\xa7 \xe2\x80\xaf");  // Their neighbours.
}

TEST(Printable, shows_bytes_that_are_no_utf8) {
  EXPECT_EQ(printable("\xff\x80z"), "\\xff\\x80z");
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf");                    // Longer than needed.
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");           // A surrogate.
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // Beyond the last.
  EXPECT_EQ(printable("\xe2\x82"), "\\xe2\\x82");                    // Cut short.
  EXPECT_EQ(printable("\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80");
  EXPECT_EQ(printable(std::string("a\0b", 3)), "a\\x00b");
}

/// Whatever the bytes: what comes out holds nothing that a terminal obeys, and is left as it is the second time.
TEST(Printable, of_any_two_bytes_is_harmless_and_stays_as_it_is) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text{static_cast<char>(first), static_cast<char>(second)};
      const std::string shown = printable(text);
      for (const char c : shown) EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
      EXPECT_EQ(printable(shown), shown);
      EXPECT_LE(shown.size(), 6 * text.size());
    }
  }
}

TEST(ShownBytes, are_at_least_what_comes_out) {
  const std::string every[] = {
      "a", "\n", "\t", "\x1b", "\x7f", "\xc2\x9b", "\xff", "\xc3", "\xe2\x80\xae", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
  for (const std::string& one : every) {
    EXPECT_GE(shown_bytes(one), printable(one).size()) << printable(one);
    EXPECT_LE(shown_bytes(one), 8U);
  }
  EXPECT_EQ(shown_bytes("plain \"text\", \xc3\xa4"), 16U);
  EXPECT_EQ(shown_bytes(std::string(100, '\x01')), 600U) << "as in JSON";
}

TEST(ShownBytes, that_fit_end_between_characters) {
  EXPECT_EQ(shown_within("abc", 2), 2U);
  EXPECT_EQ(shown_within("abc", 3), 3U);
  EXPECT_EQ(shown_within("a\x01z", 6), 1U);
  EXPECT_EQ(shown_within("a\x01z", 7), 2U);
  EXPECT_EQ(shown_within("a\xe2\x82\xac", 3), 1U);
}

}  // namespace
}  // namespace airssys::core
