// The commands that need no guest; those that do are tested from outside, with the real program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "airssys/monitoring/crash_store.hpp"
#include "test/captured.hpp"

namespace airssys::cli {
namespace {

using cli::testing::airssys;
using cli::testing::Captured;
using cli::testing::Folder;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

monitoring::CrashReport report(std::string address) {
  monitoring::CrashReport report;
  report.address = std::move(address);
  report.component = "trapper 0123456789ab";
  report.turn = "handle-message";
  report.reason = "internal: no luck";
  report.decision = "restart 1 of 5 within 60 s";
  return report;
}

TEST(Commands, that_need_a_running_system_say_how_to_get_one) {
  const Folder folder;
  const std::string data = folder / "data";
  for (const auto& arguments : std::vector<std::vector<std::string>>{{"send", "demo/a/1", "x"},
                                                                     {"request", "demo/a/1", "x"},
                                                                     {"list"},
                                                                     {"info", "demo/a/1"},
                                                                     {"stop", "demo/a/1"},
                                                                     {"restart", "demo/a/1"},
                                                                     {"remove", "demo/a/1"},
                                                                     {"trace", "17"},
                                                                     {"trace", "list"},
                                                                     {"dead", "list"},
                                                                     {"dead", "retry", "1"}}) {
    auto words = arguments;
    words.insert(words.end(), {"--data", data});
    const Captured refused = airssys(words);
    EXPECT_EQ(refused.code, 4);
    EXPECT_EQ(refused.err,
              "airssys: no system is running at " + data +
                  "/control.sock: start it with `airssys run`, or name its file with -f; one that is ending takes no "
                  "commands any more\n");
  }
}

TEST(Commands, that_need_a_file_name_the_one_they_looked_for) {
  for (const char* command : {"run", "check", "list"}) {
    const Captured refused = airssys({command, "-f", "/no/such/system.toml"});
    EXPECT_EQ(refused.code, 3) << command;
    EXPECT_THAT(refused.err, StartsWith("/no/such/system.toml: "));
  }
}

TEST(Commands, that_find_no_file_say_what_named_it_and_what_was_probably_meant) {
  const Folder folder;
  folder.write("system.toml", "");
  const std::string wrong = folder / "systm.toml";
  const std::string meant = "; did you mean \"" + (folder / "system.toml") + "\"?\n";
  const std::string missing =
      wrong + ": cannot be read: No such file or directory; expected the system file, or its folder, that ";
  EXPECT_EQ(airssys({"check", wrong}).err, missing + "FILE names" + meant);
  EXPECT_EQ(airssys({"list", "-f", wrong}).err, missing + "-f names" + meant);
  setenv("AIRSSYS_FILE", wrong.c_str(), 1);
  const Captured by_environment = airssys({"list"});
  const Captured by_argument = airssys({"check", folder / "system.toml"});
  unsetenv("AIRSSYS_FILE");
  EXPECT_EQ(by_environment.err, missing + "AIRSSYS_FILE names" + meant);
  EXPECT_EQ(by_argument.code, 0) << by_argument.err;
}

TEST(Commands, take_what_is_not_given_from_the_environment) {
  const Folder folder;
  setenv("AIRSSYS_DATA", (folder / "elsewhere").c_str(), 1);
  setenv("AIRSSYS_OUTPUT", "json", 1);
  const Captured by_environment = airssys({"list"});
  const Captured by_flag = airssys({"list", "--output", "text", "--data", folder / "here"});
  unsetenv("AIRSSYS_DATA");
  unsetenv("AIRSSYS_OUTPUT");
  EXPECT_THAT(by_environment.out, HasSubstr("elsewhere/control.sock"));
  EXPECT_THAT(by_environment.out, StartsWith(R"({"error":{"kind":"unavailable")"));
  EXPECT_THAT(by_flag.err, HasSubstr("here/control.sock"));
}

TEST(Check, counts_what_it_found) {
  const Folder folder;
  const std::string file = folder.write("system.toml", "[system]\nname = \"empty\"\n");
  EXPECT_EQ(airssys({"check", file}).out, "ok: 0 actors of 0 components, 0 grants, 0 gateways\n");
  EXPECT_EQ(airssys({"check", "-f", file, "--output", "json"}).out,
            "{\"ok\":true,\"actors\":0,\"grants\":0,\"gateways\":0,\"warnings\":[\"" + file +
                ": there is nothing to run: no [[actor]] in it or in what it includes\"]}\n");
}

TEST(Check, lists_every_problem_with_its_place) {
  const Folder folder;
  const std::string file = folder.write("system.toml", "[system]\nnmae = 1\n[defaults]\nmemory = 7\n");
  const Captured refused = airssys({"check", file});
  EXPECT_EQ(refused.code, 3);
  EXPECT_THAT(refused.err, HasSubstr(file + ":2:1: unknown key \"nmae\""));
  EXPECT_THAT(refused.err, HasSubstr(file + ":4:10: "));
  EXPECT_THAT(refused.out, IsEmpty());
  EXPECT_THAT(airssys({"check", file, "--output", "json"}).out, HasSubstr(R"("exit_code":3,"problems":[{"file":)"));
}

TEST(Check, tells_a_missing_component_from_a_bad_file) {
  const Folder folder;
  const std::string file = folder.write("system.toml", "[[actor]]\naddress = \"demo/a/1\"\ncomponent = \"./a.wasm\"\n");
  EXPECT_EQ(airssys({"check", file}).code, 7);
  EXPECT_EQ(airssys({"run", file}).code, 7);
}

TEST(Run, of_nothing_ends_when_idle) {
  const Folder folder;
  const std::string file = folder.write("system.toml", "[system]\nname = \"empty\"\n");
  const Captured ended = airssys({"run", file, "--until-idle", "--workers", "2"});
  EXPECT_EQ(ended.code, 0);
  EXPECT_THAT(ended.out, IsEmpty());
  EXPECT_EQ(ended.err, "warning: " + file +
                           ": there is nothing to run: no [[actor]] in it or in what it includes\n"
                           "empty is running: 0 actors, 2 workers; see `airssys list -f " +
                           file + "`\nempty has stopped: 0 lines in, 0 refused, 0 dead letters\n");
}

TEST(Build, of_no_folder_is_a_failed_build) {
  const Captured failed = airssys({"build", "/no/such/guest"});
  EXPECT_EQ(failed.code, 8);
  EXPECT_THAT(failed.err, HasSubstr("/no/such/guest"));
}

class Crashes : public ::testing::Test {
 protected:
  void SetUp() override {
    monitoring::CrashStore store(folder / "crashes");
    ASSERT_TRUE(store.save(report("demo/a/1")));
    ASSERT_TRUE(store.save(report("demo/b/1")));
  }
  Captured crash(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "crash");
    arguments.insert(arguments.end(), {"--data", folder / ""});
    return airssys(arguments);
  }
  Folder folder;
};

TEST_F(Crashes, are_listed_oldest_first) {
  setenv("TZ", "UTC", 1);
  const Captured list = crash({"list"});
  EXPECT_EQ(list.code, 0);
  EXPECT_EQ(list.out,
            "ID  TIME                 ADDRESS   WHAT\n"
            " 1  1970-01-01 00:00:00  demo/a/1  failed: internal: no luck\n"
            " 2  1970-01-01 00:00:00  demo/b/1  failed: internal: no luck\n");
  EXPECT_THAT(crash({"list", "--output", "json"}).out,
              StartsWith("[{\"id\":\"1\",\"time_ms\":0,\"address\":\"demo/a/1\",\"summary\":\"failed: internal: no luck\","
                         "\"decision\":\"restart 1 of 5 within 60 s\",\"unsaved_before\":0},"));
}

TEST_F(Crashes, are_shown_by_number_and_the_latest_by_name) {
  EXPECT_THAT(crash({"show", "1"}).out, StartsWith("demo/a/1 failed: internal: no luck\n  crash       1\n"));
  EXPECT_THAT(crash({"show", "latest"}).out, StartsWith("demo/b/1 failed"));
  EXPECT_THAT(crash({"show", "2", "--output", "json"}).out, HasSubstr("\"address\": \"demo/b/1\""));
}

TEST_F(Crashes, that_are_not_there_are_told_from_what_is_no_number) {
  EXPECT_EQ(crash({"show", "9"}).code, 1);
  EXPECT_THAT(crash({"show", "9"}).err, HasSubstr("there are 1 to 2"));
  EXPECT_EQ(crash({"show", "first"}).code, 2);
}

TEST_F(Crashes, are_listed_though_one_is_damaged) {
  folder.write("crashes/crash-00000001.json", "{");
  const Captured list = crash({"list"});
  EXPECT_EQ(list.code, 0);
  EXPECT_THAT(list.out, HasSubstr("demo/b/1"));
  EXPECT_THAT(list.err, HasSubstr("crash-00000001.json is damaged"));
}

TEST(NoCrashes, are_no_failure) {
  const Folder folder;
  EXPECT_EQ(airssys({"crash", "list", "--data", folder / ""}).code, 0);
  EXPECT_EQ(airssys({"crash", "list", "--data", folder / "", "--output", "json"}).out, "[]\n");
  EXPECT_EQ(airssys({"crash", "show", "latest", "--data", folder / ""}).code, 1);
}

}  // namespace
}  // namespace airssys::cli
