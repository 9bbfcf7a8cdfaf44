#include "airssys/core/cut.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "airssys/core/printable.hpp"

namespace airssys::core {
namespace {

std::string shown(const std::vector<LogField>& fields, std::size_t left_out = 0) {
  const KeptFields kept(fields, left_out);
  std::string text;
  for (const LogField& field : kept.fields()) {
    const bool is_long = field.value.size() > 20;
    text += std::string(field.key) + '=';
    text += is_long ? std::to_string(field.value.size()) + " bytes" : std::string(field.value);
    text += ';';
  }
  return text;
}

TEST(Cut, is_between_characters_and_marked) {
  EXPECT_EQ(cut_to("short", 5), "short");
  EXPECT_EQ(cut_to("0123456789", 9), "012 [cut]");
  EXPECT_EQ(cut_to("01\u00e9456789", 9), "01 [cut]");
  EXPECT_EQ(cut_to("0123456789", 3), " [cut]");
}

TEST(Cut, of_what_is_shown_counts_what_comes_out) {
  EXPECT_EQ(cut_shown("short", 5), "short");
  EXPECT_EQ(cut_shown("0123456789", 9), "012 [cut]");
  EXPECT_EQ(cut_shown("\x01\x01\x01\x01", 20), "\x01\x01 [cut]");
  for (const std::string& byte : {std::string("\0", 1), std::string("\xff"), std::string("\xc2\x9b"), std::string("\n")}) {
    std::string text;
    while (text.size() < 4096) text += byte;
    const std::string cut = cut_shown(text);
    EXPECT_TRUE(cut.ends_with(" [cut]"));
    EXPECT_LE(printable(cut).size(), Failure::kMaxTextBytes);
  }
}

TEST(KeptFields, of_control_bytes_come_out_within_their_bytes) {
  const std::string value(4000, '\x1b');
  const std::vector<LogField> fields{{.key = "a", .value = value}, {.key = value, .value = "1"}};
  const KeptFields kept(fields, 0);
  std::size_t comes_out = 0;
  for (const LogField& field : kept.fields()) comes_out += printable(field.key).size() + printable(field.value).size();
  EXPECT_LE(comes_out, KeptFields::kFieldBytes + 20);
  EXPECT_EQ(kept.fields().back().value, "1 more field");
  EXPECT_GE(kept.shown_bytes(), comes_out);
}

TEST(KeptFields, are_all_of_them_up_to_4_kib_together) {
  const std::string value(4094, 'v');
  EXPECT_EQ(shown({}), "");
  EXPECT_EQ(shown({{"a", "1"}, {"b", "2"}}), "a=1;b=2;");
  EXPECT_EQ(shown({{"k", value}, {"", "x"}}), "k=4094 bytes;=x;");
}

TEST(KeptFields, say_what_was_cut_and_how_many_were_left_out) {
  const std::string large(14'000'000, 'v');
  EXPECT_EQ(shown({{"k", large}}), "k=4095 bytes;");
  EXPECT_EQ(shown({{"k", large}, {"m", large}, {"n", ""}}), "k=4095 bytes;[cut]=2 more fields;");
  EXPECT_EQ(shown({{large, "1"}}), "[cut]=1 more field;");
  EXPECT_EQ(shown({{"a", "1"}}, 180'000), "a=1;[cut]=180000 more fields;");
  const std::vector<LogField> field{{.key = "k", .value = large}};
  EXPECT_TRUE(KeptFields(field, 0).fields().front().value.ends_with(" [cut]"));
}

TEST(KeptFields, of_a_thousand_small_ones_stay_within_their_bytes) {
  const std::vector<LogField> many(1000, {.key = "key", .value = "value"});
  const KeptFields kept(many, 0);
  EXPECT_EQ(kept.fields().size(), 513U);
  EXPECT_EQ(kept.fields().back().value, "488 more fields");
}

}  // namespace
}  // namespace airssys::core
