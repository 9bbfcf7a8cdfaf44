#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/captured.hpp"

namespace airssys::cli {
namespace {

using cli::testing::airssys;
using cli::testing::Captured;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

struct Misuse {
  std::vector<std::string> arguments;
  std::string said;
};

class Usage : public ::testing::TestWithParam<Misuse> {};

TEST_P(Usage, is_refused_with_what_was_probably_meant) {
  const Captured refused = airssys(GetParam().arguments);
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.out, IsEmpty());
  EXPECT_EQ(refused.err, "airssys: " + GetParam().said + "\n");
}

INSTANTIATE_TEST_SUITE_P(
    Wrong, Usage,
    ::testing::Values(
        Misuse{{},
               "`airssys` needs a command: run, check, send, request, list, info, stop, restart, remove, trace, dead, build, "
               "crash; see `airssys "
               "--help`"},
        Misuse{{"lst"}, "unknown command \"lst\"; did you mean \"list\"?; see `airssys --help`"},
        Misuse{{"frobnicate"}, "unknown command \"frobnicate\"; see `airssys --help`"},
        Misuse{{"ru\x1b[2J"}, "unknown command \"ru\\x1b[2J\"; see `airssys --help`"},
        Misuse{{"--otput", "json", "list"},
               "unknown option \"--otput\" of `airssys list`; did you mean \"--output\"?; see `airssys list --help`"},
        Misuse{
            {"request", "demo/a/1", "x", "--timout=2s"},
            "unknown option \"--timout=2s\" of `airssys request`; did you mean \"--timeout\"?; see `airssys request --help`"},
        Misuse{{"list", "demo/*/*", "surplus"}, "unexpected argument \"surplus\" of `airssys list`; see `airssys list --help`"},
        Misuse{{"list", "demo"},
               "\"demo\" is no address pattern: it has 1 segment; expected three segments of a-z 0-9 - _, each of which may be "
               "or end in *"},
        Misuse{{"trace"}, "which trace? an ID, as `airssys trace list` shows; see `airssys trace --help`"},
        Misuse{{"restart", "demo"},
               "\"demo\" is no address: it has 1 segment; expected namespace/name/instance, each of a-z 0-9 - _"},
        Misuse{{"dead"}, "`airssys dead` needs a command: list, show, retry, drop; see `airssys dead --help`"},
        Misuse{{"dead", "retry"}, "which dead letter? a NUMBER of `airssys dead list`, or --all"},
        Misuse{{"list", "--limit", "0"}, "--limit: \"0\" is no whole number from 1 to 1000000000; see `airssys list --help`"},
        Misuse{{"list", "--limit", "-1"}, "--limit: \"-1\" is no whole number from 1 to 1000000000; see `airssys list --help`"},
        Misuse{{"list", "--limit", "1e3"},
               "--limit: \"1e3\" is no whole number from 1 to 1000000000; see `airssys list --help`"},
        Misuse{{"trace", "list", "--limit", "1001"},
               "--limit: \"1001\" is no whole number from 1 to 1000; see `airssys trace list --help`"},
        Misuse{{"run", "--workers", "257"}, "--workers: \"257\" is no whole number from 0 to 256; see `airssys run --help`"},
        Misuse{{"dead", "show", "0"},
               "NUMBER: \"0\" is no whole number from 1 to 18446744073709551615; see `airssys dead show --help`"},
        Misuse{{"dead", "retry", "99999999999999999999"},
               "NUMBER: \"99999999999999999999\" is no whole number from 1 to 18446744073709551615; see `airssys dead retry "
               "--help`"},
        Misuse{{"build", "--memory", "0B"}, "--memory: \"0B\" is not from 64MiB to 1024GiB; see `airssys build --help`"},
        Misuse{{"build", "--time", "0s"}, "--time: \"0s\" is not from 100ms to 24h; see `airssys build --help`"},
        Misuse{{"list", "--timeout", "0s"}, "--timeout: \"0s\" is not from 1ms to 24h; see `airssys list --help`"},
        Misuse{{"request", "demo/a/1", "x", "--timeout", "25h"},
               "--timeout: \"25h\" is not from 1ms to 24h; see `airssys request --help`"},
        Misuse{{"check", "a.toml", "-f", "b.toml"},
               "two system files: \"a.toml\" and -f \"b.toml\"; name one; see `airssys check --help`"},
        Misuse{{"run", "a.toml", "-f", "a.toml"},
               "two system files: \"a.toml\" and -f \"a.toml\"; name one; see `airssys run --help`"},
        Misuse{{"crash"}, "`airssys crash` needs a command: list, show; see `airssys crash --help`"},
        Misuse{{"crash", "shw"}, "unknown command \"shw\"; did you mean \"show\"?; see `airssys crash --help`"},
        Misuse{{"send", "not an address"},
               "\"not an address\" is no address: segment 1 has \" \" at its position 4; expected namespace/name/instance, "
               "each of a-z 0-9 - _"},
        Misuse{{"send", "demo/a/1", "x", "--codec", "jsn"}, "--codec: \"jsn\" is no codec; did you mean \"json\"?"},
        Misuse{{"request", "demo/a/1", "\xd5", "--codec", "multicodec"},
               "no multicodec form: the codec's number is cut off after 1 byte"}));

TEST(UsageErrors, name_the_option_whose_value_is_wrong) {
  for (const auto& arguments : std::vector<std::vector<std::string>>{{"list", "--output", "yaml"},
                                                                     {"run", "--drain", "soon"},
                                                                     {"run", "--workers", "-1"},
                                                                     {"request", "demo/a/1", "--timeout", "5"},
                                                                     {"run", "--final-request", "demo/a/1", "x"},
                                                                     {"list", "-q", "-v"},
                                                                     {"request"},
                                                                     {"send", "demo/a/1", "x", "--codec", "jsn"},
                                                                     {"send", "demo/a/1", "@/no/such/file"}}) {
    const Captured refused = airssys(arguments);
    EXPECT_EQ(refused.code, 2) << arguments.back() << refused.err;
    EXPECT_THAT(refused.err, StartsWith("airssys: "));
  }
  EXPECT_THAT(airssys({"run", "--drain", "soon"}).err, HasSubstr("--drain"));
  EXPECT_THAT(airssys({"run", "--drain", "soon"}).err, HasSubstr("soon"));
}

TEST(UsageErrors, are_json_where_json_is_asked_for) {
  EXPECT_EQ(
      airssys({"--output", "json", "lst"}).out,
      "{\"error\":{\"kind\":\"usage\",\"message\":\"unknown command \\\"lst\\\"; did you mean \\\"list\\\"?; see `airssys "
      "--help`\"},\"exit_code\":2}\n");
}

TEST(Help, of_each_command_has_an_example) {
  for (const auto& arguments : std::vector<std::vector<std::string>>{{"--help"},
                                                                     {"run", "--help"},
                                                                     {"check", "--help"},
                                                                     {"send", "--help"},
                                                                     {"request", "--help"},
                                                                     {"list", "--help"},
                                                                     {"info", "--help"},
                                                                     {"build", "--help"},
                                                                     {"crash", "--help"},
                                                                     {"crash", "list", "--help"},
                                                                     {"crash", "show", "--help"}}) {
    const Captured help = airssys(arguments);
    EXPECT_EQ(help.code, 0);
    EXPECT_THAT(help.err, IsEmpty());
    EXPECT_THAT(help.out, HasSubstr("Example:\n  airssys ")) << arguments.front();
  }
}

TEST(Help, of_request_is_whole) {
  EXPECT_EQ(airssys({"request", "--help"}).out, R"(Asks an actor of a running system and prints its bare reply
Usage: airssys request [OPTIONS] ADDRESS [DATA]

Positionals:
  ADDRESS TEXT REQUIRED       whom to
  DATA TEXT                   the body: text, @file, or - for standard input; nothing: an empty one

Options:
  -h,--help                   Print this help message and exit
  -f,--file FILE (Env:AIRSSYS_FILE)
                              the system file, or its folder (default: ./system.toml)
  --data DIR (Env:AIRSSYS_DATA)
                              the data directory, instead of the file's
  --codec TEXT=raw            how the body is encoded: raw, json, cbor ...; multicodec: it begins with its codec
  --timeout TIME=5s           how long to wait for the reply

Options of every command: --output text|json, -q,--quiet, -v,--verbose, --no-color

Example:
  airssys request demo/report/1 'top 10' --timeout 2s
)");
}

TEST(Version, is_printed) {
  EXPECT_THAT(airssys({"--version"}).out, StartsWith("airssys 0."));
}

}  // namespace
}  // namespace airssys::cli
