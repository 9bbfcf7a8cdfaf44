// A running system and its operator: send, request, list, info, crash, over the socket.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "airssys/core/actor_counts.hpp"
#include "airssys/core/plural.hpp"
#include "command.hpp"

namespace airssys::e2e {
namespace {

using Json = nlohmann::json;
using ::testing::AllOf;
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

/// A terminal, and what it was told until now.
class Terminal {
 public:
  Terminal() : master_(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)) {
    EXPECT_EQ(grantpt(master_.get()), 0);
    EXPECT_EQ(unlockpt(master_.get()), 0);
    slave_ = Descriptor(open(ptsname(master_.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
  }
  int get() const noexcept { return slave_.get(); }
  std::string text() const {
    std::string all;
    std::array<char, 4096> chunk{};
    for (ssize_t size = 0; (size = read(master_.get(), chunk.data(), chunk.size())) > 0;) {
      all.append(chunk.data(), static_cast<std::size_t>(size));
    }
    return all;
  }

 private:
  Descriptor master_;
  Descriptor slave_;
};

TEST_F(OperatorTest, what_guests_say_commands_no_terminal) {
  const std::string hostile = "a\x1b]0;owned\x07\xe2\x80\xae\xff";
  const Terminal terminal;
  EXPECT_EQ(ask({"request", "demo/echo/1", "-"}, {.input = hostile, .output = terminal.get()}).code, 0);
  EXPECT_EQ(terminal.text(), "a\\x1b]0;owned\\x07\\u202e\\xff\r\n");
  const auto failed = ask({"request", "demo/failing/1", "rejected a\x1b[2J\nairssys: fine"});
  EXPECT_THAT(failed.err, StartsWith("airssys: rejected: a\\x1b[2J\n  airssys: fine"));
}

TEST_F(OperatorTest, request_takes_its_data_from_a_file_and_from_standard_input) {
  const std::string bytes("\xff\x00\n\x80", 4);
  const std::string data = folder.write("data.bin", bytes);
  EXPECT_EQ(ask({"request", "demo/echo/1", "@" + data}).out, bytes);
  EXPECT_EQ(ask({"request", "demo/echo/1", "-"}, {.input = bytes}).out, bytes);
  EXPECT_EQ(ask({"request", "demo/echo/1"}).out, "");
}

TEST_F(OperatorTest, request_as_json_tells_text_from_bytes) {
  EXPECT_THAT(ask({"request", "demo/echo/1", "h\"i", "--codec", "json", "--output", "json"}).out,
              StartsWith("{\"codec\":\"json\",\"body\":\"h\\\"i\",\"id\":"));
  EXPECT_THAT(ask({"request", "demo/echo/1", "-", "--output", "json"}, {.input = "\xff\x01"}).out,
              StartsWith("{\"codec\":\"raw\",\"body_hex\":\"ff01\",\"id\":"));
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

TEST_F(OperatorTest, a_refusal_is_in_the_words_of_who_refused_and_names_its_message) {
  const auto rejected = ask({"request", "demo/failing/1", "rejected out of quota"});
  EXPECT_EQ(rejected.code, 1);
  EXPECT_THAT(rejected.err, ContainsRegex("^airssys: rejected: out of quota \\(airssys trace [0-9]+\\)\n$"));
  const std::string id =
      rejected.err.substr(rejected.err.rfind(' ') + 1, rejected.err.rfind(')') - rejected.err.rfind(' ') - 1);
  EXPECT_THAT(ask({"trace", id}).out, HasSubstr("demo/failing/1 handle-message, message " + id));
  EXPECT_THAT(ask({"request", "demo/failing/1", "rejected no", "--output", "json"}).out,
              ContainsRegex("\"message\":\"rejected: no\",\"id\":[0-9]+}"));
  EXPECT_THAT(ask({"request", "demo/echo/1", "x", "-v"}).err, ContainsRegex("^message [0-9]+: see `airssys trace [0-9]+`\n$"));
}

TEST_F(OperatorTest, a_crashed_target_names_its_crash_to_the_operator) {
  const auto crashed = ask({"request", "demo/trapping/1", "divide"});
  EXPECT_EQ(crashed.code, 1);
  EXPECT_THAT(crashed.err, HasSubstr("the component trapped (airssys crash show 1)"));
  EXPECT_THAT(ask({"request", "demo/spinning/1", "spin", "--timeout", "60s"}).err,
              HasSubstr("the component was stopped: its CPU budget for one turn was used up (turn_cpu = 1s) (airssys crash"));
  EXPECT_THAT(ask({"info", "demo/trapping/1"}).out, HasSubstr("\nlast crash  airssys crash show 1\n"));
}

TEST_F(OperatorTest, list_takes_a_pattern_and_a_limit) {
  const auto two = ask({"list", "--limit", "2"});
  EXPECT_EQ(two.code, 0);
  EXPECT_EQ(std::count(two.out.begin(), two.out.end(), '\n'), 3);
  EXPECT_THAT(two.out, HasSubstr("\nairssys/operator/1 "));
  EXPECT_EQ(two.err, "4 more: raise --limit to see them\n");
  const auto some = ask({"list", "demo/*ing/*"});
  EXPECT_EQ(some.code, 2);
  const auto spinning = ask({"list", "demo/s*/*"});
  EXPECT_EQ(std::count(spinning.out.begin(), spinning.out.end(), '\n'), 2);
  EXPECT_THAT(spinning.out, HasSubstr("\ndemo/spinning/1 "));
  EXPECT_EQ(ask({"list", "demo/z/*", "--output", "json"}).out, "[]\n");
}

TEST_F(OperatorTest, each_counter_of_the_list_is_in_list_and_info_as_text_and_as_json) {
  ASSERT_EQ(ask({"send", "demo/counter/1", "a"}).code, 0);
  EXPECT_EQ(ask({"request", "demo/counter/1", "a"}).out, "1");
  EXPECT_THAT(ask({"request", "demo/counter/1", "never"}).err, HasSubstr("never seen"));
  const std::string text = ask({"info", "demo/counter/1"}).out;
  const auto info = Json::parse(ask({"info", "demo/counter/1", "--output", "json"}).out);
  const auto listed = Json::parse(ask({"list", "demo/counter/1", "--output", "json"}).out).at(0);
  for (const core::ActorCounter& counter : core::kActorCounters) {
    const std::string name(counter.name);
    EXPECT_EQ(listed.at(name), info.at(name)) << name;
    EXPECT_THAT(text, HasSubstr("\n" + name + std::string(12 - name.size(), ' ') +
                                core::plural(info.at(name).get<std::uint64_t>(), counter.unit) + " " +
                                std::string(counter.what) + "\n"));
  }
  EXPECT_EQ(info.at("messages"), 2);
  EXPECT_EQ(info.at("refused"), 1);
}

TEST_F(OperatorTest, stops_restarts_and_forgets_one_actor) {
  ASSERT_EQ(ask({"send", "demo/counter/1", "a"}).code, 0);
  EXPECT_EQ(ask({"request", "demo/counter/1", "a"}).out, "1");
  EXPECT_EQ(ask({"restart", "demo/counter/1"}).code, 0);
  EXPECT_THAT(ask({"request", "demo/counter/1", "a"}).err, HasSubstr("rejected: never seen: a")) << "its memory is new";
  EXPECT_THAT(ask({"info", "demo/counter/1"}).out,
              AllOf(HasSubstr("\ntrapped     0 instances that died\n"), HasSubstr("\nrestarts    1 instance ")));
  EXPECT_EQ(ask({"remove", "demo/counter/1"}).code, 1);
  EXPECT_EQ(ask({"stop", "demo/counter/1"}).err, "demo/counter/1: stops; `airssys restart` starts it again\n");
  for (int i = 0; i < 200; ++i) {
    if (ask({"info", "demo/counter/1"}).out.find("state       stopped\n") != std::string::npos) break;
  }
  EXPECT_THAT(ask({"info", "demo/counter/1"}).out, HasSubstr("\nwhy         stopped by order\n"));
  EXPECT_THAT(ask({"list"}).out, ContainsRegex("\ndemo/counter/1 +stopped "));
  const std::string end =
      "demo/counter/1 is no more: stopped by order, [0-9]+ s ago; `airssys restart demo/counter/1` starts it again";
  EXPECT_THAT(ask({"request", "demo/counter/1", "a"}).err, ContainsRegex(end));
  EXPECT_THAT(ask({"send", "demo/counter/1", "a"}).err, ContainsRegex(end));
  const auto again = ask({"stop", "demo/counter/1"});
  EXPECT_EQ(again.code, 1);
  EXPECT_THAT(again.err, ContainsRegex(end));
  EXPECT_EQ(ask({"restart", "demo/counter/1"}).code, 0);
  ASSERT_EQ(ask({"send", "demo/counter/1", "b"}).code, 0);
  EXPECT_EQ(ask({"request", "demo/counter/1", "b"}).out, "1");
  EXPECT_EQ(ask({"stop", "demo/echo/1"}).code, 0);
  Command::Result removed;
  for (int i = 0; i < 200 && removed.code != 0; ++i) removed = ask({"remove", "demo/echo/1"});
  EXPECT_EQ(removed.err,
            "demo/echo/1: is forgotten for good: `airssys restart` can't bring it back, only the next start of the system\n");
  EXPECT_THAT(ask({"restart", "demo/echo/1"}).err, HasSubstr("no actor demo/echo/1: see `airssys list`"));
  EXPECT_EQ(ask({"restart", "demo/nobody/1"}).code, 1);
  EXPECT_EQ(ask({"stop", "airssys/operator/1"}).code, 1);
}

TEST_F(OperatorTest, trace_list_shows_the_latest_traces) {
  const auto sent = ask({"send", "demo/counter/1", "a"});
  const std::string id = sent.out.substr(0, sent.out.find('\n'));
  std::string list;
  for (int i = 0; i < 200 && list.find(id) == std::string::npos; ++i) list = ask({"trace", "list"}).out;
  EXPECT_THAT(list, StartsWith("TIME "));
  EXPECT_THAT(list, HasSubstr(id));
  EXPECT_THAT(list, HasSubstr("demo/counter/1 handle-message  airssys/operator/1"));
  EXPECT_THAT(ask({"trace", "list", "--limit", "1", "--output", "json"}).out,
              StartsWith(R"({"version":1,"traces":[{"trace":")"));
}

TEST(Denials, are_told_in_the_log_in_info_in_the_crash_report_and_in_the_dead_letter) {
  const Folder folder;
  const std::string file = folder.write("system.toml", system_of({"forwarder"}) + "config = { to = \"demo/ledger/1\" }\n");
  Command system({"run", file});
  ASSERT_TRUE(system.says("demo is running")) << system.err();
  ASSERT_EQ(run({"send", "demo/forwarder/1", "x", "-f", file}).code, 0);
  const std::string told = "demo/forwarder/1 may not send to demo/ledger/1: no [[grant]] covers it";
  ASSERT_TRUE(system.says("warn  airssys  " + told)) << system.err();
  EXPECT_TRUE(system.says("crash show 1")) << system.err();
  EXPECT_THAT(run({"crash", "show", "1", "-f", file}).out, HasSubstr(told));
  EXPECT_THAT(run({"dead", "show", "1", "-f", file}).out, HasSubstr(told));
  const auto info = run({"info", "demo/forwarder/1", "-f", file});
  EXPECT_THAT(info.out, HasSubstr("\ndenied      1 call that no [[grant]] covers\n"));
  EXPECT_THAT(info.out, HasSubstr(" send demo/ledger/1: 1, the last at 20"));
}

TEST(Lines, wait_for_an_actor_that_was_stopped_and_go_to_it_when_it_is_restarted) {
  const Folder folder;
  const std::string file = folder.write(
      "system.toml", system_of({"counter"}) + "[[gateway]]\nkind = \"lines\"\npath = \"-\"\nto = \"demo/counter/1\"\n");
  Command system({"run", file}, {.keep_input_open = true});
  ASSERT_TRUE(system.says("demo is running")) << system.err();
  const auto stop = [&] {
    ASSERT_EQ(run({"stop", "demo/counter/1", "-f", file}).code, 0);
    for (int i = 0; i < 1000; ++i) {
      if (run({"info", "demo/counter/1", "-f", file}).out.find("state       stopped\n") != std::string::npos) return;
    }
    FAIL() << system.err();
  };
  stop();
  system.type("word\n");
  ASSERT_TRUE(system.says("nobody is left to send to")) << system.err();
  ASSERT_EQ(run({"restart", "demo/counter/1", "-f", file}).code, 0);
  ASSERT_TRUE(system.says("demo/counter/1 is back: it gets lines again")) << system.err();
  EXPECT_EQ(run({"request", "demo/counter/1", "word", "-f", file}).out, "1");
  stop();
  ASSERT_EQ(run({"remove", "demo/counter/1", "-f", file}).code, 0);
  system.type("never\n");
  EXPECT_TRUE(system.says("every actor that lines could go to has stopped")) << system.err();
  system.signal(SIGTERM);
  EXPECT_EQ(system.end().code, 1);
}

TEST(GivenUp, is_listed_with_its_reason_and_the_run_that_left_its_lines_unhandled_is_no_success) {
  const Folder folder;
  std::string lines;
  for (int i = 0; i < 52; ++i) lines += "divide\n";
  const std::string system_text = system_of({"trapping"}) +
                                  "supervisor = \"strict\"\n[[supervisor]]\nname = \"strict\"\nmax_restarts = 0\nbackoff = "
                                  "\"1ms\"\n[[gateway]]\nkind = \"lines\"\npath = \"lines.txt\"\nto = \"demo/trapping/1\"\n";
  folder.write("lines.txt", lines);
  const std::string file = folder.write("system.toml", system_text);
  const auto ended = run({"run", file, "--until-idle"}, {.folder = folder.path()});
  EXPECT_EQ(ended.code, 1) << ended.err;
  EXPECT_THAT(ended.err, ::testing::AnyOf(HasSubstr("demo/trapping/1: stopped for good: it died after 0 restarts"),
                                          HasSubstr("every actor that lines could go to has stopped")));
}

TEST_F(OperatorTest, list_of_nobody_says_so) {
  const auto none = ask({"list", "demo/nobody/*"});
  EXPECT_EQ(none.code, 0);
  EXPECT_THAT(none.out, IsEmpty());
  EXPECT_EQ(none.err, "no actor matches demo/nobody/*\n");
  EXPECT_EQ(ask({"list", "demo/nobody/*", "--output", "json"}).out, "[]\n");
}

TEST(GivenUp, is_told_to_the_operator_wherever_its_messages_end) {
  const Folder folder;
  const std::string file = folder.write("system.toml", system_of({"trapping"}) +
                                                           "supervisor = \"strict\"\n[[supervisor]]\nname = \"strict\"\n"
                                                           "max_restarts = 0\nbackoff = \"1ms\"\n");
  Command system({"run", file});
  ASSERT_TRUE(system.says("demo is running")) << system.err();
  const auto ask = [&file](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"-f", file});
    return run(std::move(arguments));
  };
  const std::string end =
      "demo/trapping/1 is no more: stopped for good: .*, [0-9]+ s ago; `airssys restart demo/trapping/1` starts it again";
  EXPECT_THAT(ask({"request", "demo/trapping/1", "divide"}).err, ContainsRegex("the component trapped .*" + end));
  ASSERT_TRUE(system.says("stopped for good"));
  EXPECT_THAT(ask({"request", "demo/trapping/1", "fine"}).err, ContainsRegex(end));
  EXPECT_THAT(ask({"stop", "demo/trapping/1"}).err, ContainsRegex(end));
  ASSERT_EQ(ask({"restart", "demo/trapping/1"}).code, 0);
  ASSERT_EQ(ask({"send", "demo/trapping/1", "divide"}).code, 0);
  Command::Result retried;
  for (int i = 0; i < 400 && retried.err.find("is no more") == std::string::npos; ++i) {
    retried = ask({"dead", "retry", "1"});
  }
  EXPECT_THAT(retried.err, ContainsRegex("dead letter 1 can't be put back: " + end));
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
  EXPECT_THAT(info.out, HasSubstr("\nrequests    0 open, 0 answers owed\ntimers      0\ntargets     0 known\n"));
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
  EXPECT_TRUE(system.says("divide_by_zero at trapping.cpp:11; restart 1 of 5 within 60 s (airssys crash show 1)"))
      << system.err();
  const auto list = ask({"crash", "list"});
  EXPECT_EQ(list.code, 0);
  EXPECT_THAT(list.out, HasSubstr("demo/trapping/1  trapped: integer in "));
  const auto shown = ask({"crash", "show", "latest"});
  EXPECT_EQ(shown.code, 0);
  EXPECT_EQ(shown.out, ask({"crash", "show", "1"}).out);
  for (const char* part :
       {"turn        handle-message", "trapping.cpp:11", "from airssys/operator/1, raw, 6 bytes", "body        divide",
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
