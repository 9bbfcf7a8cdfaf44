#include "airssys/config/system_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace airssys::config {
namespace {

using namespace airssys::literals;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

std::string system_problems(std::string_view text) {
  const auto system = parse_system(text, "system.toml");
  return system ? "none" : to_string(system.error());
}

SystemFile parsed_system(std::string_view text, const std::string& name = "system.toml") {
  auto system = parse_system(text, name);
  if (system) return *system;
  ADD_FAILURE() << to_string(system.error());
  return {};
}

TEST(SystemFile, reads_everything_the_format_has) {
  const SystemFile system = parsed_system(R"([system]
name = "demo"
data = "state"
memory_budget = "2GiB"
compile_memory = "512MiB"
compile_time = "90s"
[defaults]
mailbox_messages = 512
turn_cpu = "250ms"
[[supervisor]]
name = "pipeline"
strategy = "rest_for_one"
max_restarts = 7
window = "2m"
backoff = "50ms"
backoff_max = "5s"
[[actor]]
address = "demo/counter/1"
instances = 4
component = "./counter"
profile = "dense"
supervisor = "pipeline"
config = { top = 10, mode = "fast", ratio = 0.5, deep = true, list = ["a\"b", 1, [2, true]] }
limits = { memory = "4MiB", log_rate = "10/s", storage_rate = "10MiB/s" }
[[actor]]
address = "bank/account/*"
component = "ledger@1.2.3-rc.1+build.7"
durable = true
idle = "10m"
max_live = 100
max_names = 1000
secrets = { api-key = { env = "API_KEY" } }
[[grant]]
from = "demo/split/*"
to = "demo/counter/*"
allow = ["send", "request"]
rate = "10000/s"
body_bytes = "4KiB"
[[grant]]
from = "demo/counter/*"
topic = "words.#"
allow = ["publish"]
[[subscription]]
topic = "words.#"
actor = "demo/counter/*"
group = "reporters"
[[gateway]]
kind = "lines"
path = "-"
to = "demo/counter/*"
spread = "hash"
key = "field 2"
separator = ","
codec = "json"
[[gateway]]
kind = "standard-output"
[[gateway]]
kind = "lines"
path = "in.txt"
to = "demo/counter/2"
)",
                                          "etc/demo/system.toml");
  EXPECT_EQ(system.name, "demo");
  EXPECT_EQ(system.data, "etc/demo/state");
  EXPECT_EQ(system.memory_budget, 2_GiB);
  EXPECT_EQ(system.compile_memory, 512_MiB);
  EXPECT_EQ(system.compile_time, std::chrono::seconds(90));
  EXPECT_EQ(system.defaults.mailbox_messages, 512U);
  EXPECT_EQ(system.defaults.turn_cpu, 250ms);
  ASSERT_EQ(system.supervisors.size(), 1U);
  const SupervisorEntry& supervisor = system.supervisors[0];
  EXPECT_EQ(supervisor.name, "pipeline");
  EXPECT_EQ(supervisor.strategy, Strategy::rest_for_one);
  EXPECT_EQ(supervisor.restart.max_restarts, 7U);
  EXPECT_EQ(supervisor.restart.window, 2min);
  EXPECT_EQ(supervisor.restart.backoff, 50ms);
  EXPECT_EQ(supervisor.restart.backoff_max, 5s);
  ASSERT_EQ(system.actors.size(), 2U);
  const ActorEntry& counter = system.actors[0];
  EXPECT_THAT(counter.addresses(), ElementsAre("demo/counter/1"_address, "demo/counter/2"_address, "demo/counter/3"_address,
                                               "demo/counter/4"_address));
  EXPECT_EQ(counter.component, ComponentSource(std::filesystem::path("etc/demo/counter")));
  EXPECT_EQ(counter.profile, core::Profile::dense);
  EXPECT_EQ(counter.supervisor, "pipeline");
  EXPECT_EQ(counter.config.at("top").text, "10");
  EXPECT_EQ(counter.config.at("top").type, ConfigType::integer);
  EXPECT_EQ(counter.config.at("mode").text, "fast");
  EXPECT_EQ(counter.config.at("ratio").text, "0.5");
  EXPECT_EQ(counter.config.at("deep").text, "true");
  EXPECT_EQ(counter.config.at("list").text, R"(["a\"b",1,[2,true]])");
  EXPECT_EQ(counter.limits.memory, 4_MiB);
  EXPECT_EQ(counter.limits.log_rate, 10U);
  EXPECT_EQ(counter.limits.storage_rate, 10_MiB);
  EXPECT_EQ(to_string(counter.place), "etc/demo/system.toml:17:1");
  const ActorEntry& account = system.actors[1];
  EXPECT_TRUE(account.is_template());
  EXPECT_TRUE(account.durable);
  EXPECT_THAT(account.addresses(), IsEmpty());
  EXPECT_EQ(account.component, ComponentSource(PackageName{"ledger", "1.2.3-rc.1+build.7"}));
  EXPECT_EQ(account.idle, 10min);
  EXPECT_EQ(account.max_live, 100U);
  EXPECT_EQ(account.max_names, 1000U);
  EXPECT_EQ(account.secrets.at("api-key"), "API_KEY");
  ASSERT_EQ(system.grants.size(), 2U);
  EXPECT_EQ(to_string(system.grants[0].grant), "demo/split/* -> demo/counter/*: send, request, 10000/s, bodies up to 4KiB");
  EXPECT_EQ(to_string(system.grants[1].grant), "demo/counter/* -> topic words.#: publish");
  ASSERT_EQ(system.subscriptions.size(), 1U);
  EXPECT_EQ(system.subscriptions[0].topic.text(), "words.#");
  EXPECT_EQ(system.subscriptions[0].group, "reporters");
  ASSERT_EQ(system.gateways.size(), 3U);
  EXPECT_EQ(system.gateways[0].address, "airssys/lines/1"_address);
  EXPECT_EQ(system.gateways[0].path, "-");
  EXPECT_EQ(system.gateways[0].to, "demo/counter/*"_pattern);
  EXPECT_EQ(system.gateways[0].spread, Spread::hash);
  EXPECT_EQ(system.gateways[0].key, LineKey(FieldKey{.number = 2, .separator = ","}));
  EXPECT_EQ(system.gateways[0].codec, core::Codec::json);
  EXPECT_EQ(system.gateways[1].address, "airssys/standard-output/1"_address);
  EXPECT_EQ(system.gateways[2].address, "airssys/lines/2"_address);
  EXPECT_EQ(system.gateways[2].path, "etc/demo/in.txt");
  EXPECT_EQ(system.gateways[2].spread, Spread::round_robin);
  EXPECT_EQ(system.gateways[2].key, std::nullopt);
}

TEST(SystemFile, may_be_empty) {
  const SystemFile system = parsed_system("");
  EXPECT_EQ(system.name, "airssys");
  EXPECT_EQ(system.data, ".airssys");
  EXPECT_EQ(system.memory_budget, std::nullopt);
  EXPECT_EQ(system.compile_memory, std::nullopt);
  EXPECT_EQ(system.compile_time, std::nullopt);
  EXPECT_THAT(system.actors, IsEmpty());
  EXPECT_THAT(unsupported(system), IsEmpty());
}

TEST(SystemFile, has_defaults_for_supervisors) {
  const SystemFile system = parsed_system("[[supervisor]]\nname = \"a\"\n");
  ASSERT_EQ(system.supervisors.size(), 1U);
  const SupervisorEntry& supervisor = system.supervisors[0];
  EXPECT_EQ(supervisor.strategy, Strategy::one_for_one);
  EXPECT_EQ(supervisor.restart.max_restarts, 5U);
  EXPECT_EQ(supervisor.restart.window, 60s);
  EXPECT_EQ(supervisor.restart.backoff, 100ms);
  EXPECT_EQ(supervisor.restart.backoff_max, 10s);
}

TEST(SystemFile, takes_each_way_to_name_a_component) {
  const auto source = [](const std::string& text) {
    return parsed_system("[[actor]]\naddress = \"a/b/1\"\ncomponent = \"" + text + "\"\n", "x/system.toml")
        .actors.at(0)
        .component;
  };
  EXPECT_EQ(source("."), ComponentSource(std::filesystem::path("x/")));
  EXPECT_EQ(source(".."), ComponentSource(std::filesystem::path(".")));
  EXPECT_EQ(source("../.."), ComponentSource(std::filesystem::path("..")));
  EXPECT_EQ(source("./c"), ComponentSource(std::filesystem::path("x/c")));
  EXPECT_EQ(source("../c"), ComponentSource(std::filesystem::path("c")));
  EXPECT_EQ(source("/c"), ComponentSource(std::filesystem::path("/c")));
  EXPECT_EQ(source("c.wasm"), ComponentSource(std::filesystem::path("x/c.wasm")));
  EXPECT_EQ(source("c@1.0.0"), ComponentSource(PackageName{"c", "1.0.0"}));
}

struct BadSystemText {
  std::string_view text;
  std::string_view problems;

  friend void PrintTo(const BadSystemText& bad, std::ostream* out) { *out << bad.text; }
};

class BadSystemFile : public testing::TestWithParam<BadSystemText> {};

TEST_P(BadSystemFile, is_refused_with_place_and_remedy) {
  EXPECT_EQ(system_problems(GetParam().text), GetParam().problems);
}

constexpr BadSystemText kBadTables[] = {
    {"[defaults]\n  mailbox_mesages = 1\n",
     "system.toml:2:3: unknown key \"mailbox_mesages\" in [defaults]; did you mean \"mailbox_messages\"?"},
    {"[[actorz]]\n", "system.toml:1:3: unknown key \"actorz\" in the file; did you mean \"actor\"?"},
    {"[system]\nqqqqqqq = 1\n",
     "system.toml:2:1: unknown key \"qqqqqqq\" in [system]; expected one of name, data, memory_budget, compile_memory, "
     "compile_time"},
    {"[system]\n\"a\\u001b[31m\" = 1\n",
     "system.toml:2:1: unknown key \"a\\x1b[31m\" in [system]; expected one of name, data, memory_budget, compile_memory, "
     "compile_time"},
    {"system = 1\n", "system.toml:1:10: system is a whole number; expected a table"},
    {"actor = { address = \"a/b/1\" }\n", "system.toml:1:9: actor is a table; expected [[actor]]"},
    {"actor = [1]\n", "system.toml:1:10: actor contains a whole number; expected [[actor]]"},
    {"[system]\nname = \"Demo\"\n",
     "system.toml:2:8: name = \"Demo\" is no name; expected lower-case letters, digits and single hyphens, at most 64"},
    {"[system]\nname = 1979-05-27\n", "system.toml:2:8: name is a date or time; expected a name"},
    {"[system]\ndata = \"\"\n", "system.toml:2:8: data = \"\" is empty; expected a text"},
    {"[system]\nmemory_budget = 2\n",
     "system.toml:2:17: memory_budget is a whole number; expected a size as a string, as in \"16MiB\""},
    {"[system]\ncompile_memory = \"63MiB\"\n",
     "system.toml:2:18: compile_memory = \"63MiB\" is too little; expected at least \"64MiB\""},
    {"[system]\ncompile_memory = true\n",
     "system.toml:2:18: compile_memory is true or false; expected a size as a string, as in \"16MiB\""},
    {"[system]\ncompile_time = \"10ms\"\n",
     "system.toml:2:16: compile_time = \"10ms\" is out of range; expected from 100ms to 24h"},
    {"[system]\nmemory_budget = \"0B\"\n", "system.toml:2:17: memory_budget = \"0B\" allows nothing; expected at least \"1B\""},
    {"include = \"a.toml\"\n", "system.toml:1:11: include is a string; expected an array of paths"},
    {"include = [1]\n", "system.toml:1:12: include contains a whole number; expected an array of paths"},
    {"include = [\"no/such.toml\"]\n",
     "system.toml:1:12: include = \"no/such.toml\": no/such.toml: cannot be read: No such file or directory"},
};
INSTANTIATE_TEST_SUITE_P(Tables, BadSystemFile, testing::ValuesIn(kBadTables));

constexpr BadSystemText kBadLimits[] = {
    {"[defaults]\nmemory = \"4MB\"\n",
     "system.toml:2:10: memory = \"4MB\" is no size; expected a whole number and B, KiB, MiB or GiB, as in \"16MiB\""},
    {"[defaults]\nmemory = 4\n", "system.toml:2:10: memory is a whole number; expected a size as a string, as in \"16MiB\""},
    {"[defaults]\nmemory = \"1KiB\"\n", "system.toml:2:10: memory = \"1KiB\" is out of range; expected from 64KiB to 4GiB"},
    {"[defaults]\nmemory = \"5GiB\"\n", "system.toml:2:10: memory = \"5GiB\" is out of range; expected from 64KiB to 4GiB"},
    {"[defaults]\nturn_cpu = \"0ms\"\n", "system.toml:2:12: turn_cpu = \"0ms\" is out of range; expected from 1ms to 1h"},
    {"[defaults]\nturn_cpu = \"1.5s\"\n",
     "system.toml:2:12: turn_cpu = \"1.5s\" is no time; expected a whole number and ms, s, m or h, as in \"250ms\""},
    {"[defaults]\nmailbox_messages = 0\n",
     "system.toml:2:20: mailbox_messages = 0 is out of range; expected a whole number from 1 to 1000000"},
    {"[defaults]\nmailbox_messages = -1\n",
     "system.toml:2:20: mailbox_messages = -1 is out of range; expected a whole number from 1 to 1000000"},
    {"[defaults]\nmailbox_messages = 1.5\n",
     "system.toml:2:20: mailbox_messages is a number with a fraction; expected a whole number from 1 to 1000000"},
    {"[defaults]\nlog_rate = \"1000\"\n",
     "system.toml:2:12: log_rate = \"1000\" is no rate; expected a whole number and /s, as in \"1000/s\""},
    {"[defaults]\nstorage_rate = \"10MiB\"\n",
     "system.toml:2:16: storage_rate = \"10MiB\" is no size per second; expected a size and /s, as in \"10MiB/s\""},
};
INSTANTIATE_TEST_SUITE_P(Limits, BadSystemFile, testing::ValuesIn(kBadLimits));

constexpr BadSystemText kBadSupervisors[] = {
    {"[[supervisor]]\n", "system.toml:1:1: missing key \"name\" in [[supervisor]]; expected a name, as in \"pipeline\""},
    {"[[supervisor]]\nname = \"a\"\nstrategy = \"one_for_al\"\n",
     "system.toml:3:12: strategy = \"one_for_al\" is unknown; expected one of one_for_one, one_for_all, rest_for_one; "
     "did you mean \"one_for_all\"?"},
    {"[[supervisor]]\nname = \"a\"\nmax_restarts = 1001\n",
     "system.toml:3:16: max_restarts = 1001 is out of range; expected a whole number from 0 to 1000"},
    {"[[supervisor]]\nname = \"a\"\nwindow = \"0s\"\n",
     "system.toml:3:10: window = \"0s\" is out of range; expected from 1ms to 24h"},
    {"[[supervisor]]\nname = \"a\"\nbackoff = \"20s\"\n",
     "system.toml:3:1: backoff = \"20s\" is more than backoff_max = \"10s\"; expected backoff to be at most backoff_max"},
    {"[[supervisor]]\nname = \"a\"\n[[supervisor]]\nname = \"a\"\n",
     "system.toml:4:8: the supervisor \"a\" is there twice, first at system.toml:2:8; expected a name of its own"},
};
INSTANTIATE_TEST_SUITE_P(Supervisors, BadSystemFile, testing::ValuesIn(kBadSupervisors));

constexpr BadSystemText kBadActors[] = {
    {"[[actor]]\n",
     "system.toml:1:1: missing key \"address\" in [[actor]]; expected an address, as in \"demo/counter/1\"\n"
     "system.toml:1:1: missing key \"component\" in [[actor]]; expected a path, as in \"./counter\", or name@version"},
    {"[[actor]]\naddress = \"demo/Counter/1\"\ncomponent = \"./c\"\n",
     "system.toml:2:11: address = \"demo/Counter/1\" is no address: segment 2 has \"C\" at its position 1; "
     "expected namespace/name/instance, each of a-z 0-9 - _"},
    {"[[actor]]\naddress = \"airssys/operator/1\"\ncomponent = \"./c\"\n",
     "system.toml:2:11: address = \"airssys/operator/1\" belongs to the host; expected an address that does not begin with "
     "airssys/"},
    {"[[actor]]\naddress = \"demo/*/1\"\ncomponent = \"./c\"\n",
     "system.toml:2:11: address = \"demo/*/1\" is no template; expected two segments without * and then *, as in "
     "\"bank/account/*\""},
    {"[[actor]]\naddress = \"demo/c/1\"\ncomponent = \"counter\"\n",
     "system.toml:3:13: component = \"counter\" is no component; expected a path that begins with ./, ../ or / or ends in "
     ".wasm, or name@version; did you mean \"./counter\"?"},
    {"[[actor]]\naddress = \"demo/c/1\"\ncomponent = \"counter@1.2\"\n",
     "system.toml:3:13: component = \"counter@1.2\" is no component; expected a path that begins with ./, ../ or / or ends in "
     ".wasm, or "
     "name@version"},
    {"[[actor]]\naddress = \"demo/c/7\"\ncomponent = \"./c\"\ninstances = 4\n",
     "system.toml:4:1: instances does not go with the address \"demo/c/7\"; expected an address that ends in /1"},
    {"[[actor]]\naddress = \"demo/c/11\"\ncomponent = \"./c\"\ninstances = 4\n",
     "system.toml:4:1: instances does not go with the address \"demo/c/11\"; expected an address that ends in /1"},
    {"[[actor]]\naddress = \"demo/c/*\"\ncomponent = \"./c\"\ninstances = 4\n",
     "system.toml:4:1: instances does not go with a template; expected an address without *, or no instances"},
    {"[[actor]]\naddress = \"demo/c/1\"\ncomponent = \"./c\"\ninstances = 0\n",
     "system.toml:4:13: instances = 0 is out of range; expected a whole number from 1 to 100000"},
    {"[[actor]]\naddress = \"demo/c/1\"\ncomponent = \"./c\"\nidle = \"1m\"\n",
     "system.toml:4:1: idle is for templates; expected it with an address that ends in /*"},
    {"[[actor]]\naddress = \"demo/c/1\"\ncomponent = \"./c\"\nprofile = \"dens\"\n",
     "system.toml:4:11: profile = \"dens\" is unknown; expected one of fast, dense; did you mean \"dense\"?"},
    {"[[actor]]\naddress = \"demo/c/1\"\ncomponent = \"./c\"\nprofile = [\"fast\"]\n",
     "system.toml:4:11: profile is an array; expected one of fast, dense"},
    {"[[actor]]\naddress = \"demo/c/1\"\ncomponent = \"./c\"\ndurable = \"yes\"\n",
     "system.toml:4:11: durable is a string; expected true or false"},
    {"[[actor]]\naddress = \"demo/c/1\"\ncomponent = \"./c\"\nconfig = { a = { b = 1 }, c = 1979-05-27, d = [{}] }\n",
     "system.toml:4:16: \"a\" is a table; expected a string, a number, true or false, or an array of these\n"
     "system.toml:4:31: \"c\" is a date or time; expected a string, a number, true or false, or an array of these\n"
     "system.toml:4:47: \"d\" contains a table, a date or a time; expected a string, a number, true or false, or an array of "
     "these"},
    {"[[actor]]\naddress = \"demo/c/1\"\ncomponent = \"./c\"\nsecrets = { k = \"API_KEY\" }\n",
     "system.toml:4:17: the secret \"k\" is a string; expected where to find it, as in { env = \"API_KEY\" }"},
    {"[[actor]]\naddress = \"demo/c/1\"\ncomponent = \"./c\"\nsecrets = { k = { env = \"API-KEY\" } }\n",
     "system.toml:4:25: env = \"API-KEY\" is no environment variable; expected letters, digits and _, as in \"API_KEY\""},
    {"[[actor]]\naddress = \"demo/c/1\"\ncomponent = \"./c\"\nlimits = { memorry = \"4MiB\" }\n",
     "system.toml:4:12: unknown key \"memorry\" in limits of [[actor]]; did you mean \"memory\"?"},
    {"[[supervisor]]\nname = \"pipeline\"\n[[actor]]\naddress = \"demo/c/1\"\ncomponent = \"./c\"\nsupervisor = \"pipelin\"\n",
     "system.toml:6:14: demo/c/1 names the supervisor \"pipelin\", and there is none; expected a [[supervisor]] with name = "
     "\"pipelin\"; did you mean \"pipeline\"?"},
    {"[[actor]]\naddress = \"demo/c/1\"\ncomponent = \"./c\"\n[[actor]]\naddress = \"demo/c/1\"\ncomponent = \"./d\"\n",
     "system.toml:5:1: the address \"demo/c/1\" is taken by the actor at system.toml:2:1; expected an address of its own"},
    {"[[actor]]\naddress = \"demo/c/1\"\ncomponent = \"./c\"\ninstances = 4\n[[actor]]\naddress = \"demo/c/4\"\ncomponent = "
     "\"./d\"\n",
     "system.toml:6:1: the address \"demo/c/4\" is taken by the actor at system.toml:2:1 with 4 instances; expected an address "
     "of "
     "its own"},
    {"[[actor]]\naddress = \"demo/c/3\"\ncomponent = \"./c\"\n[[actor]]\naddress = \"demo/c/1\"\ncomponent = "
     "\"./d\"\ninstances = 9\n",
     "system.toml:5:1: the address \"demo/c/1\" is taken by the actor at system.toml:2:1; expected an address of its own"},
    {"[[actor]]\naddress = \"demo/c/main\"\ncomponent = \"./c\"\n[[actor]]\naddress = \"demo/c/main\"\ncomponent = \"./c\"\n",
     "system.toml:5:1: the address \"demo/c/main\" is taken by the actor at system.toml:2:1; expected an address of its own"},
};
INSTANTIATE_TEST_SUITE_P(Actors, BadSystemFile, testing::ValuesIn(kBadActors));

constexpr BadSystemText kBadGrants[] = {
    {"[[grant]]\n",
     "system.toml:1:1: missing key \"from\" in [[grant]]; expected an address pattern, as in \"demo/split/*\"\n"
     "system.toml:1:1: missing key \"to\" in [[grant]]; expected an address pattern, or topic with a topic pattern\n"
     "system.toml:1:1: missing key \"allow\" in [[grant]]; expected an array of verbs, as in [\"send\", \"request\"]"},
    {"[[grant]]\nfrom = \"a/b\"\nto = \"a/b/1\"\nallow = [\"send\"]\n",
     "system.toml:2:8: from = \"a/b\" is no address pattern: it has 2 segments; expected three segments of a-z 0-9 - _, each "
     "of "
     "which may be or end in *"},
    {"[[grant]]\nfrom = \"a/b/1\"\ntopic = \"a.#.b\"\nallow = [\"publish\"]\n",
     "system.toml:3:9: topic = \"a.#.b\" is no topic pattern: segment 2 is #, which may only be the last; expected segments of "
     "a-z "
     "A-Z 0-9 - _ with dots between them, each of which may be *, and the last one #"},
    {"[[grant]]\nfrom = \"a/b/1\"\nto = \"a/b/2\"\ntopic = \"a\"\nallow = []\n",
     "system.toml:4:1: a grant has to or topic, not both; expected two grants\n"
     "system.toml:5:9: allow = [] allows nothing; expected at least one verb"},
    {"[[grant]]\nfrom = \"a/b/1\"\ntopic = \"a\"\nto = \"a/b/2\"\nallow = [\"send\", \"publish\"]\n",
     "system.toml:4:1: a grant has to or topic, not both; expected two grants"},
    {"[[grant]]\nform = \"a/b/1\"\ntopc = \"a\"\nallow = [\"publish\"]\n",
     "system.toml:2:1: unknown key \"form\" in [[grant]]; did you mean \"from\"?\n"
     "system.toml:3:1: unknown key \"topc\" in [[grant]]; did you mean \"topic\"?"},
    {"[[grant]]\nfrom = \"a/b/1\"\nto = \"a/b/2\"\nallow = [\"sent\", \"publish\", 3]\n",
     "system.toml:4:10: allow = \"sent\" is unknown; expected one of send, request, publish, subscribe, find; did you mean "
     "\"send\"?\n"
     "system.toml:4:18: \"publish\" does not go with to; expected send, request, find\n"
     "system.toml:4:29: allow contains a whole number; expected an array of verbs"},
    {"[[grant]]\nfrom = \"a/b/1\"\nto = \"a/b/2\"\nallow = [\"send\"]\nrate = \"0/s\"\n",
     "system.toml:5:8: rate = \"0/s\" allows nothing; expected at least \"1/s\""},
};
INSTANTIATE_TEST_SUITE_P(Grants, BadSystemFile, testing::ValuesIn(kBadGrants));

constexpr BadSystemText kBadLineKeys[] = {
    {"spread = \"hash\"\nkey = \"column 2\"\n",
     "system.toml:9:7: key = \"column 2\" is no part of a line; expected \"field 1\" to \"field 10000\", or a JSON pointer, as "
     "in "
     "\"/customer/id\""},
    {"spread = \"hash\"\nkey = \"field 0\"\n",
     "system.toml:9:7: key = \"field 0\" is no part of a line; expected \"field 1\" to \"field 10000\", or a JSON pointer, as "
     "in "
     "\"/customer/id\""},
    {"spread = \"hash\"\nkey = \"/a~b\"\n",
     "system.toml:9:7: key = \"/a~b\" is no part of a line; expected \"field 1\" to \"field 10000\", or a JSON pointer, as in "
     "\"/customer/id\""},
    {"key = \"field 1\"\n", "system.toml:8:1: key is what is hashed; expected it with spread = \"hash\""},
    {"spread = \"least-loaded\"\nkey = \"field 1\"\n",
     "system.toml:9:1: key is what is hashed; expected it with spread = \"hash\""},
    {"spread = \"hsh\"\nkey = \"field 1\"\n",
     "system.toml:8:10: spread = \"hsh\" is unknown; expected one of round-robin, least-loaded, hash; did you mean \"hash\"?"},
    {"spread = \"hash\"\nseparator = \",\"\n",
     "system.toml:9:1: separator is between fields; expected it with key = \"field 1\""},
    {"spread = \"hash\"\nkey = \"/id\"\nseparator = \",\"\n",
     "system.toml:10:1: separator is between fields; expected it with key = \"field 1\""},
    {"spread = \"hash\"\nkey = \"field x\"\nseparator = \"\"\n",
     "system.toml:9:7: key = \"field x\" is no part of a line; expected \"field 1\" to \"field 10000\", or a JSON pointer, as "
     "in "
     "\"/customer/id\"\n"
     "system.toml:10:13: separator = \"\" separates nothing; expected 1 to 64 bytes without a line end, as in \",\""},
};

class BadLineKey : public testing::TestWithParam<BadSystemText> {};

TEST_P(BadLineKey, is_refused_with_place_and_remedy) {
  const std::string before =
      "[[actor]]\naddress = \"demo/a/1\"\ncomponent = \"./a\"\n[[gateway]]\nkind = \"lines\"\npath = \"-\"\nto = "
      "\"demo/a/1\"\n";
  EXPECT_EQ(system_problems(before + std::string(GetParam().text)), GetParam().problems);
}
INSTANTIATE_TEST_SUITE_P(Cases, BadLineKey, testing::ValuesIn(kBadLineKeys));

constexpr BadSystemText kBadGateways[] = {
    {"[[actor]]\naddress = \"demo/a/1\"\ncomponent = \"./a\"\n[[gateway]]\nkind = \"lines\"\npath = \"-\"\nto = "
     "\"demo/a/1\"\n[[gateway]]\nkind = \"lines\"\npath = \"-\"\nto = \"demo/a/1\"\n",
     "system.toml:10:8: standard input is read by the gateway at system.toml:6:8; expected one gateway with path = \"-\""},
    {"[[gateway]]\nkind = \"stdout\"\nkey = \"field 1\"\n",
     "system.toml:3:1: key does not go with a gateway that prints what it is sent; expected a [[grant]] to "
     "airssys/standard-output/* instead"},
    {"[[gateway]]\n", "system.toml:1:1: missing key \"kind\" in [[gateway]]; expected lines or standard-output"},
    {"[[gateway]]\nkind = \"line\"\n",
     "system.toml:2:8: kind = \"line\" is unknown; expected one of lines, standard-output, stdout; did you mean \"lines\"?"},
    {"[[gateway]]\nkind = \"lines\"\n",
     "system.toml:1:1: missing key \"path\" in [[gateway]]; expected the path of a text file, - for standard input\n"
     "system.toml:1:1: missing key \"to\" in [[gateway]]; expected an address pattern, as in \"demo/split/*\""},
    {"[[actor]]\naddress = \"demo/split/1\"\ncomponent = \"./c\"\n[[gateway]]\nkind = \"lines\"\npath = \"-\"\nto = "
     "\"demo/splitt/*\"\n",
     "system.toml:7:6: to = \"demo/splitt/*\" covers no actor of this system; expected the address of an [[actor]], or a "
     "pattern of "
     "some; did you mean \"demo/split/1\"?"},
    {"[[gateway]]\nkind = \"stdout\"\nto = \"demo/split/*\"\n",
     "system.toml:3:1: to does not go with a gateway that prints what it is sent; expected a [[grant]] to "
     "airssys/standard-output/* instead"},
    {"[[subscription]]\ntopic = \"words\"\nactor = \"demo/x/*\"\n",
     "system.toml:3:9: actor = \"demo/x/*\" covers no actor of this system; expected the address of an [[actor]], or a pattern "
     "of some"},
    {"[[subscription]]\n",
     "system.toml:1:1: missing key \"topic\" in [[subscription]]; expected a topic pattern, as in \"words.#\"\n"
     "system.toml:1:1: missing key \"actor\" in [[subscription]]; expected an address pattern, as in \"demo/report/*\""},
};
INSTANTIATE_TEST_SUITE_P(Gateways, BadSystemFile, testing::ValuesIn(kBadGateways));

// Each has one cause, and says it once.
constexpr BadSystemText kFollowers[] = {
    {"[[supervisor]]\nname = \"Pipe Line\"\n[[actor]]\naddress = \"demo/c/1\"\ncomponent = \"./c\"\nsupervisor = \"Pipe "
     "Line\"\n",
     "system.toml:2:8: name = \"Pipe Line\" is no name; expected lower-case letters, digits and single hyphens, at most 64"},
    {"[[supervisr]]\nname = \"a\"\n[[actor]]\naddress = \"demo/c/1\"\ncomponent = \"./c\"\nsupervisor = \"a\"\n",
     "system.toml:1:3: unknown key \"supervisr\" in the file; did you mean \"supervisor\"?"},
    {"[[supervisor]]\nname = \"a\"\nbackoff = \"20s\"\nbackoff_max = \"1x\"\n",
     "system.toml:4:15: backoff_max = \"1x\" is no time; expected a whole number and ms, s, m or h, as in \"250ms\""},
    {"[[actor]]\naddress = \"demo/C/1\"\ncomponent = \"./c\"\nidle = \"1m\"\n[[gateway]]\nkind = \"lines\"\npath = "
     "\"-\"\nto = \"demo/C/1\"\n[[subscription]]\ntopic = \"a\"\nactor = \"demo/c/*\"\n",
     "system.toml:2:11: address = \"demo/C/1\" is no address: segment 2 has \"C\" at its position 1; expected "
     "namespace/name/instance, each of a-z 0-9 - _\n"
     "system.toml:8:6: to = \"demo/C/1\" is no address pattern: segment 2 has \"C\" at its position 1; expected three segments "
     "of a-z 0-9 - _, each of which may be or end in *"},
    {"[[actor]]\nadress = \"demo/c/1\"\ncomponent = \"./c\"\n[[gateway]]\nkind = \"lines\"\npath = \"-\"\nto = "
     "\"demo/c/1\"\n",
     "system.toml:2:1: unknown key \"adress\" in [[actor]]; did you mean \"address\"?"},
    {"[[actor]]\naddress = \"demo/c/1\"\ncomponent = \"./c\"\ninstances = \"4\"\n[[gateway]]\nkind = \"lines\"\npath = "
     "\"-\"\nto = \"demo/c/3\"\n",
     "system.toml:4:13: instances is a string; expected a whole number from 1 to 100000"},
    {"[[actor]]\naddress = \"demo/c/7\"\ncomponent = \"./c\"\ninstances = 2\n[[actor]]\naddress = \"demo/c/8\"\ncomponent = "
     "\"./c\"\n",
     "system.toml:4:1: instances does not go with the address \"demo/c/7\"; expected an address that ends in /1"},
    {"include = [\"no/such.toml\"]\n[[gateway]]\nkind = \"lines\"\npath = \"-\"\nto = \"demo/c/3\"\n",
     "system.toml:1:12: include = \"no/such.toml\": no/such.toml: cannot be read: No such file or directory"},
    {"actor = 1\n[[subscription]]\ntopic = \"a\"\nactor = \"demo/c/*\"\n",
     "system.toml:1:9: actor is a whole number; expected [[actor]]"},
    {"[[gateway]]\nknd = \"lines\"\npath = \"-\"\nto = \"demo/c/3\"\n",
     "system.toml:2:1: unknown key \"knd\" in [[gateway]]; did you mean \"kind\"?"},
};
INSTANTIATE_TEST_SUITE_P(Followers, BadSystemFile, testing::ValuesIn(kFollowers));

TEST(SystemFile, still_says_everything_that_has_a_cause_of_its_own) {
  EXPECT_EQ(
      system_problems("[[actor]]\naddress = \"demo/c/1\"\ncomponent = \"counter\"\nsupervisor = \"a\"\n"
                      "[[gateway]]\nkind = \"lines\"\npath = \"-\"\nto = \"demo/d/3\"\n"),
      "system.toml:3:13: component = \"counter\" is no component; expected a path that begins with ./, ../ or / or ends in "
      ".wasm, or name@version; did you mean \"./counter\"?\n"
      "system.toml:4:14: demo/c/1 names the supervisor \"a\", and there is none; expected a [[supervisor]] with name = "
      "\"a\"\n"
      "system.toml:8:6: to = \"demo/d/3\" covers no actor of this system; expected the address of an [[actor]], or a "
      "pattern of some; did you mean \"demo/c/1\"?");
}

TEST(SystemFile, lets_a_gateway_print_what_another_reads) {
  EXPECT_EQ(system_problems("[[gateway]]\nkind = \"lines\"\npath = \"-\"\nto = \"airssys/standard-output/1\"\n"
                            "[[gateway]]\nkind = \"stdout\"\n"),
            "none");
}

TEST(SystemFile, reports_all_problems_in_the_order_of_the_file) {
  EXPECT_EQ(
      system_problems("[system]\nnam = 1\n[[grant]]\nfrom = 7\nto = \"a/b/1\"\nallow = [\"send\"]\n[defaults]\nslice = 3\n"),
      "system.toml:2:1: unknown key \"nam\" in [system]; did you mean \"name\"?\n"
      "system.toml:4:8: from is a whole number; expected an address pattern as a string\n"
      "system.toml:8:9: slice is a whole number; expected a time as a string, as in \"250ms\"");
}

TEST(SystemFile, lets_a_gateway_reach_any_instance_and_any_template) {
  const std::string actors =
      "[[actor]]\naddress = \"demo/c/1\"\ncomponent = \"./c\"\ninstances = 4\n"
      "[[actor]]\naddress = \"bank/account/*\"\ncomponent = \"./c\"\n[[gateway]]\nkind = \"lines\"\npath = \"-\"\nto = ";
  for (const char* to : {"\"demo/c/4\"", "\"demo/*/*\"", "\"bank/account/alice\"", "\"bank/acc*/*\""}) {
    EXPECT_EQ(system_problems(actors + to), "none") << to;
  }
  for (const char* to : {"\"demo/c/5\"", "\"bank/branch/1\"", "\"bank/b*/*\""})
    EXPECT_NE(system_problems(actors + to), "none") << to;
}

TEST(Actor, is_covered_by_a_pattern_that_one_of_its_instances_matches) {
  const ActorEntry many = parsed_system("[[actor]]\naddress = \"a/b/1\"\ncomponent = \"./c\"\ninstances = 120\n").actors.at(0);
  for (const char* text : {"a/b/1", "a/b/120", "a/b/*", "*/b*/*", "a/b/1*", "a/b/12*", "a/b/99*", "*/*/7"}) {
    const auto pattern = core::AddressPattern::parse(text).value();
    EXPECT_TRUE(many.is_covered_by(pattern)) << text;
    EXPECT_TRUE(std::ranges::any_of(many.addresses(), [&](const auto& one) { return pattern.matches(one); })) << text;
  }
  for (const char* text : {"a/b/0", "a/b/121", "a/b/01", "a/b/0*", "a/b/x", "a/b/x*", "a/b/13x*", "a/b/121*", "a/c/*",
                           "a/b/99999999999999999999"}) {
    const auto pattern = core::AddressPattern::parse(text).value();
    EXPECT_FALSE(many.is_covered_by(pattern)) << text;
    EXPECT_FALSE(std::ranges::any_of(many.addresses(), [&](const auto& one) { return pattern.matches(one); })) << text;
  }
}

TEST(Actor, is_fast_without_a_word_and_a_template_is_dense) {
  const SystemFile system = parsed_system(
      "[[actor]]\naddress = \"demo/a/1\"\ncomponent = \"./a\"\n"
      "[[actor]]\naddress = \"demo/b/*\"\ncomponent = \"./b\"\n"
      "[[actor]]\naddress = \"demo/c/*\"\ncomponent = \"./c\"\nprofile = \"fast\"\n");
  ASSERT_EQ(system.actors.size(), 3U);
  EXPECT_EQ(system.actors[0].profile, core::Profile::fast);
  EXPECT_EQ(system.actors[1].profile, core::Profile::dense);
  EXPECT_EQ(system.actors[2].profile, core::Profile::fast);
}

TEST(Unsupported, lists_what_this_version_does_not_serve) {
  const SystemFile system = parsed_system(R"([defaults]
reserve = "1MiB"
[system]
memory_budget = "1GiB"
[[supervisor]]
name = "a"
strategy = "one_for_all"
[[actor]]
address = "demo/a/1"
component = "a@1.0.0"
durable = true
secrets = { k = { env = "K" } }
limits = { storage = "1MiB" }
[[actor]]
address = "demo/b/*"
component = "./b"
[[grant]]
from = "demo/a/1"
topic = "words.#"
allow = ["publish"]
[[grant]]
from = "demo/a/1"
to = "demo/b/*"
allow = ["send", "find"]
[[subscription]]
topic = "words.#"
actor = "demo/a/1"
)");
  EXPECT_EQ(
      to_string(unsupported(system)),
      "system.toml:4:1: memory_budget is not served by this version of airssys: remove it, and bound each actor's memory by "
      "its "
      "limits\n"
      "system.toml:2:1: the limit reserve is not served by this version of airssys: remove it\n"
      "system.toml:7:1: strategy = \"one_for_all\" is not served by this version of airssys: use \"one_for_one\"\n"
      "system.toml:10:1: a component of the store is not served by this version of airssys: give the path of its folder or "
      ".wasm\n"
      "system.toml:11:1: durable = true is not served by this version of airssys: remove it; the actor is volatile then\n"
      "system.toml:12:1: secrets are not served by this version of airssys: remove them\n"
      "system.toml:13:12: the limit storage is not served by this version of airssys: remove it\n"
      "system.toml:15:1: the template demo/b/* is not served by this version of airssys: name its actors one by one, or use "
      "instances\n"
      "system.toml:24:18: the verb find is not served by this version of airssys: remove it from allow");
}

TEST(Unsupported, is_empty_for_what_is_served) {
  EXPECT_THAT(unsupported(parsed_system(
                  "[[actor]]\naddress = \"a/b/1\"\ncomponent = \"./c\"\ndurable = false\nlimits = { memory = \"4MiB\" }\n"
                  "[[grant]]\nfrom = \"a/b/1\"\nto = \"a/b/1\"\nallow = [\"send\", \"request\"]\n")),
              IsEmpty());
}

ComponentManifest component_with(LimitsPatch limits) {
  return {.name = "counter", .limits = std::move(limits)};
}

TEST(ResolvedLimits, go_from_the_product_to_the_file_to_the_component_to_the_actor) {
  const SystemFile system = parsed_system(
      "[defaults]\nmailbox_messages = 10\nmemory = \"8MiB\"\n[[actor]]\naddress = \"a/b/1\"\n"
      "component = \"./c\"\nlimits = { turn_cpu = \"2s\" }\n");
  const auto limits = resolve_limits(system, system.actors.at(0), component_with({.memory = 2_MiB, .turn_cpu = 1s}));
  ASSERT_TRUE(limits) << to_string(limits.error());
  core::Limits expected;
  expected.mailbox_messages = 10;
  expected.memory = 2_MiB;
  expected.turn_cpu = 2s;
  EXPECT_EQ(*limits, expected);
}

TEST(ResolvedLimits, never_give_less_than_the_component_needs_in_silence) {
  const SystemFile system =
      parsed_system("[[actor]]\naddress = \"a/b/1\"\ncomponent = \"./c\"\nlimits = { memory = \"4MiB\" }\n");
  const auto less = resolve_limits(system, system.actors.at(0), component_with({.memory = 5_MiB, .turn_cpu = 2s}));
  ASSERT_FALSE(less);
  EXPECT_EQ(
      to_string(less.error()),
      "system.toml:4:12: a/b/1 has memory = 4MiB, and its component counter needs 5MiB; expected limits.memory of at least "
      "5MiB\n"
      "system.toml:3:1: a/b/1 has turn_cpu = 1s, and its component counter needs 2s; expected limits.turn_cpu of at least 2s");
}

TEST(ResolvedLimits, point_at_the_default_that_is_too_little) {
  const SystemFile system =
      parsed_system("[defaults]\n  memory = \"4MiB\"\n[[actor]]\naddress = \"a/b/1\"\ncomponent = \"./c\"\n");
  const auto less = resolve_limits(system, system.actors.at(0), component_with({.memory = 5_MiB}));
  ASSERT_FALSE(less);
  EXPECT_EQ(to_string(less.error()),
            "system.toml:2:3: a/b/1 has memory = 4MiB, and its component counter needs 5MiB; expected limits.memory of at "
            "least 5MiB");
  EXPECT_EQ(to_string(place_of_limit(system, system.actors.at(0), "memory")), "system.toml:2:3");
  EXPECT_EQ(to_string(place_of_limit(system, system.actors.at(0), "turn_cpu")), "system.toml:5:1");
}

/// An entry of two actors under a supervisor, one of two that is alone; both have a component with a setting.
const char* const kThreeActors =
    "[defaults]\nmailbox_messages = 10\n"
    "[[supervisor]]\nname = \"pipeline\"\nmax_restarts = 7\nwindow = \"2m\"\nbackoff = \"50ms\"\nbackoff_max = \"5s\"\n"
    "[[actor]]\naddress = \"a/b/1\"\ncomponent = \"./c\"\ninstances = 2\nsupervisor = \"pipeline\"\n"
    "config = { top = 3 }\nlimits = { memory = \"4MiB\" }\n"
    "[[actor]]\naddress = \"a/alone/1\"\ncomponent = \"./c\"\n";

ComponentManifest component_with_a_setting() {
  ComponentManifest component{.name = "counter"};
  component.config["top"] = {.type = ConfigType::integer, .default_text = "10"};
  return component;
}

TEST(ResolvedActors, are_told_what_file_supervisor_and_component_say) {
  const SystemFile system = parsed_system(kThreeActors);
  const auto actors = resolve_actors(system, system.actors.at(0), component_with_a_setting());
  ASSERT_TRUE(actors) << to_string(actors.error());
  core::Limits limits;
  limits.mailbox_messages = 10;
  limits.memory = 4_MiB;
  core::ActorSpec expected{
      .address = "a/b/1"_address,
      .limits = limits,
      .config = {{"top", "3"}},
      .restart = core::RestartPolicy{.max_restarts = 7, .window = 2min, .backoff = 50ms, .backoff_max = 5s},
      .supervisor = "pipeline"};
  ASSERT_EQ(actors->size(), 2U);
  EXPECT_EQ(actors->at(0), expected);
  expected.address = "a/b/2"_address;
  EXPECT_EQ(actors->at(1), expected);
}

TEST(ResolvedActors, without_a_supervisor_leave_restarts_to_the_system) {
  const SystemFile system = parsed_system(kThreeActors);
  const auto alone = resolve_actors(system, system.actors.at(1), component_with_a_setting());
  ASSERT_TRUE(alone) << to_string(alone.error());
  ASSERT_EQ(alone->size(), 1U);
  EXPECT_EQ(alone->at(0).restart, std::nullopt);
  EXPECT_EQ(alone->at(0).supervisor, "");
  EXPECT_EQ(alone->at(0).config, (core::ConfigValues{{"top", "10"}}));
}

TEST(ResolvedActors, say_all_that_does_not_fit) {
  const SystemFile system = parsed_system(
      "[[actor]]\naddress = \"a/b/1\"\ncomponent = \"./c\"\nconfig = { top = \"x\" }\nlimits = { memory = \"1MiB\" }\n");
  ComponentManifest component = component_with_a_setting();
  component.limits.memory = 5_MiB;
  const auto actors = resolve_actors(system, system.actors.at(0), component);
  ASSERT_FALSE(actors);
  EXPECT_EQ(actors.error().size(), 2U) << to_string(actors.error());
}

TEST(ResolvedActors, of_a_template_are_none_yet) {
  const SystemFile system = parsed_system("[[actor]]\naddress = \"bank/account/*\"\ncomponent = \"./c\"\n");
  const auto actors = resolve_actors(system, system.actors.at(0), component_with_a_setting());
  ASSERT_TRUE(actors) << to_string(actors.error());
  EXPECT_TRUE(actors->empty());
}

TEST(LimitsPatch, leaves_alone_what_it_does_not_name) {
  EXPECT_EQ(apply({}, core::Limits{}), core::Limits{});
  const LimitsPatch merged = merge({.memory = 1_MiB, .slice = 5ms}, {.memory = 2_MiB});
  EXPECT_EQ(merged.memory, 2_MiB);
  EXPECT_EQ(merged.slice, 5ms);
  EXPECT_EQ(merged.timers, std::nullopt);
}

// Each key of the format reaches its own member and no other.
TEST(LimitsPatch, reads_every_key_into_its_member) {
  const SystemFile system = parsed_system(R"([defaults]
memory = "1MiB"
reserve = "2MiB"
table_elements = 3
turn_cpu = "4ms"
turn_wall = "5ms"
slice = "6ms"
mailbox_messages = 7
mailbox_bytes = "8B"
body_bytes = "9B"
reply_bytes = "10B"
requests = 11
deferred = 12
timers = 13
subscriptions = 14
turn_effects = 15
turn_bytes = "16B"
log_rate = "17/s"
storage = "18B"
storage_rate = "19B/s"
value_bytes = "20B"
)");
  LimitsPatch expected{.memory = 1_MiB,
                       .reserve = 2_MiB,
                       .table_elements = 3,
                       .turn_cpu = 4ms,
                       .turn_wall = 5ms,
                       .slice = 6ms,
                       .mailbox_messages = 7,
                       .mailbox_bytes = 8,
                       .body_bytes = 9,
                       .reply_bytes = 10,
                       .requests = 11,
                       .deferred = 12,
                       .timers = 13,
                       .subscriptions = 14,
                       .turn_effects = 15,
                       .turn_bytes = 16,
                       .log_rate = 17,
                       .storage = 18,
                       .storage_rate = 19,
                       .value_bytes = 20};
  expected.places = system.defaults.places;
  EXPECT_EQ(system.defaults, expected);
  EXPECT_EQ(expected.places.size(), 20U);
  const core::Limits limits = apply(system.defaults, core::Limits{});
  EXPECT_EQ(limits, (core::Limits{.memory = 1_MiB,
                                  .table_elements = 3,
                                  .turn_cpu = 4ms,
                                  .turn_wall = 5ms,
                                  .slice = 6ms,
                                  .mailbox_messages = 7,
                                  .mailbox_bytes = 8,
                                  .body_bytes = 9,
                                  .reply_bytes = 10,
                                  .requests = 11,
                                  .deferred = 12,
                                  .timers = 13,
                                  .subscriptions = 14,
                                  .turn_effects = 15,
                                  .turn_bytes = 16,
                                  .log_rate = 17}));
}

}  // namespace
}  // namespace airssys::config
