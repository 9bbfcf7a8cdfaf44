#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "file.hpp"
#include "testing/runtime_fixture.hpp"
#include "testing/temporary_folder.hpp"

namespace airssys::runtime {
namespace {

namespace fs = std::filesystem;
using testing::or_fail;

/// A guest in C that divides by the length of its message, in line 5.
constexpr std::string_view kSource = R"c(#define EXPORT(name) __attribute__((export_name(name)))
#define INTERFACE "airssys:core/handler@0.1.0#"
static int result[5];
__attribute__((noinline)) static int share(int parts) {
  return 100 / parts;
}
EXPORT("cabi_realloc") void* allocate(void* old, unsigned old_size, unsigned align, unsigned size) {
  static char memory[4096] __attribute__((aligned(16)));
  return memory;
}
EXPORT(INTERFACE "initialize") int* initialize(int reason, int a, int b) { return result; }
EXPORT(INTERFACE "handle-message")
int* handle(long long id, int kind, char* sender, int sender_size, int has_topic, char* topic, int topic_size, int codec,
            char* body, int size) {
  result[4] = share(size);
  return result;
}
)c";

class Locating : public testing::RuntimeTest {
 protected:
  void SetUp() override {
    if (std::string_view(AIRSSYS_GUEST_CLANG).empty()) GTEST_SKIP() << "no clang to compile a guest with";
    std::ofstream(folder / "share.c") << kSource;
    build("-O1");
  }
  /// Leaves share.wasm and its side file.
  void build(std::string_view flags) {
    const std::string command =
        fmt::format("{} --target=wasm32 -g {} -nostdlib -Wl,--no-entry -o {}/share.debug.wasm {}/share.c", AIRSSYS_GUEST_CLANG,
                    flags, folder.path().string(), folder.path().string());
    if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);  // NOLINT(cert-env33-c)
    const auto module = or_fail(read_file(folder / "share.debug.wasm", core::Bytes{1} << 20));
    testing::write_bytes(folder / "share.wasm", or_fail(componentize(module, testing::text_of_file(AIRSSYS_WIT_FILE))));
  }
  /// The innermost frame of the division by zero.
  std::pair<std::shared_ptr<const Component>, core::Frame> trapped() {
    auto component = or_fail(loader.load_file(folder / "share.wasm"));
    const auto guest = spawn(component);
    EXPECT_EQ(reply_to(*guest, ""), "[integer]");
    return {std::move(component), guest->trap()->frames.at(0)};
  }

  testing::TemporaryFolder folder;
};

TEST_F(Locating, finds_function_file_and_line) {
  const auto [component, frame] = trapped();
  const core::SourceLocation location = or_fail(component->locate(frame));
  EXPECT_EQ(location.function, "share");
  EXPECT_EQ(fs::path(location.file).filename(), "share.c");
  EXPECT_EQ(location.line, 5U);
}

TEST_F(Locating, leaves_no_debug_information_in_the_component) {
  EXPECT_NE(testing::text_of_file((folder / "share.debug.wasm").string()).find(".debug_line"), std::string::npos);
  EXPECT_EQ(testing::text_of_file((folder / "share.wasm").string()).find(".debug_line"), std::string::npos);
}

TEST_F(Locating, needs_the_side_file) {
  const auto [component, frame] = trapped();
  fs::remove(folder / "share.debug.wasm");
  const auto location = component->locate(frame);
  ASSERT_FALSE(location.has_value());
  EXPECT_EQ(location.error().code(), core::ErrorCode::unavailable);
  EXPECT_NE(location.error().message().find("share.debug.wasm"), std::string::npos) << location.error();
}

TEST_F(Locating, refuses_a_side_file_of_another_build) {
  const auto [component, frame] = trapped();
  build("-O0");
  const auto location = component->locate(frame);
  ASSERT_FALSE(location.has_value());
  EXPECT_EQ(location.error().code(), core::ErrorCode::incompatible);
}

TEST_F(Locating, refuses_a_side_file_without_debug_information) {
  build("-O1 -Wl,--strip-debug");
  const auto [component, frame] = trapped();
  const auto location = component->locate(frame);
  ASSERT_FALSE(location.has_value());
  EXPECT_EQ(location.error().code(), core::ErrorCode::unavailable);
}

TEST_F(Locating, knows_nothing_of_components_loaded_from_bytes) {
  const auto [component, frame] = trapped();
  const auto bytes = or_fail(read_file(folder / "share.wasm", core::Bytes{1} << 20));
  const auto location = or_fail(loader.load_bytes(bytes, "share"))->locate(frame);
  ASSERT_FALSE(location.has_value());
  EXPECT_EQ(location.error().code(), core::ErrorCode::unavailable);
}

}  // namespace
}  // namespace airssys::runtime
