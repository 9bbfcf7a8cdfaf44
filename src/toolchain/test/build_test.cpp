#include "airssys/toolchain/build.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "airssys/runtime/component_loader.hpp"
#include "files.hpp"
#include "testing/runtime_fixture.hpp"

namespace airssys::toolchain {
namespace {

namespace fs = std::filesystem;
using runtime::testing::or_fail;

constexpr std::string_view kEcho = R"(#include <airssys/guest.hpp>
using namespace airssys::guest;
struct Echo {
  Result<Response> handle_message(const Message& message) { return reply(std::string(message.text())); }
};
AIRSSYS_ACTOR(Echo)
)";

// Built in a tenth of the time: enough where it does not matter what is built.
constexpr std::string_view kTiny = R"(extern "C" __attribute__((export_name("airssys:core/shutdown@0.1.0#stop"))) void stop() {}
)";

constexpr std::string_view kManifest = R"([component]
name = "my-echo"
version = "0.1.0"
wasm = "echo.wasm"
)";

/// Sets a variable for as long as it lives.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    ::setenv(name, value.c_str(), 1);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() { before_ ? ::setenv(name_, before_->c_str(), 1) : ::unsetenv(name_); }

 private:
  const char* name_;
  std::optional<std::string> before_{};
};

/// A component's folder in a folder of the test's own; the compiled kit is shared by all tests.
class Build : public ::testing::Test {
 protected:
  void write(std::string_view name, std::string_view content) { ASSERT_TRUE(write_file(folder / name, content)); }
  core::Result<BuildReport> build(BuildOptions options = {}) {
    if (options.cache.empty()) options.cache = AIRSSYS_TEST_CACHE;
    return build_component(folder, options);
  }
  std::string complaint(const BuildOptions& options = {}) {
    const auto report = build(options);
    return report ? "built" : report.error().to_string();
  }

  TemporaryFolder scratch = or_fail(TemporaryFolder::make_in(fs::temp_directory_path()));
  fs::path folder = scratch.path() / "parts" / "echo";
};

TEST_F(Build, makes_a_component_that_loads) {
  write("echo.cpp", kEcho);
  write("component.toml", kManifest);
  const BuildReport report = or_fail(build());
  EXPECT_EQ(report.name, "my-echo");
  EXPECT_EQ(report.component, fs::canonical(folder) / "echo.wasm");
  EXPECT_EQ(report.debug_module, fs::canonical(folder) / "echo.debug.wasm");
  EXPECT_FALSE(report.up_to_date);
  EXPECT_EQ(report.warnings, "");
  EXPECT_EQ(report.component_bytes, fs::file_size(report.component));

  runtime::testing::RecordingPorts host;
  const runtime::testing::FakeHash hash;
  const auto engine = or_fail(runtime::Engine::create(runtime::testing::engine_options()));
  runtime::ComponentLoader loader(*engine, host.ports(), hash, {});
  const auto component = loader.load_file(report.component);
  ASSERT_TRUE(component) << component.error();
  EXPECT_EQ((*component)->name(), "echo");
}

TEST_F(Build, builds_the_counter_as_written) {
  const auto report = build_component(AIRSSYS_GUESTS_FOLDER "/counter", {.output = folder, .cache = AIRSSYS_TEST_CACHE});
  ASSERT_TRUE(report) << report.error();
  EXPECT_EQ(report->component, folder / "counter.wasm");
  EXPECT_TRUE(fs::exists(folder / "component.toml"));
  EXPECT_LT(report->component_bytes, 40'000U);
}

TEST_F(Build, skips_what_has_not_changed) {
  write("echo.cpp", kTiny);
  write("component.toml", kManifest);
  ASSERT_TRUE(build());
  const auto made = fs::last_write_time(folder / "echo.wasm");
  EXPECT_TRUE(or_fail(build()).up_to_date);
  EXPECT_EQ(fs::last_write_time(folder / "echo.wasm"), made);
  fs::last_write_time(folder / "echo.cpp", made + std::chrono::hours(1));
  EXPECT_TRUE(or_fail(build()).up_to_date);
  EXPECT_GT(fs::last_write_time(folder / "echo.wasm"), made) << "a source that was touched does not make it look old";
  EXPECT_FALSE(or_fail(build({.force = true})).up_to_date);
}

TEST_F(Build, builds_again_when_any_input_or_output_changed) {
  write("echo.cpp", "#include \"part.hpp\"\n" + std::string(kTiny));
  write("part.hpp", "constexpr int kPart = 1;\n");
  write("component.toml", kManifest);
  ASSERT_TRUE(build());
  write("part.hpp", "constexpr int kPart = 2;\n");
  EXPECT_FALSE(or_fail(build()).up_to_date) << "a header changed";
  write("more.cpp", "int more() { return 1; }\n");
  EXPECT_FALSE(or_fail(build()).up_to_date) << "a source was added";
  fs::remove(folder / "more.cpp");
  EXPECT_FALSE(or_fail(build()).up_to_date) << "a source was removed";
  write("echo.wasm", "spoilt");
  EXPECT_FALSE(or_fail(build()).up_to_date) << "the component was overwritten";
  write("component.toml", std::string(kManifest) + "description = \"new\"\n");
  EXPECT_FALSE(or_fail(build()).up_to_date) << "the manifest changed";
  EXPECT_TRUE(or_fail(build()).up_to_date);
}

TEST_F(Build, shows_a_compile_error_with_its_place_and_keeps_the_last_component) {
  write("echo.cpp", kTiny);
  ASSERT_TRUE(build());
  const std::string before = *read_file(folder / "echo.wasm");
  write("echo.cpp", std::string(kTiny) + "int broken = nothing;\n");
  write("other.cpp", "float also_broken = none;\n");
  const auto report = build();
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code(), core::ErrorCode::invalid);
  const std::string text = report.error().message();
  EXPECT_TRUE(text.contains("echo.cpp:2:14: error: use of undeclared identifier 'nothing'")) << text;
  EXPECT_TRUE(text.contains("other.cpp:1:21: error: use of undeclared identifier 'none'")) << text;
  EXPECT_EQ(*read_file(folder / "echo.wasm"), before);
}

TEST_F(Build, says_what_an_actor_is_missing) {
  write("echo.cpp", "#include <airssys/guest.hpp>\nstruct Echo { void handle_reply(int) {} };\nAIRSSYS_ACTOR(Echo)\n");
  const std::string text = complaint();
  EXPECT_TRUE(text.contains("the actor needs: Result<Response> handle_message(const Message&)")) << text;
  EXPECT_TRUE(text.contains("expected: Result<void> handle_reply(const Outcome&)")) << text;
}

TEST_F(Build, names_the_macro_that_is_missing) {
  write("echo.cpp", "#include <airssys/guest.hpp>\nstruct Echo {};\n");
  const std::string text = complaint();
  EXPECT_TRUE(text.contains("no source says which struct is the actor; end one with `AIRSSYS_ACTOR(YourStruct)`")) << text;
}

TEST_F(Build, stops_a_compiler_that_takes_too_much) {
  write("echo.cpp", kTiny);
  ASSERT_TRUE(build());
  const auto late = build({.force = true, .limits = {.time = std::chrono::milliseconds(1)}});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code(), core::ErrorCode::too_large);
  EXPECT_TRUE(late.error().message().contains("echo.cpp does not compile: it took more than 1ms")) << late.error();
  EXPECT_FALSE(build({.force = true, .limits = {.memory = core::Bytes{16} << 20}}));
}

TEST_F(Build, shows_warnings_and_link_errors) {
  write("echo.cpp", std::string(kTiny) + "static int unused() { return 1; }\n");
  EXPECT_TRUE(or_fail(build()).warnings.contains("echo.cpp:2:12: warning: unused function 'unused'"));
  write("echo.cpp", std::string(kTiny) + "int missing();\nint used() { return missing(); }\n");
  write("c.c", "int used(void);\n__attribute__((export_name(\"x\"))) int x(void) { return 1; }\n");
  write("user.cpp", "int used();\n__attribute__((export_name(\"y\"))) int y() { return used(); }\n");
  const std::string text = complaint();
  EXPECT_TRUE(text.contains("does not link")) << text;
  EXPECT_TRUE(text.contains("missing()")) << text;
}

TEST_F(Build, refuses_a_module_with_imports_that_nobody_offers) {
  write("echo.cpp", std::string(kTiny) +
                        "__attribute__((import_module(\"env\"), import_name(\"fly\"))) void fly();\n"
                        "__attribute__((export_name(\"x\"))) void x() { fly(); }\n");
  const std::string text = complaint();
  EXPECT_TRUE(text.contains("does not fit the contract")) << text;
  EXPECT_TRUE(text.contains("env")) << text;
}

TEST_F(Build, names_a_component_without_a_manifest_by_its_folder) {
  write("anything.cpp", kTiny);
  const BuildReport report = or_fail(build());
  EXPECT_EQ(report.name, "echo");
  EXPECT_EQ(report.component.filename(), "echo.wasm");
}

TEST_F(Build, refuses_a_folder_that_is_none) {
  const auto missing = build_component(folder / "nowhere");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), core::ErrorCode::not_found);
  EXPECT_TRUE(missing.error().message().contains("nowhere: No such file or directory; expected the folder of a component"))
      << missing.error();
  write("component.toml", kManifest);
  EXPECT_TRUE(complaint().contains("no sources; expected *.cpp or *.c files"));
  EXPECT_FALSE(build_component(folder / "component.toml"));
}

TEST_F(Build, shows_the_place_of_a_mistake_in_the_manifest) {
  write("echo.cpp", kTiny);
  write("component.toml", "[component]\nname = 5\n");
  EXPECT_TRUE(complaint().contains("component.toml:2:")) << complaint();
}

TEST_F(Build, says_what_to_install_if_no_compiler_can_make_guests) {
  write("echo.cpp", kTiny);
  const Variable path("PATH", scratch.path().string());
  const auto report = build();
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code(), core::ErrorCode::not_found);
  EXPECT_TRUE(report.error().message().contains("there is no clang++ in PATH")) << report.error();
  EXPECT_TRUE(report.error().message().contains("libc++-22-dev-wasm32")) << report.error();
}

TEST_F(Build, tells_why_a_compiler_would_not_do) {
  write("echo.cpp", kTiny);
  const fs::path fake = scratch.path() / "clang++-22";
  ASSERT_TRUE(write_file(fake, "#!/bin/sh\necho \"no such target: wasm32\" >&2\nexit 1\n"));
  fs::permissions(fake, fs::perms::owner_all);
  const std::string text = complaint({.compiler = fake});
  EXPECT_TRUE(text.contains(fake.string() + ": no such target: wasm32")) << text;
  EXPECT_TRUE(text.contains("sudo apt install")) << text;
  const Variable variable("AIRSSYS_CLANG", "/nowhere/clang++");
  EXPECT_TRUE(complaint().contains("AIRSSYS_CLANG names the compiler \"/nowhere/clang++\", which is no program"));
}

TEST_F(Build, takes_the_kit_that_it_is_told) {
  write("echo.cpp", kTiny);
  const Variable variable("AIRSSYS_SDK", scratch.path().string());
  EXPECT_TRUE(complaint().contains("no guest kit there")) << complaint();
  EXPECT_EQ(complaint({.sdk = AIRSSYS_SDK_FOLDER}), "built");
}

TEST_F(Build, gives_the_same_bytes_wherever_the_sources_are) {
  write("echo.cpp", kTiny);
  const BuildReport here = or_fail(build());
  const fs::path elsewhere = scratch.path() / "other place" / "echo";
  ASSERT_TRUE(write_file(elsewhere / "echo.cpp", kTiny));
  const BuildReport there = or_fail(build_component(elsewhere, {.cache = AIRSSYS_TEST_CACHE}));
  EXPECT_EQ(*read_file(here.component), *read_file(there.component));
  EXPECT_EQ(*read_file(here.debug_module), *read_file(there.debug_module));
}

TEST_F(Build, leaves_nothing_behind_but_its_outputs) {
  write("echo.cpp", kTiny);
  ASSERT_TRUE(build());
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    names.push_back(entry.path().lexically_relative(folder).string());
  }
  std::ranges::sort(names);
  EXPECT_EQ(names, (std::vector<std::string>{".build", ".build/echo.stamp", "echo.cpp", "echo.debug.wasm", "echo.wasm"}));
}

}  // namespace
}  // namespace airssys::toolchain
