// One message through a pipeline of guests, a request that is answered later, and a timer: `airssys trace` shows what it set
// off.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "command.hpp"

namespace airssys::e2e {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string actor_of(const std::string& name, const std::string& component, const std::string& to) {
  return "[[actor]]\naddress = \"demo/" + name + "/1\"\ncomponent = \"" + guest(component) + "\"\n" +
         (to.empty() ? "" : "config = { to = \"demo/" + to + "/1\" }\n");
}

/// pass --send--> ask --request--> defer --request--> clock --a timer--> echo
std::string traced_pipeline() {
  return "[system]\nname = \"demo\"\n" + actor_of("pass", "forwarder", "ask") + actor_of("ask", "requester", "defer") +
         actor_of("defer", "deferred", "clock") + actor_of("clock", "timer_user", "echo") + actor_of("echo", "echo", "") +
         "[[grant]]\nfrom = \"demo/*/*\"\nto = \"demo/*/*\"\nallow = [\"send\", \"request\"]\n";
}

class TraceTest : public ::testing::Test {
 protected:
  Folder folder;
  std::string file = folder.write("system.toml", traced_pipeline());
  Command system{{"run", file}};

  void SetUp() override { ASSERT_TRUE(system.says("demo is running: 5 actors")) << system.err(); }

  Command::Result ask(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"-f", file});
    return run(std::move(arguments));
  }
  /// Sends, and gives the message's number.
  std::string send(const std::string& body) const {
    const auto sent = ask({"send", "demo/pass/1", body});
    EXPECT_EQ(sent.code, 0) << sent.err;
    return sent.out.substr(0, sent.out.find('\n'));
  }
  /// The trace of a message, once it has that many turns.
  Json trace(const std::string& id, std::size_t turns) const {
    Json json;
    for (int i = 0; i < 2'000; ++i) {
      const auto shown = ask({"trace", id, "--output", "json"});
      json = Json::parse(shown.out);
      if (shown.code == 0 && json.at("turns").size() >= turns) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return json;
  }
};

/// "demo/pass/1 handle-message <- demo/ask/1 handle-message" ...: each turn and its cause, in no order.
std::vector<std::string> causes(const Json& trace) {
  std::map<std::string, std::string> names;
  for (const Json& turn : trace.at("turns")) {
    names[turn.at("span")] = turn.at("actor").get<std::string>() + " " + turn.at("turn").get<std::string>();
  }
  std::vector<std::string> lines;
  for (const Json& turn : trace.at("turns")) {
    const auto cause = names.find(turn.at("parent").get<std::string>());
    lines.push_back((cause == names.end() ? "" : cause->second + " -> ") + names[turn.at("span")]);
  }
  return lines;
}

TEST_F(TraceTest, follows_a_message_over_hops_a_deferred_request_and_a_timer) {
  const std::string id = send("arm 20");
  const Json shown = trace(id, 8);
  EXPECT_THAT(causes(shown), ::testing::UnorderedElementsAre("demo/pass/1 handle-message",
                                                             "demo/pass/1 handle-message -> demo/ask/1 handle-message",
                                                             "demo/ask/1 handle-message -> demo/defer/1 handle-message",
                                                             "demo/defer/1 handle-message -> demo/clock/1 handle-message",
                                                             "demo/clock/1 handle-message -> demo/defer/1 handle-reply",
                                                             "demo/defer/1 handle-reply -> demo/ask/1 handle-reply",
                                                             "demo/clock/1 handle-message -> demo/clock/1 handle-timer",
                                                             "demo/clock/1 handle-timer -> demo/echo/1 handle-message"))
      << shown.dump(1);
  for (const Json& turn : shown.at("turns")) EXPECT_EQ(turn.at("outcome"), "ok") << turn.dump();
  EXPECT_EQ(shown.at("turns")[0].at("message"), Json::parse(id));
  EXPECT_EQ(shown.at("turns")[0].at("sender"), "airssys/operator/1");
  EXPECT_EQ(shown.at("trace").get<std::string>().size(), 32U);
}

TEST_F(TraceTest, is_found_by_its_own_id_too_and_shown_as_a_tree) {
  const std::string id = send("disarm");
  const Json json = trace(id, 6);
  const std::string trace_id = json.at("trace").get<std::string>();
  const auto shown = ask({"trace", trace_id});
  EXPECT_EQ(shown.code, 0) << shown.err;
  EXPECT_THAT(shown.out, StartsWith("trace " + trace_id + ": 6 turns, "));
  EXPECT_THAT(shown.out, HasSubstr("  ok          demo/pass/1 handle-message, message " + id + " from airssys/operator/1\n"));
  EXPECT_THAT(shown.out, HasSubstr("  ok            demo/ask/1 handle-message, message "));
  EXPECT_THAT(shown.out, HasSubstr("  ok              demo/defer/1 handle-message, message "));
  EXPECT_EQ(ask({"trace", id}).out, shown.out);
}

TEST_F(TraceTest, of_a_message_that_nobody_knows_is_an_error) {
  const auto unknown = ask({"trace", "4711"});
  EXPECT_EQ(unknown.code, 1);
  EXPECT_THAT(unknown.err, HasSubstr("no turn of message 4711 is kept"));
  EXPECT_EQ(ask({"trace", "latest"}).code, 2);
}

}  // namespace
}  // namespace airssys::e2e
