// What is wrong with what it is given: each has its exit code and words that say what to do. `run` refuses what `check` does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "airssys/runtime/componentizer.hpp"
#include "command.hpp"
#include "testing/guests.hpp"

namespace airssys::e2e {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

/// Both commands, on one file.
void expect_refused(const std::string& file, int code, const ::testing::Matcher<const std::string&>& words) {
  const auto checked = run({"check", file});
  EXPECT_EQ(checked.code, code);
  EXPECT_THAT(checked.err, words);
  const auto ran = run({"run", file, "--until-idle"});
  EXPECT_EQ(ran.code, code);
  EXPECT_THAT(ran.err, AllOf(words, ::testing::Not(HasSubstr("is running"))));
}

class BadComponent : public ::testing::Test {
 protected:
  void refuse(std::string_view wasm, const ::testing::Matcher<const std::string&>& words) {
    folder.write("bad.wasm", wasm);
    expect_refused(system(), 7, AllOf(HasSubstr("system.toml:3:1: "), words));
  }
  std::string system(std::string_view component = "./bad.wasm") const {
    return folder.write("system.toml", "[[actor]]\naddress = \"demo/bad/1\"\ncomponent = \"" + std::string(component) + "\"\n");
  }
  static std::string text_of(const core::Result<std::vector<std::byte>>& made) {
    EXPECT_TRUE(made) << made.error();
    return {reinterpret_cast<const char*>(made->data()), made->size()};
  }
  static std::string component(const runtime::testing::Guest& guest, std::string_view wit) {
    const auto module = runtime::wat_to_wasm(guest.text());
    EXPECT_TRUE(module) << module.error();
    return text_of(runtime::componentize(*module, wit));
  }
  static std::string bytes(std::initializer_list<int> values) {
    std::string text;
    for (const int value : values) text.push_back(static_cast<char>(value));
    return text;
  }

  Folder folder;
  const std::string preamble = bytes({0, 'a', 's', 'm', 0x0d, 0, 1, 0});
};

std::string leb(std::size_t number) {
  std::string text;
  do {
    const auto low = static_cast<char>(number & 0x7fU);
    number >>= 7U;
    text.push_back(number == 0 ? low : static_cast<char>(low | 0x80));
  } while (number != 0);
  return text;
}

TEST_F(BadComponent, that_is_missing) {
  expect_refused(system("./nothing.wasm"), 7, HasSubstr("nothing.wasm"));
}

TEST_F(BadComponent, that_is_a_folder_without_a_manifest) {
  std::filesystem::create_directory(folder / "empty");
  expect_refused(system("./empty"), 7, HasSubstr("component.toml"));
}

TEST_F(BadComponent, that_is_empty) {
  refuse("", HasSubstr("bad.wasm"));
}

TEST_F(BadComponent, that_is_no_wasm) {
  refuse("#!/bin/sh\necho hello\n", HasSubstr("bad.wasm"));
}

TEST_F(BadComponent, that_is_a_module_and_no_component) {
  refuse(bytes({0, 'a', 's', 'm', 1, 0, 0, 0}), AllOf(HasSubstr("bad.wasm"), HasSubstr("component")));
}

TEST_F(BadComponent, that_is_truncated) {
  const std::string whole = read_all(guest("echo") + "/echo.wasm");
  ASSERT_GT(whole.size(), 100U);
  for (const std::size_t size : {whole.size() - 1, whole.size() / 2, std::size_t{9}})
    refuse(whole.substr(0, size), HasSubstr("bad.wasm"));
}

TEST_F(BadComponent, that_is_oversized) {
  folder.write("bad.wasm", preamble);
  std::filesystem::resize_file(folder / "bad.wasm", (std::uintmax_t{64} << 20) + 1);
  expect_refused(system(), 7, AllOf(HasSubstr("bad.wasm"), HasSubstr("64")));
}

TEST_F(BadComponent, that_is_nested_deeply_is_refused_at_once) {
  std::string nested;
  for (int i = 0; i < 20'000; ++i) {
    nested = preamble + nested;
    if (i + 1 < 20'000) nested = "\x04" + leb(nested.size()) + nested;
  }
  const auto before = std::chrono::steady_clock::now();
  refuse(nested, AllOf(HasSubstr("bad.wasm"), HasSubstr("nest")));
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(10));
}

TEST_F(BadComponent, without_a_handler) {
  expect_refused(system(guest("no_handler")), 7, HasSubstr("handler"));
}

TEST_F(BadComponent, with_imports_that_nobody_has) {
  refuse(text_of(runtime::wat_to_wasm(R"((component (import "acme:disk/files@1.0.0" (instance (export "wipe" (func))))))")),
         HasSubstr("acme:disk/files@1.0.0"));
}

TEST_F(BadComponent, with_our_names_and_other_types) {
  std::string wit = read_all(AIRSSYS_SOURCES "/wit/airssys.wit");
  const std::string ours = "now-ms: func() -> u64";
  ASSERT_NE(wit.find(ours), std::string::npos);
  wit.replace(wit.find(ours), ours.size(), "now-ms: func() -> u32");
  const runtime::testing::Guest guest{.imports = R"((import "airssys:core/context@0.1.0" "now-ms" (func (result i32))))"};
  refuse(component(guest, wit), HasSubstr("now-ms"));
}

TEST(BadFile, is_refused_with_all_its_errors_and_their_places) {
  const Folder folder;
  const std::string file = folder.write("system.toml",
                                        "[system]\nnmae = \"demo\"\n[defaults]\nmemory = \"lots\"\n"
                                        "[[actor]]\naddress = \"demo/a\"\ncomponent = \"./a.wasm\"\n");
  expect_refused(file, 3,
                 AllOf(HasSubstr("system.toml:2:1: "), HasSubstr("did you mean \"name\"?"), HasSubstr("system.toml:4:10: "),
                       HasSubstr("system.toml:6:11: ")));
  EXPECT_THAT(run({"check", file, "--output", "json"}).out,
              AllOf(StartsWith(R"({"error":{"kind":"configuration")"), HasSubstr(R"("line":2,"column":1)")));
}

TEST(BadFile, is_missing) {
  const Folder folder;
  expect_refused((folder / "nothing.toml").string(), 3, HasSubstr("nothing.toml"));
  const auto nothing_here = run({"run"}, {.folder = folder.path()});
  EXPECT_EQ(nothing_here.code, 3);
  EXPECT_THAT(nothing_here.err, HasSubstr("system.toml"));
  EXPECT_EQ(run({"list"}, {.folder = folder.path()}).code, 3);
}

TEST(BadFile, asks_for_what_is_not_served) {
  const Folder folder;
  expect_refused(folder.write("system.toml",
                              "[[actor]]\naddress = \"demo/echo/1\"\ncomponent = \"" + guest("echo") + "\"\ndurable = true\n"),
                 3, HasSubstr("system.toml:4:"));
}

TEST(BadFile, has_a_manifest_that_is_wrong) {
  const Folder folder;
  folder.write("a/component.toml", "[component]\nname = \"Not A Name\"\nversion = \"1\"\n");
  expect_refused(folder.write("system.toml", "[[actor]]\naddress = \"demo/a/1\"\ncomponent = \"./a\"\n"), 7,
                 HasSubstr("component.toml:2:"));
}

TEST(BadFile, has_a_gateway_that_leads_nowhere) {
  const Folder folder;
  expect_refused(folder.write("system.toml",
                              system_of({"echo"}) + "[[gateway]]\nkind = \"lines\"\npath = \"-\"\nto = \"demo/nobody/1\"\n"),
                 3, HasSubstr("demo/nobody/1"));
}

TEST(BadUsage, names_what_was_probably_meant) {
  const auto command = run({"rnu"});
  EXPECT_EQ(command.code, 2);
  EXPECT_THAT(command.out, IsEmpty());
  EXPECT_EQ(command.err, "airssys: unknown command \"rnu\"; did you mean \"run\"?; see `airssys --help`\n");
  const auto option = run({"run", "--untl-idle"});
  EXPECT_EQ(option.code, 2);
  EXPECT_EQ(
      option.err,
      "airssys: unknown option \"--untl-idle\" of `airssys run`; did you mean \"--until-idle\"?; see `airssys run --help`\n");
}

TEST(BadData, directory_that_cannot_be_made) {
  const Folder folder;
  folder.write("data", "a file");
  const auto ended = run({"run", folder.write("system.toml", system_of({"echo"})), "--data", (folder / "data").string()});
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.err, HasSubstr((folder / "data").string()));
}

TEST(BadBuild, says_what_the_compiler_says) {
  const Folder folder;
  folder.write("guest/component.toml", "[component]\nname = \"guest\"\nversion = \"0.1.0\"\n");
  folder.write("guest/guest.cpp", "#include <airssys/guest.hpp>\nint oops = \"text\";\n");
  const auto built = run({"build", (folder / "guest").string()});
  EXPECT_EQ(built.code, 8);
  EXPECT_THAT(built.err, HasSubstr("guest.cpp:2:5"));
  EXPECT_EQ(run({"build", (folder / "nothing").string()}).code, 8);
  std::filesystem::create_directory(folder / "empty");
  EXPECT_EQ(run({"build", (folder / "empty").string()}).code, 8);
}

}  // namespace
}  // namespace airssys::e2e
