#include "airssys/config/component_manifest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>

#include "testing/folder.hpp"

namespace airssys::config {
namespace {

using namespace airssys::literals;
using config_testing::Folder;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kHead = "[component]\nname = \"counter\"\nversion = \"1.2.0\"\n";

std::string manifest_problems(std::string_view text) {
  const auto manifest = parse_component_manifest(text, "component.toml");
  return manifest ? "none" : to_string(manifest.error());
}

ComponentManifest parsed_manifest(std::string_view text, const std::string& name = "component.toml") {
  auto manifest = parse_component_manifest(text, name);
  if (manifest) return *manifest;
  ADD_FAILURE() << to_string(manifest.error());
  return {.name = {}};
}

TEST(ComponentManifest, reads_everything_the_format_has) {
  const ComponentManifest manifest = parsed_manifest(R"([component]
name = "word-counter"
version = "1.2.0-rc.1"
description = "Counts words"
wasm = "build/counter.wasm"
accepts = ["json", "raw", "0x1234"]
[config.top]
type = "integer"
default = 10
min = 1
max = 100
description = "How many"
[config.title]
type = "string"
[wants]
send = ["demo/report/*"]
request = ["demo/store/1"]
publish = ["words.#"]
subscribe = ["words.*"]
find = ["demo/*/*"]
storage = "1MiB"
secrets = ["api-key"]
[limits]
memory = "2MiB"
)",
                                                     "guests/component.toml");
  EXPECT_EQ(manifest.name, "word-counter");
  EXPECT_EQ(manifest.version, "1.2.0-rc.1");
  EXPECT_EQ(manifest.description, "Counts words");
  EXPECT_EQ(manifest.wasm, "guests/build/counter.wasm");
  EXPECT_THAT(manifest.accepts, ElementsAre(core::Codec::json, core::Codec::raw, core::Codec{0x1234}));
  const ConfigKey& top = manifest.config.at("top");
  EXPECT_EQ(top.type, ConfigType::integer);
  EXPECT_EQ(top.default_text, "10");
  EXPECT_EQ(top.min, 1);
  EXPECT_EQ(top.max, 100);
  EXPECT_EQ(top.description, "How many");
  EXPECT_EQ(manifest.config.at("title").default_text, std::nullopt);
  using AddressWanted = Wanted<core::AddressPattern>;
  EXPECT_TRUE(manifest.wants.stated);
  EXPECT_THAT(manifest.wants.send, ElementsAre(AddressWanted{"demo/report/*"_pattern, {"guests/component.toml", 16, 9}}));
  EXPECT_THAT(manifest.wants.request, ElementsAre(AddressWanted{"demo/store/1"_pattern, {"guests/component.toml", 17, 12}}));
  EXPECT_EQ(manifest.wants.publish.at(0).pattern.text(), "words.#");
  EXPECT_EQ(manifest.wants.subscribe.at(0).pattern.text(), "words.*");
  EXPECT_THAT(manifest.wants.find, ElementsAre(AddressWanted{"demo/*/*"_pattern, {"guests/component.toml", 20, 9}}));
  EXPECT_EQ(manifest.wants.storage, 1_MiB);
  EXPECT_THAT(manifest.wants.secrets, ElementsAre("api-key"));
  EXPECT_EQ(manifest.limits.memory, 2_MiB);
  EXPECT_FALSE(manifest.any_config);
}

TEST(ComponentManifest, needs_only_a_name_and_a_version) {
  const ComponentManifest manifest = parsed_manifest(kHead);
  EXPECT_EQ(manifest.wasm, "counter.wasm");
  EXPECT_THAT(manifest.accepts, IsEmpty());
  EXPECT_FALSE(manifest.wants.stated);
  EXPECT_THAT(unsupported(manifest), IsEmpty());
}

struct BadManifestText {
  std::string_view text;  ///< After the head, from line 4.
  std::string_view problems;

  friend void PrintTo(const BadManifestText& bad, std::ostream* out) { *out << bad.text; }
};

class BadManifest : public testing::TestWithParam<BadManifestText> {};

TEST_P(BadManifest, is_refused_with_place_and_remedy) {
  EXPECT_EQ(manifest_problems(std::string(kHead) + std::string(GetParam().text)), GetParam().problems);
}

constexpr BadManifestText kBad[] = {
    {"wasm = \"counter.wat\"", "component.toml:4:8: wasm = \"counter.wat\" is no component; expected the path of a .wasm file"},
    {"accepts = [\"jsn\"]", "component.toml:4:12: accepts = \"jsn\" is no codec; did you mean \"json\"?"},
    {"accepts = [\"mime\"]",
     "component.toml:4:12: accepts = \"mime\" is no codec; expected a multicodec number as in \"0x51\", or one of identity, "
     "protobuf, cbor, raw, rlp, bencode, dag-pb, dag-cbor, dag-jose, dag-cose, dag-json, json, messagepack, car, ssz, "
     "json-jcs, "
     "text, csv, json-lines, xml, yaml, toml, avro, flatbuffers, capnproto, thrift, borsh, bincode, postcard, arrow-ipc, "
     "parquet, bson"},
    {"versoin = 1", "component.toml:4:1: unknown key \"versoin\" in [component]; did you mean \"version\"?"},
    {"[want]", "component.toml:4:2: unknown key \"want\" in the file; did you mean \"wants\"?"},
    {"[wants]\nsend = \"demo/a/1\"", "component.toml:5:8: send is a string; expected an array of address patterns"},
    {"[wants]\nsend = [\"demo/a\"]",
     "component.toml:5:9: send = \"demo/a\" is no address pattern: it has 2 segments; expected three segments of a-z 0-9 - _, "
     "each "
     "of which may be or end in *"},
    {"[wants]\nsends = []", "component.toml:5:1: unknown key \"sends\" in [wants]; did you mean \"send\"?"},
    {"[config]\ntop = 10",
     "component.toml:5:7: config.top is a whole number; expected a table, as in [config.top] with type = \"integer\""},
    {"[config.top]",
     "component.toml:4:1: missing key \"type\" in [config.top]; expected one of string, integer, float, boolean, array"},
    {"[config.top]\ntype = \"int\"",
     "component.toml:5:8: type = \"int\" is unknown; expected one of string, integer, float, boolean, array"},
    {"[config.top]\ntype = \"integer\"\ndefault = \"ten\"",
     "component.toml:6:11: the default does not fit: config.top is a string; expected a whole number"},
    {"[config.top]\ntype = \"integer\"\ndefault = 0\nmin = 1",
     "component.toml:6:11: the default does not fit: config.top = 0 is out of range; expected a whole number of at least 1"},
    {"[config.top]\ntype = \"string\"\nmin = 1",
     "component.toml:6:1: min does not go with type = \"string\"; expected it with integer and float only"},
    {"[config.top]\ntype = \"float\"\nmin = 2\nmax = 1.5", "component.toml:6:1: min = 2 is more than max = 1.5"},
    // What only follows from another problem is left out.
    {"[config.top]\ntype = \"float\"\nmin = 2\nmax = 1\ndefault = 3", "component.toml:6:1: min = 2 is more than max = 1"},
    {"[config.top]\ntype = \"string\"\nmin = 1\ndefault = \"a\"",
     "component.toml:6:1: min does not go with type = \"string\"; expected it with integer and float only"},
    {"[config.top]\ntpye = \"integer\"", "component.toml:5:1: unknown key \"tpye\" in [config.top]; did you mean \"type\"?"},
    {"[limits]\nmemory = \"2MB\"",
     "component.toml:5:10: memory = \"2MB\" is no size; expected a whole number and B, KiB, MiB or GiB, as in \"16MiB\""},
};
INSTANTIATE_TEST_SUITE_P(Cases, BadManifest, testing::ValuesIn(kBad));

TEST(ComponentManifest, says_of_a_misspelt_key_that_and_not_that_the_right_one_is_missing) {
  EXPECT_EQ(manifest_problems("[componnet]\nname = \"a\"\nversion = \"1.0.0\"\n"),
            "component.toml:1:2: unknown key \"componnet\" in the file; did you mean \"component\"?");
  EXPECT_EQ(manifest_problems("[component]\nnmae = \"a\"\nversion = \"1.0.0\"\n"),
            "component.toml:2:1: unknown key \"nmae\" in [component]; did you mean \"name\"?");
}

TEST(ComponentManifest, must_say_which_component_it_is) {
  EXPECT_EQ(manifest_problems(""), "component.toml: missing table [component]; expected it with name and version");
  EXPECT_EQ(manifest_problems("[component]\n"),
            "component.toml:1:1: missing key \"name\" in [component]; expected a name, as in \"counter\"\n"
            "component.toml:1:1: missing key \"version\" in [component]; expected a version, as in \"1.2.0\"");
}

TEST(ComponentManifest, takes_names_of_lower_case_letters_digits_and_single_hyphens) {
  const auto is_name = [](const std::string& name) {
    return manifest_problems("[component]\nname = \"" + name + "\"\nversion = \"1.0.0\"\n") == "none";
  };
  for (const char* name : {"a", "counter", "word-counter-2", "0"}) EXPECT_TRUE(is_name(name)) << name;
  for (const char* name : {"", "-a", "a-", "a--b", "A", "a_b", "a b", "a/b", "a.b"}) EXPECT_FALSE(is_name(name)) << name;
  EXPECT_TRUE(is_name(std::string(64, 'a')));
  EXPECT_FALSE(is_name(std::string(65, 'a')));
}

TEST(ComponentManifest, takes_semantic_versions) {
  const auto is_version = [](const std::string& version) {
    return manifest_problems("[component]\nname = \"a\"\nversion = \"" + version + "\"\n") == "none";
  };
  for (const char* version : {"0.0.0", "1.2.3", "10.20.30", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-0.3.7", "1.0.0-x-y-z.-",
                              "1.0.0+20130313", "1.0.0-beta+exp.sha.5114f85", "1.0.0+21AF26D3---117B344092BD", "1.0.0+001"}) {
    EXPECT_TRUE(is_version(version)) << version;
  }
  for (const char* version : {"", "1", "1.2", "1.2.3.4", "01.2.3", "1.02.3", "1.2.03", "v1.2.3", "1.2.3-", "1.2.3-a..b",
                              "1.2.3-01", "1.2.3+", "1.2.3+a+b", "1.2.3-a_b", "1.2.3 ", "-1.2.3", "1..3", "1.2.3-a."}) {
    EXPECT_FALSE(is_version(version)) << version;
  }
}

TEST(Unsupported, lists_what_a_component_asks_in_vain) {
  EXPECT_EQ(to_string(unsupported(parsed_manifest(
                std::string(kHead) + "[wants]\nstorage = \"1MiB\"\nsecrets = [\"a\"]\n[limits]\nreserve = \"1MiB\""))),
            "component.toml:5:1: storage is not served by this version of airssys: use a component that does without it\n"
            "component.toml:6:1: secrets are not served by this version of airssys: use a component that does without them\n"
            "component.toml:8:1: the limit reserve is not served by this version of airssys: remove it");
}

ConfigValue value(ConfigType type, std::string text) {
  return {.type = type, .text = std::move(text), .place = {"system.toml", 3, 9}};
}

const Place kActor{"system.toml", 1, 1};

TEST(ResolvedConfig, adds_the_defaults_of_the_component) {
  const ComponentManifest manifest = parsed_manifest(
      std::string(kHead) + "[config.top]\ntype = \"integer\"\ndefault = 10\n[config.ratio]\ntype = \"float\"\n");
  const auto config = resolve_config(manifest, {{"ratio", value(ConfigType::integer, "2")}}, kActor);
  ASSERT_TRUE(config) << to_string(config.error());
  EXPECT_EQ(config->at("top").text, "10");
  EXPECT_EQ(config->at("ratio").text, "2") << "a whole number is a number too";
}

TEST(ResolvedConfig, refuses_what_the_component_does_not_know_or_take) {
  const ComponentManifest manifest =
      parsed_manifest(std::string(kHead) +
                      "[config.top]\ntype = \"integer\"\nmin = 1\nmax = 9\n[config.title]\ntype = \"string\"\n"
                      "[config.ratio]\ntype = \"float\"\nmin = 0\nmax = 1\ndefault = 0.5\n");
  const auto config = resolve_config(manifest,
                                     {{"tops", value(ConfigType::integer, "1")},
                                      {"top", value(ConfigType::integer, "10")},
                                      {"ratio", value(ConfigType::floating, "nan")}},
                                     kActor);
  ASSERT_FALSE(config);
  EXPECT_EQ(to_string(config.error()),
            "system.toml:3:9: config.ratio = nan is out of range; expected a number from 0 to 1\n"
            "system.toml:3:9: config.top = 10 is out of range; expected a whole number from 1 to 9\n"
            "system.toml:3:9: the component counter has no setting \"tops\"; expected one of ratio, title, top; did you mean "
            "\"top\"?\n"
            "system.toml:1:1: the component counter needs the setting config.title; expected a string");
}

TEST(LoadedComponent, is_found_by_folder_by_manifest_and_by_wasm) {
  const Folder folder;
  folder.write("component.toml", kHead);
  for (const std::filesystem::path& path : {folder.path(), folder.path() / "component.toml", folder.path() / "counter.wasm"}) {
    const auto component = load_component(path);
    ASSERT_TRUE(component) << path << to_string(component.error());
    EXPECT_EQ(component->name, "counter") << path;
    EXPECT_EQ(component->wasm, folder.path() / "counter.wasm") << path;
    EXPECT_FALSE(component->any_config) << path;
  }
}

TEST(LoadedComponent, without_a_manifest_is_named_by_its_file_and_takes_strings) {
  const Folder folder;
  const auto component = load_component(folder.path() / "echo.wasm");
  ASSERT_TRUE(component);
  EXPECT_EQ(component->name, "echo");
  EXPECT_TRUE(component->any_config);
  EXPECT_TRUE(resolve_config(*component, {{"anything", value(ConfigType::string, "x")}}, kActor));
  const auto config = resolve_config(*component, {{"top", value(ConfigType::integer, "1")}}, kActor);
  ASSERT_FALSE(config);
  EXPECT_EQ(
      to_string(config.error()),
      "system.toml:3:9: config.top is a whole number, and echo.wasm has no manifest that would say so; expected a string");
}

TEST(LoadedComponent, does_not_take_the_manifest_of_another_wasm) {
  const Folder folder;
  folder.write("component.toml", kHead);
  const auto component = load_component(folder.path() / "other.wasm");
  ASSERT_TRUE(component);
  EXPECT_EQ(component->name, "other");
}

TEST(LoadedComponent, says_what_is_missing) {
  const Folder folder;
  const auto component = load_component(folder.path());
  ASSERT_FALSE(component);
  EXPECT_EQ(to_string(component.error()),
            (folder.path() / "component.toml").string() + ": cannot be read: No such file or directory");
}

}  // namespace
}  // namespace airssys::config
