// Messages that were not handled: listed, shown, put back, dropped, over the socket of a running system.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "command.hpp"

namespace airssys::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class DeadTest : public ::testing::Test {
 protected:
  Folder folder;
  std::string file = folder.write("system.toml", system_of({"failing", "trapping", "echo"}));
  Command system{{"run", file}};

  void SetUp() override { ASSERT_TRUE(system.says("demo is running: 3 actors")) << system.err(); }

  Command::Result ask(std::vector<std::string> arguments, const Command::Options& options = {}) const {
    arguments.insert(arguments.end(), {"-f", file});
    return run(std::move(arguments), options);
  }
  /// Sends a message that its receiver refuses; waits until it is dead.
  void bury(const std::string& body, std::size_t number) const {
    ASSERT_EQ(ask({"send", "demo/failing/1", body, "--codec", "json"}).code, 0);
    await(number);
  }
  /// Until there has been a dead letter of this number.
  void await(std::size_t number) const {
    const std::string total = "{\"total\":" + std::to_string(number) + ",";
    for (int i = 0; i < 2'000 && !ask({"dead", "list", "--output", "json"}).out.starts_with(total); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    EXPECT_THAT(ask({"dead", "list", "--output", "json"}).out, StartsWith(total));
  }
};

TEST_F(DeadTest, there_are_none_at_first) {
  const auto list = ask({"dead", "list"});
  EXPECT_EQ(list.code, 0);
  EXPECT_THAT(list.out, IsEmpty());
  EXPECT_EQ(list.err, "no dead letters\n");
  EXPECT_THAT(ask({"dead", "list", "--output", "json"}).out,
              StartsWith(R"({"total":0,"forgotten":0,"by_reason":{"target-stopped":0,"rejected":0,)"));
  const auto all = ask({"dead", "retry", "--all", "--output", "json"});
  EXPECT_EQ(all.code, 0);
  EXPECT_EQ(all.out, "{\"retried\":[],\"failed\":[]}\n");
}

TEST_F(DeadTest, a_message_that_was_refused_is_listed_and_shown) {
  bury("rejected never that", 1);
  const auto list = ask({"dead", "list"});
  EXPECT_EQ(list.code, 0);
  EXPECT_THAT(list.out, StartsWith("NUMBER  TIME "));
  EXPECT_THAT(list.out, HasSubstr("  rejected  send  airssys/operator/1  demo/failing/1     19\n"));
  const auto shown = ask({"dead", "show", "1"});
  EXPECT_EQ(shown.code, 0);
  for (const char* part : {"dead letter 1\nreason      rejected\nwhy         never that\n", "send, attempt 1\n",
                           "from        airssys/operator/1\n", "to          demo/failing/1\n", "codec       json\n",
                           "body        19 bytes\nrejected never that\n"}) {
    EXPECT_THAT(shown.out, HasSubstr(part));
  }
  const auto json = ask({"dead", "show", "1", "--output", "json"});
  EXPECT_THAT(json.out, StartsWith(R"({"number":1,"time_ms":)"));
  EXPECT_THAT(json.out, HasSubstr(R"("reason":"rejected","why":"never that","kind":"send","sender":"airssys/operator/1",)"
                                  R"("target":"demo/failing/1","topic":"",)"));
  EXPECT_THAT(json.out, HasSubstr(R"("codec":"json","bytes":19,"body":"rejected never that"})"));
}

TEST_F(DeadTest, a_message_that_killed_its_receiver_is_among_them) {
  ASSERT_EQ(ask({"send", "demo/trapping/1", "divide"}).code, 0);
  await(1);
  EXPECT_THAT(ask({"dead", "list"}).out, HasSubstr("  crashed  send  airssys/operator/1  demo/trapping/1      6\n"));
}

TEST_F(DeadTest, one_that_is_put_back_is_handled_again_as_another_attempt) {
  bury("rejected once more", 1);
  const auto first = ask({"dead", "show", "1", "--output", "json"});
  const auto retried = ask({"dead", "retry", "1"});
  EXPECT_EQ(retried.code, 0) << retried.err;
  EXPECT_EQ(retried.err, "put back 1 dead letter\n");
  await(2);
  const auto second = ask({"dead", "show", "2", "--output", "json"});
  EXPECT_THAT(second.out, HasSubstr(R"("attempt":2)"));
  const auto id_of = [](const std::string& json) {
    const std::size_t at = json.find("\"id\":");
    return json.substr(at, json.find(',', at) - at);
  };
  EXPECT_EQ(id_of(second.out), id_of(first.out)) << "it is the same message";
  const auto gone = ask({"dead", "show", "1"});
  EXPECT_EQ(gone.code, 1);
  EXPECT_EQ(gone.err, "airssys: there is no dead letter 1 any more: see `airssys dead list`\n");
}

TEST_F(DeadTest, all_for_a_pattern_are_put_back_and_others_stay) {
  bury("rejected a", 1);
  bury("rejected b", 2);
  ASSERT_EQ(ask({"send", "demo/trapping/1", "divide"}).code, 0);
  await(3);
  const auto retried = ask({"dead", "retry", "--all", "--target", "demo/fail*/*", "--output", "json"});
  EXPECT_EQ(retried.code, 0);
  EXPECT_EQ(retried.out, "{\"retried\":[1,2],\"failed\":[]}\n");
  await(5);
  const auto list = ask({"dead", "list"}).out;
  EXPECT_THAT(list, HasSubstr("demo/trapping/1"));
  EXPECT_EQ(ask({"dead", "retry", "--all", "--target", "not a pattern"}).code, 2);
}

TEST_F(DeadTest, those_that_are_dropped_are_gone) {
  bury("rejected a", 1);
  bury("rejected b", 2);
  EXPECT_EQ(ask({"dead", "drop", "1"}).code, 0);
  const auto again = ask({"dead", "drop", "1", "--output", "json"});
  EXPECT_EQ(again.code, 1);
  EXPECT_THAT(again.out, StartsWith(R"({"error":{"kind":"not-found")"));
  EXPECT_EQ(ask({"dead", "drop", "--all"}).err, "dropped 1 dead letter\n");
  EXPECT_EQ(ask({"dead", "list"}).err, "no dead letters\n");
  EXPECT_THAT(ask({"dead", "list", "--output", "json"}).out, StartsWith("{\"total\":2,")) << "all that ever were";
}

TEST_F(DeadTest, which_one_must_be_said) {
  for (const auto& arguments : std::vector<std::vector<std::string>>{{"retry"},
                                                                     {"drop"},
                                                                     {"drop", "1", "--all"},
                                                                     {"show"},
                                                                     {"show", "x"},
                                                                     {"show", "0"},
                                                                     {"retry", "1", "--target", "a/b/c"}}) {
    std::vector<std::string> all = arguments;
    all.insert(all.begin(), "dead");
    EXPECT_EQ(ask(all).code, 2) << arguments.back();
  }
}

TEST_F(DeadTest, a_body_is_saved_with_its_codec_and_sent_again) {
  bury("rejected as json", 1);
  EXPECT_EQ(ask({"dead", "show", "1", "--raw"}).out, "rejected as json");
  const auto saved = ask({"dead", "show", "1", "--multicodec"});
  EXPECT_EQ(saved.out, "\x80\x04rejected as json") << "0x0200 as a varint, then the body";
  const auto reply = ask({"request", "demo/echo/1", "-", "--codec", "multicodec", "--output", "json"}, {.input = saved.out});
  EXPECT_THAT(reply.out, ::testing::StartsWith("{\"codec\":\"json\",\"body\":\"rejected as json\",\"id\":"));
  const auto cut = ask({"send", "demo/echo/1", "-", "--codec", "multicodec"}, {.input = "\x80"});
  EXPECT_EQ(cut.code, 2);
  EXPECT_THAT(cut.err, HasSubstr("cut off after 1 byte"));
}

}  // namespace
}  // namespace airssys::e2e
