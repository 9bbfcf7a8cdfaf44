// What `check` says of a system that is well formed: what it can't run, with the place in the file that is at fault, and what
// it can run and is probably not meant. `run` says the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "command.hpp"

namespace airssys::e2e {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class Check : public ::testing::Test {
 protected:
  std::string file(std::string_view text) const { return folder.write("system.toml", text); }
  /// The places and messages of all problems, `check` and `run` alike.
  std::vector<std::string> problems(std::string_view text, int code) const {
    const std::string path = file(text);
    const auto checked = run({"check", path, "--output", "json"});
    EXPECT_EQ(checked.code, code) << checked.out << checked.err;
    const auto ran = run({"run", path, "--until-idle", "--output", "json"});
    EXPECT_EQ(ran.code, code) << ran.err;
    EXPECT_EQ(ran.out, checked.out);
    std::vector<std::string> all;
    const auto report = nlohmann::json::parse(checked.out, nullptr, false);
    if (!report.contains("problems")) return {"no problems in " + checked.out};
    for (const auto& problem : report["problems"]) {
      const std::filesystem::path at(problem["file"].get<std::string>());
      all.push_back(at.filename().string() + ":" + std::to_string(problem["line"].get<int>()) + ":" +
                    std::to_string(problem["column"].get<int>()) + ": " + problem["message"].get<std::string>());
    }
    return all;
  }
  std::vector<std::string> warnings(std::string_view text) const {
    const auto checked = run({"check", file(text), "--output", "json"});
    EXPECT_EQ(checked.code, 0) << checked.out << checked.err;
    std::vector<std::string> all;
    const auto report = nlohmann::json::parse(checked.out, nullptr, false);
    if (!report.contains("warnings")) return {"no warnings in " + checked.out};
    for (const auto& warning : report["warnings"]) all.push_back(warning.get<std::string>());
    return all;
  }
  static std::string actor(std::string_view name, std::string_view more = "") {
    return "[[actor]]\naddress = \"demo/" + std::string(name) + "/1\"\ncomponent = \"" + guest(name) + "\"\n" +
           std::string(more);
  }

  Folder folder;
};

TEST_F(Check, points_at_the_limit_that_is_below_what_a_component_begins_with) {
  EXPECT_THAT(problems(actor("echo", "limits = { turn_cpu = \"1s\", memory = \"64KiB\", table_elements = 0 }\n"), 7),
              ElementsAre(AllOf(StartsWith("system.toml:4:29: echo begins with "), HasSubstr("memory = 64KiB")),
                          AllOf(StartsWith("system.toml:4:47: echo begins with a table"), HasSubstr("table_elements = 0"))));
  EXPECT_THAT(problems("[defaults]\nmemory = \"64KiB\"\n" + actor("echo"), 7),
              ElementsAre(StartsWith("system.toml:2:1: echo begins with ")));
}

TEST_F(Check, points_into_the_manifest_that_is_wrong_once) {
  folder.write("a/component.toml", "[component]\nname = \"a\"\nversion = \"1\"\n[wants]\nstorage = 7\n");
  EXPECT_THAT(
      problems("[[actor]]\naddress = \"demo/a/1\"\ncomponent = \"./a\"\n"
               "[[actor]]\naddress = \"demo/b/1\"\ncomponent = \"./a\"\nprofile = \"dense\"\n",
               7),
      ElementsAre(StartsWith("component.toml:3:11: version = "), StartsWith("component.toml:5:11: storage is a whole")));
}

TEST_F(Check, points_at_the_setting_that_is_missing_or_wrong) {
  EXPECT_THAT(problems(actor("timer_user", "config = { delay_ms = -1, delay = 3 }\n"), 3),
              ElementsAre(StartsWith("system.toml:4:23: config.delay_ms = -1"), StartsWith("system.toml:4:35: the component")));
}

TEST_F(Check, refuses_a_gateway_whose_source_cannot_be_read) {
  const std::string gateway = "[[gateway]]\nkind = \"lines\"\nto = \"demo/echo/1\"\npath = ";
  EXPECT_THAT(problems(actor("echo") + gateway + "\"orders.txt\"\n", 3),
              ElementsAre(AllOf(StartsWith("system.toml:7:8: path = "), HasSubstr("No such file or directory"))));
  EXPECT_THAT(problems(actor("echo") + gateway + "\".\"\n", 3),
              ElementsAre(AllOf(StartsWith("system.toml:7:8: path = "), HasSubstr("it is a folder"))));
  EXPECT_THAT(problems(actor("echo") + "[[gateway]]\nkind = \"lines\"\nto = \"demo/echo/1\"\n", 3),
              ElementsAre("system.toml:4:1: missing key \"path\" in [[gateway]]"));
}

TEST_F(Check, says_what_is_not_served_at_its_key) {
  EXPECT_THAT(problems("[system]\nname = \"a\"\nmemory_budget = \"1GiB\"\n[[grant]]\nfrom = \"a/b/1\"\nto = \"a/b/2\"\n"
                       "allow = [\"send\", \"find\"]\n",
                       3),
              ElementsAre(StartsWith("system.toml:3:1: memory_budget is"), StartsWith("system.toml:7:18: the verb find is")));
}

TEST_F(Check, says_that_there_is_nothing_to_run) {
  EXPECT_THAT(warnings(""), ElementsAre(AllOf(StartsWith(folder.path().string()), HasSubstr("there is nothing to run"))));
  EXPECT_THAT(run({"run", file(""), "--until-idle"}).err, HasSubstr("warning: " + file("") + ": there is nothing to run"));
  EXPECT_THAT(warnings(actor("echo")), IsEmpty());
}

TEST_F(Check, warns_of_what_is_asked_for_and_no_grant_serves) {
  const std::string two = actor("forwarder") + actor("echo");
  EXPECT_THAT(warnings(two),
              ElementsAre(guest("forwarder") +
                          "/component.toml:13:9: demo/forwarder/1 asks to send to */*/*, and no [[grant]] serves it; "
                          "one would have from = \"demo/forwarder/1\", to = \"*/*/*\", allow = [\"send\"]"));
  EXPECT_THAT(warnings(two + "[[grant]]\nfrom = \"demo/*/*\"\nto = \"demo/echo/1\"\nallow = [\"request\"]\n"),
              ElementsAre(HasSubstr("asks to send to */*/*")));
  EXPECT_THAT(warnings(two + "[[grant]]\nfrom = \"demo/*/*\"\nto = \"demo/echo/1\"\nallow = [\"send\"]\n"), IsEmpty());
}

TEST_F(Check, takes_a_subscription_of_the_file_for_one_that_is_asked_for) {
  const std::string grant = "[[grant]]\nfrom = \"demo/topic_user/1\"\ntopic = \"#\"\nallow = [\"publish\"]\n";
  EXPECT_THAT(warnings(actor("topic_user") + grant),
              ElementsAre(HasSubstr("demo/topic_user/1 asks to subscribe to #, and no [[grant]] serves it")));
  EXPECT_THAT(warnings(actor("topic_user") + grant + "[[subscription]]\ntopic = \"a.*\"\nactor = \"demo/*/*\"\n"), IsEmpty());
}

TEST_F(Check, warns_of_what_is_granted_and_nobody_asked_for) {
  const std::string topics = "[[grant]]\nfrom = \"demo/topic_user/1\"\ntopic = \"#\"\nallow = [\"publish\", \"subscribe\"]\n";
  EXPECT_THAT(
      warnings(actor("topic_user") + topics +
               "[[grant]]\nfrom = \"demo/topic_user/*\"\nto = \"demo/topic_user/1\"\nallow = [\"send\", \"request\"]\n"),
      ElementsAre(HasSubstr("system.toml:11:10: \"send\" of demo/topic_user/1 by demo/topic_user/* is granted and not asked"),
                  HasSubstr("system.toml:11:18: \"request\" of demo/topic_user/1")));
  // Nothing is said of a component that does not say what it asks for.
  EXPECT_THAT(warnings(actor("echo") + "[[grant]]\nfrom = \"demo/echo/1\"\nto = \"demo/echo/1\"\nallow = [\"send\"]\n"),
              IsEmpty());
}

TEST_F(Check, warns_of_subscriptions_and_supervisors_that_nobody_uses) {
  EXPECT_THAT(warnings(actor("echo") + "[[subscription]]\ntopic = \"words.#\"\nactor = \"demo/echo/1\"\n"
                                       "[[supervisor]]\nname = \"careful\"\n"),
              ElementsAre(HasSubstr("system.toml:5:9: no [[grant]] lets anybody publish on words.#: demo/echo/1 gets nothing"),
                          HasSubstr("system.toml:8:8: no actor names the supervisor \"careful\"")));
}

TEST_F(Check, refuses_two_readers_of_one_pipe) {
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  folder.write("lines.txt", "");
  const auto gateway = [](std::string_view path) {
    return "[[gateway]]\nkind = \"lines\"\nto = \"demo/echo/1\"\npath = \"" + std::string(path) + "\"\n";
  };
  EXPECT_THAT(problems(actor("echo") + gateway("pipe") + gateway("./pipe"), 3),
              ElementsAre(AllOf(StartsWith("system.toml:11:8: path = "), HasSubstr("is read by the gateway at"))));
  EXPECT_THAT(warnings(actor("echo") + gateway("pipe") + gateway("lines.txt") + gateway("lines.txt")), IsEmpty());
}

TEST_F(Check, warns_of_limits_that_contradict_each_other) {
  EXPECT_THAT(warnings(actor(
                  "echo", "limits = { turn_cpu = \"5ms\", turn_wall = \"4ms\", body_bytes = \"20MiB\", memory = \"1MiB\" }\n")),
              ElementsAre(AllOf(HasSubstr("system.toml:4:12: demo/echo/1 has slice = 10ms, more than turn_cpu = 5ms")),
                          AllOf(HasSubstr("system.toml:4:12: demo/echo/1 has turn_cpu = 5ms, more than turn_wall = 4ms")),
                          HasSubstr("system.toml:4:49: demo/echo/1 has body_bytes = 20MiB, more than mailbox_bytes = 4MiB"),
                          HasSubstr("more than turn_bytes = 8MiB"), HasSubstr("more than reply_bytes = 4MiB"),
                          AllOf(HasSubstr("system.toml:4:71: demo/echo/1 has body_bytes = 20MiB, and memory = 1MiB leaves "),
                                HasSubstr("larger bodies are refused as too large"))));
  EXPECT_THAT(warnings("[defaults]\nmailbox_bytes = \"1KiB\"\n" + actor("echo")),
              ElementsAre(HasSubstr("system.toml:2:1: demo/echo/1 has body_bytes = 1MiB, more than mailbox_bytes = 1KiB")));
  EXPECT_THAT(warnings(actor("echo")), IsEmpty());
}

TEST_F(Check, refuses_a_memory_without_room_for_the_bodies_that_a_component_needs) {
  std::filesystem::copy_file(guest("echo") + "/echo.wasm", folder / "echo.wasm");
  folder.write("component.toml", "[component]\nname = \"echo\"\nversion = \"1.0.0\"\n[limits]\nbody_bytes = \"1MiB\"\n");
  EXPECT_THAT(problems("[[actor]]\naddress = \"demo/echo/1\"\ncomponent = \".\"\nlimits = { memory = \"512KiB\" }\n", 7),
              ElementsAre(StartsWith("system.toml:4:12: demo/echo/1 has body_bytes = 1MiB, and memory = 512KiB leaves")));
}

TEST_F(Check, refuses_lines_of_a_codec_that_their_target_does_not_take) {
  std::filesystem::copy_file(guest("echo") + "/echo.wasm", folder / "echo.wasm");
  folder.write("component.toml", "[component]\nname = \"echo\"\nversion = \"1.0.0\"\naccepts = [\"json\", \"cbor\"]\n");
  const std::string picky = "[[actor]]\naddress = \"demo/a/1\"\ncomponent = \".\"\n";
  const std::string gateway = "[[gateway]]\nkind = \"lines\"\npath = \"-\"\nto = \"demo/*/1\"\n";
  EXPECT_THAT(problems(picky + gateway + "codec = \"raw\"\n", 3),
              ElementsAre("system.toml:8:9: lines of airssys/lines/1 are sent as raw, which demo/a/1 does not take: its "
                          "component accepts json, cbor"));
  EXPECT_THAT(problems(picky + gateway, 3),
              ElementsAre(StartsWith("system.toml:4:1: lines of airssys/lines/1 are sent as raw")));
  EXPECT_THAT(warnings(picky + actor("echo") + gateway),
              ElementsAre(AllOf(HasSubstr("system.toml:7:1: lines of"), HasSubstr("those that go to it are refused"))));
  EXPECT_THAT(warnings(picky + gateway + "codec = \"cbor\"\n"), IsEmpty());
}

TEST_F(Check, warns_of_limits_of_nothing_for_what_an_actor_asks_for_or_is_granted) {
  const std::string grant = "[[grant]]\nfrom = \"demo/*/1\"\nto = \"demo/echo/1\"\nallow = [\"send\"]\n";
  EXPECT_THAT(warnings(actor("forwarder", "limits = { turn_effects = 0, requests = 0 }\n") + actor("echo") + grant),
              ElementsAre((folder / "system.toml").string() +
                          ":4:12: demo/forwarder/1 has turn_effects = 0, and its "
                          "component asks to send (" +
                          guest("forwarder") + "/component.toml:13:9): each try answers limit-reached"));
  EXPECT_THAT(warnings("[defaults]\nrequests = 0\n" + actor("echo") +
                       "[[grant]]\nfrom = \"demo/*/1\"\nto = \"demo/echo/1\"\nallow = [\"request\"]\n"),
              ElementsAre(HasSubstr("system.toml:2:1: demo/echo/1 has requests = 0, and a [[grant]] lets it request (")));
  EXPECT_THAT(warnings(actor("timer_user", "limits = { timers = 0 }\n")),
              Contains(HasSubstr("system.toml:4:12: demo/timer_user/1 has timers = 0, and its component handles timers")));
}

TEST_F(Check, warns_of_bodies_that_are_granted_and_nobody_has_room_for) {
  const auto grant = [](std::string_view more) {
    return "[[grant]]\nfrom = \"airssys/operator/1\"\nallow = [\"send\"]\nto = \"demo/echo/1\"\n" + std::string(more);
  };
  EXPECT_THAT(warnings(actor("echo") + grant("body_bytes = \"2MiB\"\n")),
              ElementsAre(HasSubstr("system.toml:8:14: body_bytes = 2MiB is more than anybody has room for of those whom it is "
                                    "granted to reach: demo/echo/1 has body_bytes = 1MiB; larger bodies are refused as too "
                                    "large")));
  EXPECT_THAT(warnings(actor("echo") + grant("body_bytes = \"1MiB\"\n")), IsEmpty());
}

TEST_F(Check, warns_of_replies_that_memory_has_no_room_for_where_they_are_asked_for) {
  EXPECT_THAT(warnings(actor("echo", "limits = { memory = \"2MiB\", body_bytes = \"64KiB\", reply_bytes = \"3MiB\" }\n")),
              ElementsAre(AllOf(HasSubstr("system.toml:4:12: demo/echo/1 has reply_bytes = 3MiB, and memory = 2MiB leaves "),
                                HasSubstr("a larger reply ends it, out of memory"))));
  EXPECT_THAT(warnings(actor("echo", "limits = { memory = \"2MiB\" }\n")), IsEmpty()) << "by default nobody asked for 4 MiB";
}

TEST_F(Check, takes_no_gateway_for_one_that_can_do_what_it_can_not) {
  const std::string gateways =
      "[[gateway]]\nkind = \"stdout\"\n[[gateway]]\nkind = \"lines\"\npath = \"-\"\nto = \"demo/echo/1\"\n";
  EXPECT_THAT(warnings(actor("echo") + gateways +
                       "[[grant]]\nfrom = \"airssys/standard-output/1\"\nto = \"airssys/lines/1\"\nallow = [\"send\"]\n"),
              ElementsAre(HasSubstr("from = \"airssys/standard-output/1\" covers no actor"),
                          HasSubstr("to = \"airssys/lines/1\" covers no actor")));
}

TEST_F(Check, guesses_the_component_and_the_source_that_were_meant) {
  std::filesystem::create_directories(folder / "guests/bank");
  for (const char* name : {"echo.wasm", "component.toml"}) {
    std::filesystem::copy_file(guest("echo") + "/" + name, folder / "guests/bank" / name);
  }
  folder.write("orders.csv", "");
  const auto said = [this](std::string_view text) { return run({"check", file(text)}).err; };
  const auto of = [](std::string_view component) {
    return "[[actor]]\naddress = \"demo/a/1\"\ncomponent = \"" + std::string(component) + "\"\n";
  };
  EXPECT_THAT(said(of("./guests/bnk")), HasSubstr("system.toml:3:1: component = \"./guests/bnk\": "));
  EXPECT_THAT(said(of("./guests/bnk")), HasSubstr("; did you mean \"./guests/bank\"?"));
  EXPECT_THAT(said(of("./gests/bank")), HasSubstr("; did you mean \"./guests/bank\"?"));
  EXPECT_THAT(said(of("./guests/bank/eco.wasm")), HasSubstr("; did you mean \"./guests/bank/echo.wasm\"?"));
  EXPECT_THAT(said(of("./nothing/like/it")), Not(HasSubstr("did you mean")));
  EXPECT_THAT(said(actor("echo") + "[[gateway]]\nkind = \"lines\"\nto = \"demo/echo/1\"\npath = \"order.csv\"\n"),
              HasSubstr("; did you mean \"./orders.csv\"?"));
}

TEST_F(Check, lists_what_a_component_imports_and_will_not_get) {
  std::filesystem::copy_file(guest("storage_user") + "/storage_user.wasm", folder / "bare.wasm");
  EXPECT_THAT(warnings("[[actor]]\naddress = \"demo/a/1\"\ncomponent = \"./bare.wasm\"\n"),
              ElementsAre(AllOf(HasSubstr("system.toml:3:1: bare imports what it will not get here"),
                                HasSubstr("runs without: storage"))));
}

TEST_F(Check, warns_of_a_source_that_is_newer_than_what_was_built_from_it) {
  std::filesystem::create_directory(folder / "echo");
  for (const char* name : {"echo.wasm", "component.toml"}) {
    std::filesystem::copy_file(guest("echo") + "/" + name, folder / "echo" / name);
  }
  const std::string source = folder.write("echo/echo.cpp", "int changed;");
  const std::string system = "[[actor]]\naddress = \"demo/echo/1\"\ncomponent = \"./echo\"\n";
  const auto built = std::filesystem::last_write_time(folder / "echo" / "echo.wasm");
  std::filesystem::last_write_time(source, built - std::chrono::seconds(1));
  EXPECT_THAT(warnings(system), IsEmpty());
  std::filesystem::last_write_time(source, built + std::chrono::seconds(1));
  EXPECT_THAT(warnings(system), ElementsAre(AllOf(HasSubstr("system.toml:3:1: echo.cpp is newer than "),
                                                  HasSubstr("echo.wasm, which runs; build it: airssys build "))));
  const auto ran = run({"run", folder.write("system.toml", system), "--until-idle"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("warning: ")) << "run says it, too";
  EXPECT_THAT(ran.err, HasSubstr("echo.cpp is newer than "));
}

TEST_F(Check, bounds_its_warnings) {
  std::string text = actor("echo");
  for (int i = 0; i < 150; ++i)
    text += "[[grant]]\nfrom = \"demo/nobody/" + std::to_string(i) + "\"\nto = \"demo/echo/1\"\nallow = [\"send\"]\n";
  const auto all = warnings(text);
  ASSERT_EQ(all.size(), 101U);
  EXPECT_EQ(all.back(), "50 more warnings of this kind");
}

TEST(Lines, of_one_customer_go_to_one_actor_by_a_field_and_by_a_json_pointer) {
  const std::string actors =
      "[[actor]]\naddress = \"demo/counter/1\"\ninstances = 4\ncomponent = \"" + guest("counter") + "\"\n";
  const std::string gateway = "[[gateway]]\nkind = \"lines\"\npath = \"-\"\nto = \"demo/counter/*\"\nspread = \"hash\"\nkey = ";
  std::string fields;
  std::string json;
  for (int i = 0; i < 100; ++i) {
    const std::string customer = "customer-" + std::to_string(i % 10);
    fields += std::to_string(i) + " " + customer + "\n";
    json += "{ \"n\": " + std::to_string(i) + ", \"customer\": { \"id\": \"" + customer + "\" } }\n";
  }
  const Folder folder;
  const auto holders = [&](const std::string& key, const std::string& input, const std::string& word) {
    int found = 0;
    for (int counter = 1; counter <= 4; ++counter) {
      const auto ended = run({"run", folder.write("system.toml", actors + gateway + key + "\n"), "--quiet", "--until-idle",
                              "--final-request", "demo/counter/" + std::to_string(counter), word},
                             {.input = input});
      if (ended.code != 0) continue;
      EXPECT_EQ(ended.out, "10");
      ++found;
    }
    return found;
  };
  EXPECT_EQ(holders("\"field 2\"", fields, "customer-3"), 1);
  EXPECT_EQ(holders("\"/customer/id\"", json, "\"customer-3\""), 1);
}

TEST(Lines, of_the_example_keep_the_sums_of_each_customer_right) {
  std::string orders;
  for (int i = 0; i < 300; ++i) orders += std::to_string(i) + ",customer-" + std::to_string(i % 30) + ",7\n";
  const auto ended =
      run({"run", AIRSSYS_BUILT_EXAMPLES "/orders", "--until-idle", "--data", (Folder() / "data").string()}, {.input = orders});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.err, Not(HasSubstr("warning")));
  for (int customer = 0; customer < 30; ++customer) {
    std::size_t at = 0;
    for (int order = 1; order <= 10; ++order) {
      const std::string line = "customer-" + std::to_string(customer) + ": " + std::to_string(order) + " orders, " +
                               std::to_string(7 * order) + " cents\n";
      at = ended.out.find(line, at);
      ASSERT_NE(at, std::string::npos) << line << ended.out;
    }
  }
}

TEST(Lines, without_their_key_are_counted_at_the_end) {
  const Folder folder;
  const std::string file =
      folder.write("system.toml", system_of({"echo"}) +
                                      "[[gateway]]\nkind = \"lines\"\npath = \"-\"\nto = \"demo/echo/1\"\nspread = \"hash\"\n"
                                      "key = \"field 2\"\n");
  const auto ended = run({"run", file, "--until-idle"}, {.input = "a b\nc\nd\n"});
  EXPECT_EQ(ended.code, 0);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("3 lines in"), HasSubstr("2 without their key")));
  EXPECT_THAT(run({"run", file, "--until-idle"}, {.input = "a b\n"}).err, Not(HasSubstr("without their key")));
}

}  // namespace
}  // namespace airssys::e2e
