// How a run ends when something is left that is no accepted work: timers, what actors keep sending themselves. And what a run
// does that waits: nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <thread>

#include "command.hpp"

namespace airssys::e2e {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string actor(std::string_view name, std::string_view config) {
  return "[[actor]]\naddress = \"demo/" + std::string(name) + "/1\"\ncomponent = \"" + guest(name) + "\"\nconfig = { " +
         std::string(config) + " }\n";
}

TEST(Ending, does_not_wait_for_timers) {
  for (const char* config : {"delay_ms = 3600000", "delay_ms = 1, period_ms = 1"}) {
    const Folder folder;
    Command system({"run", folder.write("system.toml", "[system]\nname = \"demo\"\n" + actor("timer_user", config))});
    ASSERT_TRUE(system.says("demo is running")) << system.err();
    system.signal(SIGTERM);
    const auto ended = system.end();
    EXPECT_EQ(ended.code, 0) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr("demo has stopped: 0 lines in"));
    EXPECT_THAT(ended.err, Not(HasSubstr("after the time for draining")));
  }
}

TEST(Ending, tells_what_the_system_keeps_sending_itself_from_what_is_lost) {
  const Folder folder;
  const std::string file =
      folder.write("system.toml", "[system]\nname = \"demo\"\n" + actor("forwarder", "to = \"demo/forwarder/1\""));
  Command system({"run", file, "--drain", "300ms"});
  ASSERT_TRUE(system.says("demo is running")) << system.err();
  for (int i = 0; i < 2; ++i) ASSERT_EQ(run({"send", "demo/forwarder/1", "for ever", "-f", file}).code, 0);
  system.signal(SIGTERM);
  const auto ended = system.end();
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("stopped after the time for draining: demo was still busy with 2 messages that its actors "
                                   "keep sending each other or began by themselves; nothing that was accepted is left"));
}

/// A turn of it may last an hour.
std::string endless(std::string_view where) {
  return "[system]\nname = \"demo\"\n[defaults]\nturn_cpu = \"1h\"\nturn_wall = \"1h\"\nslice = \"60s\"\n" +
         actor("endless", "where = \"" + std::string(where) + "\"");
}

class EndlessTurn : public ::testing::TestWithParam<const char*> {};

TEST_P(EndlessTurn, does_not_outlast_the_drain) {
  const Folder folder;
  const std::string file = folder.write("system.toml", endless(GetParam()));
  Command system({"run", file, "--drain", "100ms"});
  ASSERT_TRUE(system.says("demo is running")) << system.err();
  ASSERT_EQ(run({"send", "demo/endless/1", "x", "-f", file}).code, 0);
  const std::string where = GetParam();
  // Its firing is nothing that a drain would wait for.
  if (where == "timer") {
    ASSERT_TRUE(system.says("loops")) << system.err();
  }
  system.signal(SIGTERM);
  const auto ended = system.end();
  EXPECT_THAT(ended.err, HasSubstr("demo has stopped: "));
  if (where == "stop") return;
  EXPECT_THAT(ended.err, HasSubstr("demo/endless/1 stopped: the system ended before its turn did"));
  if (where != "timer") {
    EXPECT_EQ(ended.code, 1) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr("1 message was not handled"));
  }
}

INSTANTIATE_TEST_SUITE_P(InEachTurn, EndlessTurn,
                         ::testing::Values("initialize", "message", "calls", "reply", "timer", "stop"));

TEST(Ending, is_not_held_up_by_a_final_request) {
  const Folder folder;
  const std::string file = folder.write(
      "system.toml", "[system]\nname = \"demo\"\n[defaults]\nturn_cpu = \"1h\"\nturn_wall = \"1h\"\n" + actor("spinning", ""));
  Command system(
      {"run", file, "--drain", "100ms", "--timeout", "1h", "--until-idle", "--final-request", "demo/spinning/1", "spin"});
  ASSERT_TRUE(system.says("demo is running")) << system.err();
  // Its request is in hand when its place is taken; before, the signal would find nothing to cut short.
  while (run({"list", "--output", "json", "-f", file}).out.find("\"mailbox_messages\":1,") == std::string::npos) {
  }
  system.signal(SIGTERM);
  const auto ended = system.end();
  EXPECT_THAT(ended.err, HasSubstr("demo has stopped: "));
}

TEST(Ending, says_what_was_buried_where_nobody_can_ask_any_more) {
  const Folder folder;
  const std::string file =
      folder.write("system.toml", "[system]\nname = \"demo\"\n" + actor("failing", "") +
                                      "[[gateway]]\nkind = \"lines\"\npath = \"-\"\nto = \"demo/failing/1\"\n");
  const auto ended = run({"run", file, "--until-idle"}, {.input = "rejected\nrejected\n"});
  EXPECT_THAT(ended.err, HasSubstr("2 dead letters for demo/failing/1: rejected"));
}

/// So many guests that print at their start and in their last turn.
std::string greeters(int count) {
  return "[system]\nname = \"demo\"\n[[actor]]\naddress = \"demo/greeter/1\"\ncomponent = \"" + guest("greeter") +
         "\"\ninstances = " + std::to_string(count) +
         "\nconfig = { to = \"airssys/standard-output/1\" }\n[[grant]]\nfrom = \"demo/*/*\"\nto = "
         "\"airssys/standard-output/1\"\nallow = [\"send\"]\n[[gateway]]\nkind = \"standard-output\"\n";
}

TEST(Output, of_the_first_turn_and_of_the_last_arrives) {
  const Folder folder;
  const auto ended = run({"run", folder.write("system.toml", greeters(100)), "--until-idle"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  std::string expected;
  for (const char* const word : {"hello\n", "goodbye\n"}) {
    for (int i = 0; i < 100; ++i) expected += word;
  }
  EXPECT_EQ(ended.out, expected);
  EXPECT_THAT(ended.err, AllOf(Not(HasSubstr("refused:")), HasSubstr(" 0 dead letters")));
}

TEST(Output, of_the_last_turn_arrives_though_others_keep_the_system_busy) {
  const Folder folder;
  const std::string file = folder.write("system.toml", greeters(1) + actor("forwarder", "to = \"demo/forwarder/1\""));
  Command system({"run", file, "--drain", "100ms"});
  ASSERT_TRUE(system.says("demo is running")) << system.err();
  ASSERT_EQ(run({"send", "demo/forwarder/1", "for ever", "-f", file}).code, 0);
  system.signal(SIGTERM);
  const auto ended = system.end();
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(ended.out, "hello\ngoodbye\n");
}

TEST(UntilIdle, waits_for_a_timer_that_fires_once) {
  const Folder folder;
  const std::string file = folder.write(
      "system.toml", "[system]\nname = \"demo\"\n" + actor("timer_user", "delay_ms = 300, to = \"airssys/standard-output/1\"") +
                         "[[grant]]\nfrom = \"demo/*/*\"\nto = \"airssys/standard-output/1\"\nallow = [\"send\"]\n"
                         "[[gateway]]\nkind = \"standard-output\"\n");
  const auto ended = run({"run", file, "--until-idle"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(ended.out, "tick 1\n");
}

TEST(UntilIdle, asks_after_all_that_the_source_has_brought_was_handled) {
  const Folder folder;
  const std::string file = folder.write(
      "system.toml", "[system]\nname = \"demo\"\n" + actor("forwarder", "to = \"demo/counter/1\"") + actor("counter", "") +
                         "[[grant]]\nfrom = \"demo/forwarder/*\"\nto = \"demo/counter/1\"\nallow = [\"send\"]\n"
                         "[[gateway]]\nkind = \"lines\"\npath = \"-\"\nto = \"demo/forwarder/1\"\n");
  const std::string data = (folder / "data").string();
  // Many times: who looks at the actors before the source has ended, or sees a message at none of two actors, asks too early
  // now and then.
  for (int i = 0; i < 50; ++i) {
    const auto ended = run({"run", file, "--quiet", "--data", data, "--until-idle", "--final-request", "demo/counter/1", "x"},
                           {.input = "x\nx\nx\nx\nx\nx\nx\nx\nx\nx\n"});
    ASSERT_EQ(ended.out, "10") << ended.err;
  }
}

TEST(UntilIdle, is_not_held_up_by_a_periodic_timer) {
  const Folder folder;
  const std::string file =
      folder.write("system.toml", "[system]\nname = \"demo\"\n" + actor("timer_user", "delay_ms = 5, period_ms = 5"));
  const auto ended = run({"run", file, "--until-idle"});
  EXPECT_EQ(ended.code, 0) << ended.err;
}

/// How often the threads of a process have gone to sleep so far.
long sleeps_of(pid_t process) {
  long sum = 0;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task")) {
    std::ifstream status(thread.path() / "status");
    for (std::string line; std::getline(status, line);) {
      constexpr std::string_view kKey = "voluntary_ctxt_switches:";
      if (line.starts_with(kKey)) sum += std::stol(line.substr(kKey.size()));
    }
  }
  return sum;
}

TEST(Waiting, wakes_nobody) {
  // With all that a run may have: a gateway that waits for input, one for output, guests, the operator's socket.
  const Folder folder;
  const std::string file =
      folder.write("system.toml", "[system]\nname = \"demo\"\n" + actor("forwarder", "to = \"airssys/standard-output/1\"") +
                                      "[[grant]]\nfrom = \"demo/*/*\"\nto = \"airssys/standard-output/1\"\nallow = [\"send\"]\n"
                                      "[[gateway]]\nkind = \"lines\"\npath = \"-\"\nto = \"demo/forwarder/1\"\n"
                                      "[[gateway]]\nkind = \"standard-output\"\n");
  for (const char* mode : {"--quiet", "--until-idle"}) {
    Command system({"run", file, mode}, {.keep_input_open = true});
    system.type("hello\n");
    while (system.out() != "hello\n") std::this_thread::sleep_for(10ms);
    // Half a second of rest, at some time.
    long before = sleeps_of(system.process());
    bool rested = false;
    for (int looks = 0; looks < 40 && !rested; ++looks) {
      std::this_thread::sleep_for(500ms);
      const long now = sleeps_of(system.process());
      rested = now == before;
      before = now;
    }
    EXPECT_TRUE(rested) << mode;
    system.end_input();
    system.signal(SIGTERM);
    EXPECT_EQ(system.end().code, 0);
  }
}

/// What the programs inherit that are started while it lives.
class StackLimit {
 public:
  explicit StackLimit(rlim_t bytes) {
    EXPECT_EQ(getrlimit(RLIMIT_STACK, &before_), 0);
    const rlimit less{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    EXPECT_EQ(setrlimit(RLIMIT_STACK, &less), 0);
  }
  StackLimit(const StackLimit&) = delete;
  StackLimit& operator=(const StackLimit&) = delete;
  ~StackLimit() { setrlimit(RLIMIT_STACK, &before_); }

 private:
  rlimit before_{};
};

TEST(Stacks, of_workers_do_not_depend_on_what_the_process_inherits) {
  const Folder folder;
  const std::string file = folder.write("system.toml", system_of({"recursing"}));
  std::optional<Command> system;
  {
    const StackLimit little(512 << 10);
    system.emplace(std::vector<std::string>{"run", file});
  }
  ASSERT_TRUE(system->says("demo is running")) << system->err();
  EXPECT_EQ(run({"request", "demo/recursing/1", "recurse", "-f", file}).code, 1);
  EXPECT_EQ(run({"request", "demo/recursing/1", "deep 100", "-f", file}).out, "100");
  system->signal(SIGTERM);
  const auto ended = system->end();
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("demo/recursing/1 trapped: "));
}

TEST(Stacks, of_the_command_itself_do_not_depend_on_what_the_process_inherits) {
  const Folder folder;
  const auto deep = [](std::size_t levels) { return std::string(levels, '[') + "1" + std::string(levels, ']'); };
  const std::string file = folder.write("system.toml", "deep = " + deep(32) + "\n");
  const StackLimit little(64 << 10);
  const auto checked = run({"check", file});
  EXPECT_EQ(checked.code, 3) << checked.err;
  EXPECT_THAT(checked.err, HasSubstr("unknown key \"deep\""));
}

}  // namespace
}  // namespace airssys::e2e
