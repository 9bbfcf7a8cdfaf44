// A running system and its operator: send, request, list, info, crash, over the socket.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "command.hpp"

namespace airssys::e2e {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class OperatorTest : public ::testing::Test {
 protected:
  Folder folder;
  std::string file = folder.write("system.toml", system_of({"echo", "counter", "trapping", "failing", "spinning"}));
  Command system{{"run", file}};

  void SetUp() override { ASSERT_TRUE(system.says("demo is running: 5 actors")) << system.err(); }

  Command::Result ask(std::vector<std::string> arguments, const Command::Options& options = {}) const {
    arguments.insert(arguments.end(), {"-f", file});
    return run(std::move(arguments), options);
  }
};

TEST_F(OperatorTest, request_prints_the_bare_reply) {
  const auto reply = ask({"request", "demo/echo/1", "hello"});
  EXPECT_EQ(reply.code, 0) << reply.err;
  EXPECT_EQ(reply.out, "hello");
  EXPECT_THAT(reply.err, IsEmpty());
}

TEST_F(OperatorTest, request_takes_its_data_from_a_file_and_from_standard_input) {
  const std::string bytes("\xff\x00\n\x80", 4);
  const std::string data = folder.write("data.bin", bytes);
  EXPECT_EQ(ask({"request", "demo/echo/1", "@" + data}).out, bytes);
  EXPECT_EQ(ask({"request", "demo/echo/1", "-"}, {.input = bytes}).out, bytes);
  EXPECT_EQ(ask({"request", "demo/echo/1"}).out, "");
}

TEST_F(OperatorTest, request_as_json_tells_text_from_bytes) {
  EXPECT_EQ(ask({"request", "demo/echo/1", "h\"i", "--codec", "json", "--output", "json"}).out,
            "{\"codec\":\"json\",\"body\":\"h\\\"i\"}\n");
  EXPECT_EQ(ask({"request", "demo/echo/1", "-", "--output", "json"}, {.input = "\xff\x01"}).out,
            "{\"codec\":\"raw\",\"body_hex\":\"ff01\"}\n");
}

TEST_F(OperatorTest, send_is_handled_and_prints_the_messages_id) {
  const auto sent = ask({"send", "demo/counter/1", "a b a"});
  EXPECT_EQ(sent.code, 0) << sent.err;
  EXPECT_THAT(sent.out, ContainsRegex("^[1-9][0-9]*\n$"));
  EXPECT_THAT(sent.err, IsEmpty());
  EXPECT_THAT(ask({"send", "demo/counter/1", "", "--output", "json"}).out, StartsWith("{\"id\":"));
  EXPECT_EQ(ask({"request", "demo/counter/1", "a"}).out, "2");
}

TEST_F(OperatorTest, send_with_a_key_happens_once) {
  const auto first = ask({"send", "demo/counter/1", "once", "--key", "order-7"});
  EXPECT_EQ(first.code, 0) << first.err;
  EXPECT_EQ(ask({"send", "demo/counter/1", "once", "--key", "order-7"}).out, first.out);
  EXPECT_EQ(ask({"request", "demo/counter/1", "once"}).out, "1");
  const auto other = ask({"send", "demo/counter/1", "another", "--key", "order-7"});
  EXPECT_EQ(other.code, 1);
  EXPECT_THAT(other.err, HasSubstr("the idempotency key \"order-7\" was used for another message"));
  const auto empty = ask({"send", "demo/counter/1", "x", "--key", ""});
  EXPECT_EQ(empty.code, 2);
  EXPECT_THAT(empty.err, HasSubstr("a key has 1 to 255 bytes"));
}

TEST_F(OperatorTest, a_request_that_fails_says_how) {
  const auto nobody = ask({"request", "demo/nobody/1", "x"});
  EXPECT_EQ(nobody.code, 1);
  EXPECT_THAT(nobody.err, HasSubstr("demo/nobody/1"));
  EXPECT_THAT(ask({"request", "demo/nobody/1", "x", "--output", "json"}).out,
              StartsWith(R"({"error":{"kind":"not-found","message":)"));
  const auto rejected = ask({"request", "demo/counter/1", "never seen", "--output", "json"});
  EXPECT_EQ(rejected.code, 1);
  EXPECT_THAT(rejected.out, StartsWith(R"({"error":{"kind":"rejected")"));
  const auto late = ask({"request", "demo/spinning/1", "spin", "--timeout", "100ms", "--output", "json"});
  EXPECT_EQ(late.code, 1);
  EXPECT_THAT(late.out, StartsWith(R"({"error":{"kind":"timeout")"));
  EXPECT_THAT(late.out, HasSubstr(R"("exit_code":1})"));
}

TEST_F(OperatorTest, list_and_info_show_what_runs) {
  ASSERT_EQ(ask({"send", "demo/counter/1", "a"}).code, 0);
  const auto list = ask({"list"});
  EXPECT_EQ(list.code, 0);
  EXPECT_THAT(list.out, StartsWith("ADDRESS "));
  EXPECT_THAT(list.out, HasSubstr("\ndemo/counter/1 "));
  const auto json = ask({"list", "--output", "json"});
  EXPECT_THAT(json.out, HasSubstr(R"({"address":"demo/counter/1","state":"running","component":"counter)"));
  const auto info = ask({"info", "demo/echo/1"});
  EXPECT_EQ(info.code, 0);
  EXPECT_THAT(info.out, StartsWith("address     demo/echo/1\nstate       running\ncomponent   echo"));
  const auto unknown = ask({"info", "demo/nobody/1"});
  EXPECT_EQ(unknown.code, 1);
  EXPECT_THAT(unknown.err, HasSubstr("no actor demo/nobody/1: see `airssys list`"));
}

TEST(Profiles, are_chosen_per_actor_in_the_file_and_shown_by_info) {
  const Folder folder;
  const std::string actor = "component = \"" + guest("echo") + "\"\n";
  const std::string file =
      folder.write("system.toml", "[system]\nname = \"demo\"\n[[actor]]\naddress = \"demo/echo/fast\"\n" + actor +
                                      "[[actor]]\naddress = \"demo/echo/dense\"\nprofile = \"dense\"\n" + actor);
  EXPECT_EQ(run({"check", "-f", file}).out, "ok: 2 actors of 2 components, 0 grants, 0 gateways\n");
  Command system({"run", file});
  ASSERT_TRUE(system.says("demo is running: 2 actors")) << system.err();
  for (const std::string profile : {"fast", "dense"}) {
    const std::string address = "demo/echo/" + profile;
    EXPECT_EQ(run({"request", address, "hello", "-f", file}).out, "hello");
    EXPECT_THAT(run({"info", address, "-f", file}).out, HasSubstr("\nprofile     " + profile + "\n"));
    EXPECT_THAT(run({"info", address, "-f", file, "--output", "json"}).out, HasSubstr("\"profile\":\"" + profile + "\""));
  }
  EXPECT_THAT(run({"info", "airssys/operator/1", "-f", file}).out, Not(HasSubstr("profile")));
}

TEST_F(OperatorTest, a_trap_is_told_restarted_and_kept_with_its_line) {
  const auto failed = ask({"request", "demo/trapping/1", "divide", "--output", "json"});
  EXPECT_EQ(failed.code, 1);
  ASSERT_TRUE(system.says("demo/trapping/1 trapped: integer in ")) << system.err();
  EXPECT_TRUE(system.says("divide_by_zero at trapping.cpp:9; restart 1 of 5 within 60 s (airssys crash show 1)"))
      << system.err();
  const auto list = ask({"crash", "list"});
  EXPECT_EQ(list.code, 0);
  EXPECT_THAT(list.out, HasSubstr("demo/trapping/1  trapped: integer in "));
  const auto shown = ask({"crash", "show", "latest"});
  EXPECT_EQ(shown.code, 0);
  EXPECT_EQ(shown.out, ask({"crash", "show", "1"}).out);
  for (const char* part :
       {"turn        handle-message", "trapping.cpp:9", "from airssys/operator/1, raw, 6 bytes", "body        divide",
        "memory ", "CPU limit   1s a turn", "supervisor  restart 1 of 5 within 60 s"}) {
    EXPECT_THAT(shown.out, HasSubstr(part));
  }
  EXPECT_THAT(ask({"crash", "list", "--output", "json"}).out, StartsWith(R"([{"id":"1","time_ms":)"));
  EXPECT_EQ(ask({"crash", "show", "9"}).code, 1);
  EXPECT_EQ(ask({"request", "demo/trapping/1", "again"}).out, "1");
}

TEST_F(OperatorTest, a_second_system_with_the_same_data_is_refused_and_told_whose_it_is) {
  const auto second = run({"run", file});
  EXPECT_EQ(second.code, 1);
  EXPECT_THAT(second.err, HasSubstr("in use by process " + std::to_string(system.process())));
  EXPECT_EQ(ask({"request", "demo/echo/1", "still here"}).out, "still here");
  EXPECT_EQ(run({"check", file}).code, 0);
}

TEST_F(OperatorTest, a_result_that_nobody_gets_is_no_success) {
  const Descriptor gone = closed_pipe();
  EXPECT_EQ(ask({"list"}, {.output = gone.get()}).code, 1);
  EXPECT_EQ(ask({"request", "demo/echo/1", "x"}, {.output = gone.get()}).code, 1);
  const Descriptor full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  const auto unwritten = ask({"list"}, {.output = full.get()});
  EXPECT_EQ(unwritten.code, 1);
  EXPECT_THAT(unwritten.err, HasSubstr("can't write the result"));
}

TEST_F(OperatorTest, is_reached_from_another_folder_and_by_the_environment) {
  EXPECT_EQ(run({"request", "demo/echo/1", "x"}, {.folder = folder.path()}).out, "x");
  EXPECT_EQ(run({"request", "demo/echo/1", "x"}, {.environment = {"AIRSSYS_FILE=" + file}}).out, "x");
  EXPECT_EQ(run({"request", "demo/echo/1", "x", "--data", (folder / ".airssys").string()}).out, "x");
  EXPECT_EQ(run({"request", "demo/echo/1", "x", "-f", folder.path().string()}).out, "x");
}

TEST_F(OperatorTest, after_the_end_there_is_nobody) {
  system.signal(SIGTERM);
  EXPECT_EQ(system.end().code, 0);
  const auto list = ask({"list"});
  EXPECT_EQ(list.code, 4);
  EXPECT_THAT(list.err, HasSubstr((folder / ".airssys/control.sock").string()));
  EXPECT_THAT(list.err, HasSubstr("start it with `airssys run`"));
  EXPECT_THAT(ask({"list", "--output", "json"}).out, StartsWith(R"({"error":{"kind":"unavailable")"));
}

TEST(Operator, socket_works_in_a_folder_with_a_long_name) {
  const Folder folder;
  std::string deep;
  for (int i = 0; i < 4; ++i) deep += std::string(50, 'd') + "/";
  const std::string file = folder.write(deep + "system.toml", system_of({"echo"}));
  Command system({"run", file});
  ASSERT_TRUE(system.says("demo is running")) << system.err();
  EXPECT_EQ(run({"request", "demo/echo/1", "far away", "-f", file}).out, "far away");
}

TEST(Operator, killed_system_leaves_nothing_in_the_way) {
  const Folder folder;
  const std::string file = folder.write("system.toml", system_of({"echo"}));
  {
    Command system({"run", file});
    ASSERT_TRUE(system.says("demo is running")) << system.err();
    system.signal(SIGKILL);
    EXPECT_EQ(system.end().code, 128 + SIGKILL);
  }
  EXPECT_EQ(run({"list", "-f", file}).code, 4);
  Command again({"run", file});
  ASSERT_TRUE(again.says("demo is running")) << again.err();
  EXPECT_EQ(run({"request", "demo/echo/1", "x", "-f", file}).out, "x");
}

}  // namespace
}  // namespace airssys::e2e
