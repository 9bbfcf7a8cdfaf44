// The page on the environment names every variable that the command reads, and no other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "command.hpp"

namespace airssys::e2e {
namespace {

using Names = std::set<std::string>;

void add_matches(Names& names, const std::string& text, const std::regex& pattern) {
  for (std::sregex_iterator match(text.begin(), text.end(), pattern), end; match != end; ++match) names.insert((*match)[1]);
}

Names read_by_the_sources() {
  Names names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(AIRSSYS_SOURCES "/src")) {
    const std::filesystem::path& path = entry.path();
    if (path.extension() != ".cpp" || path.parent_path().filename() != "src") continue;
    const std::string text = read_all(path);
    add_matches(names, text, std::regex(R"re((?:getenv|envname)\("([A-Z_]+)"\))re"));
    if (text.find("temp_directory_path()") != std::string::npos) names.insert("TMPDIR");
  }
  return names;
}

TEST(Environment, is_one_table_of_all_that_is_read) {
  Names documented;
  add_matches(documented, read_all(AIRSSYS_SOURCES "/docs/environment.md"), std::regex("\n\\| `([A-Z_]+)` \\|"));
  EXPECT_EQ(documented, read_by_the_sources());
}

}  // namespace
}  // namespace airssys::e2e
