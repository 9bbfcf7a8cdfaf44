#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "airssys/config/component_manifest.hpp"
#include "airssys/config/system_file.hpp"

// Texts that want to hurt the reader rather than describe a system.

namespace airssys::config {
namespace {

std::string first_problem(std::string_view text) {
  const auto system = parse_system(text, "system.toml");
  return system ? "none" : to_string(system.error().front());
}

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(HostileText, that_is_no_utf_8_is_refused_with_its_place) {
  EXPECT_EQ(first_problem("[system]\nname = \"\xff\""),
            "system.toml:2:9: the byte 0xff is not UTF-8; expected a text in UTF-8");
  const std::vector<std::string> bad{"\x80",
                                     "\xc3",
                                     "\xc3(",
                                     "\xc0\xaf",
                                     "\xe0\x80\xaf",
                                     "\xed\xa0\x80",
                                     "\xe2\x82",
                                     "\xf0\x80\x80\x80",
                                     "\xf4\x90\x80\x80",
                                     "\xf5\x80\x80\x80"};
  for (const std::string& bytes : bad) {
    EXPECT_NE(first_problem("# " + bytes).find("is not UTF-8"), std::string::npos) << testing::PrintToString(bytes);
  }
  EXPECT_EQ(first_problem("# \xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80 \xed\x9f\xbf \xf4\x8f\xbf\xbf"), "none");
}

TEST(HostileText, columns_count_characters) {
  EXPECT_EQ(first_problem("[defaults]\n\"\xc3\xa4\xc3\xa4\" = 1 # \xff"),
            "system.toml:2:12: the byte 0xff is not UTF-8; expected a text in UTF-8");
}

TEST(HostileText, with_a_nul_byte_is_refused) {
  EXPECT_EQ(first_problem(std::string_view("[system]\n\0", 10)), "system.toml:2:1: a NUL byte; expected text");
}

TEST(HostileText, beyond_1_mib_is_refused) {
  const std::string largest = "#" + std::string((1 << 20) - 1, 'x');
  EXPECT_EQ(first_problem(largest), "none");
  EXPECT_EQ(first_problem(largest + "x"), "system.toml: the file is larger than 1 MiB; expected at most 1 MiB");
}

TEST(HostileText, that_nests_deeply_is_refused_before_it_is_parsed) {
  constexpr int kMany = 100'000;
  const std::vector<std::string> deep{
      "a = " + repeated("[", kMany),
      "a = " + repeated("{a=", kMany),
      "a = " + repeated("[{a=", kMany),
      "a" + repeated(".a", kMany) + " = 1",
      "[a" + repeated(".a", kMany) + "]",
      "[[a" + repeated(". a ", kMany) + "]]",
      "\"a\"" + repeated(".\"a\"", kMany) + " = 1",
      "'a'" + repeated(".'a'", kMany) + " = 1",
      "x = {a" + repeated(".a", kMany) + " = 1}",
      "x = [\"\"\"a\"\"\"\"\", {a" + repeated(".a", kMany) + " = 1}]",
      "x = ['''a'''', {a" + repeated(".a", kMany) + " = 1}]",
      "x = [\"\\\"\", {a" + repeated(".a", kMany) + " = 1}]",
      "x = ['\\', {a" + repeated(".a", kMany) + " = 1}]",
      "x = [\"\"\"\n\\\"\"\"\"\", {a" + repeated(".a", kMany) + " = 1}]",
  };
  for (const std::string& text : deep) {
    EXPECT_NE(first_problem(text).find("nest too deeply; expected at most 32 levels"), std::string::npos) << text.substr(0, 40);
  }
}

TEST(HostileText, is_not_seen_in_strings_and_comments) {
  EXPECT_EQ(first_problem("# " + repeated("[a.", 1000) + "\n[system]\nname = \"x\"\n"), "none");
  const std::string value = repeated("[a.{", 100);
  for (const std::string quote : {"\"", "'", "\"\"\"", "'''"}) {
    const auto system =
        parse_system("[[actor]]\naddress = \"a/b/1\"\ncomponent = \"./c\"\nconfig.x = " + quote + value + quote + "\n", "f");
    ASSERT_TRUE(system) << quote << to_string(system.error());
    EXPECT_EQ(system->actors[0].config.at("x").text, value);
  }
}

TEST(HostileText, with_very_many_problems_stays_readable) {
  std::string text = "[defaults]\n";
  for (int i = 0; i < 50'000; ++i) text += "key" + std::to_string(i) + " = 1\n";
  const auto system = parse_system(text, "system.toml");
  ASSERT_FALSE(system);
  EXPECT_EQ(system.error().size(), 51U);
  EXPECT_EQ(to_string(system.error().front()), "system.toml:1:1: 49950 more unknown keys in [defaults]");
}

TEST(HostileText, that_is_no_toml_says_where) {
  EXPECT_EQ(first_problem("[system]\nname = \n").substr(0, 33), "system.toml:2:8: not valid TOML: ");
  EXPECT_EQ(first_problem("[system]\nname = \"a\"\nname = \"b\"\n").substr(0, 14), "system.toml:3:");
  EXPECT_NE(first_problem("[system"), "none");
  EXPECT_NE(first_problem("\x01"), "none");
  EXPECT_NE(first_problem("}"), "none");
}

TEST(HostileText, in_a_manifest_is_refused_too) {
  const auto manifest = parse_component_manifest("a = " + repeated("[", 1000), "component.toml");
  ASSERT_FALSE(manifest);
  EXPECT_EQ(to_string(manifest.error()),
            "component.toml:1:37: tables, arrays or dotted keys nest too deeply; expected at most 32 levels");
}

}  // namespace
}  // namespace airssys::config
