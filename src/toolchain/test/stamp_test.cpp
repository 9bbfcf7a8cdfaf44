#include "stamp.hpp"

#include <gtest/gtest.h>

#include "files.hpp"

namespace airssys::toolchain {
namespace {

using Paths = std::vector<std::filesystem::path>;

class StampTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(write_file(file, "one")); }

  TemporaryFolder scratch = *TemporaryFolder::make_in(std::filesystem::temp_directory_path());
  std::filesystem::path file = scratch.path() / "a file";
};

TEST_F(StampTest, matches_until_a_file_or_the_settings_change) {
  const std::string stored = Stamp("settings", {file}).to_string();
  EXPECT_TRUE(Stamp::matches(stored, "settings"));
  EXPECT_FALSE(Stamp::matches(stored, "other settings"));
  ASSERT_TRUE(write_file(file, "two"));
  EXPECT_FALSE(Stamp::matches(stored, "settings"));
}

TEST_F(StampTest, never_matches_with_a_file_that_is_not_there) {
  const std::string stored = Stamp("settings", {scratch.path() / "missing"}).to_string();
  EXPECT_FALSE(Stamp::matches(stored, "settings"));
  EXPECT_FALSE(Stamp::matches("", "settings"));
  EXPECT_FALSE(Stamp::matches("settings\ngarbage\n", "settings"));
}

TEST(Digest, tells_texts_apart_by_their_borders) {
  EXPECT_NE(Digest().add("ab").add("c").hex(), Digest().add("a").add("bc").hex());
  EXPECT_EQ(Digest().add("ab").hex(), Digest().add("ab").hex());
}

TEST(Dependencies, are_read_from_a_make_rule) {
  EXPECT_EQ(parse_dependencies("a.o: a.cpp \\\n  b\\ c.hpp d$$e.hpp\\\n f.hpp\n"),
            (Paths{"a.cpp", "b c.hpp", "d$e.hpp", "f.hpp"}));
  EXPECT_EQ(parse_dependencies("out/a\\ b.o: a.cpp\n"), Paths{"a.cpp"});
}

}  // namespace
}  // namespace airssys::toolchain
