#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "airssys/config/system_file.hpp"
#include "include_glob.hpp"
#include "testing/folder.hpp"

namespace airssys::config {
namespace {

using config_testing::Folder;
using testing::ElementsAre;
using testing::IsEmpty;

std::string actor(std::string_view address) {
  return "[[actor]]\naddress = \"" + std::string(address) + "\"\ncomponent = \"./c\"\n";
}

/// The problems of the folder's system.toml, with the folder's own path cut off.
std::string problems_in(const Folder& folder) {
  const auto system = load_system_file(folder.path() / "system.toml");
  std::string text = system ? "none" : to_string(system.error());
  const std::string prefix = folder.path().string() + "/";
  for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) text.erase(at, prefix.size());
  return text;
}

TEST(Include, reads_files_sorted_by_name_relative_to_the_file) {
  const Folder folder;
  folder.write("system.toml", "include = [\"tenants/*.toml\", \"more.toml\"]\n" + actor("main/a/1"));
  folder.write("tenants/b.toml", actor("tenant/b/1"));
  folder.write("tenants/a.toml", actor("tenant/a/1"));
  folder.write("tenants/.hidden.toml", actor("tenant/hidden/1"));
  folder.write("tenants/notes.txt", "not TOML");
  folder.write("more.toml", actor("more/a/1"));
  const auto system = load_system_file(folder.path() / "system.toml");
  ASSERT_TRUE(system) << to_string(system.error());
  std::vector<std::string> addresses;
  for (const ActorEntry& entry : system->actors) addresses.push_back(entry.address.text());
  EXPECT_THAT(addresses, ElementsAre("main/a/1", "tenant/a/1", "tenant/b/1", "more/a/1"));
  EXPECT_EQ(system->actors[1].component, ComponentSource(folder.path() / "tenants/c"));
  EXPECT_THAT(system->files, ElementsAre(folder.path() / "system.toml", folder.path() / "tenants/a.toml",
                                         folder.path() / "tenants/b.toml", folder.path() / "more.toml"));
}

TEST(Include, of_a_pattern_may_match_nothing) {
  const Folder folder;
  folder.write("system.toml", "include = [\"tenants/*.toml\", \"*/x/?.toml\"]\n");
  EXPECT_EQ(problems_in(folder), "none");
}

TEST(Include, of_a_name_must_be_there) {
  const Folder folder;
  folder.write("system.toml", "include = [\"tenants/a.toml\"]\n");
  EXPECT_EQ(problems_in(folder),
            "system.toml:1:12: include = \"tenants/a.toml\": tenants/a.toml: cannot be read: No such file or directory");
}

TEST(Include, refuses_circles) {
  const Folder folder;
  folder.write("system.toml", "include = [\"a.toml\"]\n");
  folder.write("a.toml", "include = [\"sub/../b.toml\"]\n");
  folder.write("b.toml", "include = [\"./system.toml\"]\n");
  EXPECT_EQ(
      problems_in(folder),
      "b.toml:1:12: include = \"./system.toml\" leads back to system.toml; expected files that do not include each other in a "
      "circle");
}

TEST(Include, refuses_a_circle_through_a_link) {
  const Folder folder;
  folder.write("system.toml", "include = [\"link.toml\"]\n");
  std::filesystem::create_symlink("system.toml", folder.path() / "link.toml");
  EXPECT_EQ(
      problems_in(folder),
      "system.toml:1:12: include = \"link.toml\" leads back to link.toml; expected files that do not include each other in a "
      "circle");
}

TEST(Include, refuses_a_file_twice) {
  const Folder folder;
  folder.write("system.toml", "include = [\"a.toml\", \"*.toml.d/*.toml\", \"a*.toml\"]\n");
  folder.write("a.toml", actor("a/b/1"));
  EXPECT_EQ(problems_in(folder), "system.toml:1:41: include = \"a*.toml\" reads a.toml a second time; expected each file once");
}

TEST(Include, is_limited_in_depth) {
  const Folder folder;
  folder.write("system.toml", "include = [\"1.toml\"]\n");
  for (int i = 1; i <= 20; ++i)
    folder.write(std::to_string(i) + ".toml", "include = [\"" + std::to_string(i + 1) + ".toml\"]\n");
  EXPECT_EQ(problems_in(folder),
            "15.toml:1:12: include = \"16.toml\" is too much; expected at most 1000 files, 16 within each other");
}

TEST(Include, leaves_system_and_defaults_to_the_first_file) {
  const Folder folder;
  folder.write("system.toml", "include = [\"a.toml\"]\n[system]\nname = \"demo\"\n");
  folder.write("a.toml", "[system]\nname = \"other\"\n[defaults]\nmemory = \"1MiB\"\n");
  EXPECT_EQ(problems_in(folder),
            "a.toml:1:2: [system] in an included file; expected it in the file that includes this one\n"
            "a.toml:3:2: [defaults] in an included file; expected it in the file that includes this one");
}

TEST(Include, resolves_references_across_files_and_reports_all_problems_by_file) {
  const Folder folder;
  folder.write("system.toml", "include = [\"a.toml\"]\n" + actor("main/a/1") + "supervisor = \"shared\"\n[[grant]]\n");
  folder.write("a.toml", "[[supervisor]]\nname = \"shared\"\n" + actor("main/a/1") + "nme = 1\n");
  EXPECT_EQ(problems_in(folder),
            "system.toml:6:1: missing key \"from\" in [[grant]]; expected an address pattern, as in \"demo/split/*\"\n"
            "system.toml:6:1: missing key \"to\" in [[grant]]; expected an address pattern, or topic with a topic pattern\n"
            "system.toml:6:1: missing key \"allow\" in [[grant]]; expected an array of verbs, as in [\"send\", \"request\"]\n"
            "a.toml:4:1: the address \"main/a/1\" is taken by the actor at system.toml:3:1; expected an address of its own\n"
            "a.toml:6:1: unknown key \"nme\" in [[actor]]; expected one of address, component, instances, profile, supervisor, "
            "durable, config, secrets, limits, idle, max_live, max_names");
}

TEST(Load, says_why_a_file_cannot_be_read) {
  const Folder folder;
  EXPECT_EQ(problems_in(folder), "system.toml: cannot be read: No such file or directory");
  std::filesystem::create_directory(folder.path() / "system.toml");
  EXPECT_EQ(problems_in(folder), "system.toml: cannot be read: it is a folder");
}

TEST(Load, stops_reading_a_file_that_never_ends) {
  const auto system = load_system_file("/dev/zero");
  ASSERT_FALSE(system);
  EXPECT_EQ(to_string(system.error()), "/dev/zero: the file is larger than 1 MiB; expected at most 1 MiB");
}

struct Glob {
  std::string_view pattern;
  std::string_view name;
  bool expected;
};

TEST(Glob, matches_stars_and_question_marks) {
  const std::vector<Glob> cases{{"*", "", true},
                                {"*", "abc", true},
                                {"a*", "abc", true},
                                {"*c", "abc", true},
                                {"a*c", "abc", true},
                                {"a*c", "abcd", false},
                                {"a*b*c", "aXbYc", true},
                                {"a*b*c", "acb", false},
                                {"?", "a", true},
                                {"?", "", false},
                                {"??", "a", false},
                                {"a?c", "abc", true},
                                {"*.toml", "a.toml", true},
                                {"*.toml", "toml", false},
                                {"*aab", "aaaab", true},
                                {"", "", true},
                                {"", "a", false},
                                {"abc", "ab", false},
                                {"**a**", "bab", true}};
  for (const Glob& one : cases)
    EXPECT_EQ(glob_matches(one.pattern, one.name), one.expected) << one.pattern << " on " << one.name;
}

TEST(Glob, is_quick_where_trying_all_ways_is_not) {
  EXPECT_FALSE(glob_matches("*a*a*a*a*a*a*a*a*a*a*a*a*b", std::string(5000, 'a')));
}

TEST(Glob, has_no_files_in_a_folder_that_is_not_there) {
  EXPECT_THAT(expand_glob("/no/such/folder", "*.toml"), IsEmpty());
}

}  // namespace
}  // namespace airssys::config
