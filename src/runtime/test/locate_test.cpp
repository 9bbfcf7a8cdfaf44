#include <gtest/gtest.h>

#include <array>
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
  const core::SourceLocation location = or_fail(component->locate(std::array{frame})).at(0);
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
  const auto location = component->locate(std::array{frame});
  ASSERT_FALSE(location.has_value());
  EXPECT_EQ(location.error().code(), core::ErrorCode::unavailable);
  EXPECT_NE(location.error().message().find("share.debug.wasm"), std::string::npos) << location.error();
}

TEST_F(Locating, refuses_a_side_file_of_another_build) {
  const auto [component, frame] = trapped();
  build("-O0");
  const auto location = component->locate(std::array{frame});
  ASSERT_FALSE(location.has_value());
  EXPECT_EQ(location.error().code(), core::ErrorCode::incompatible);
}

TEST_F(Locating, refuses_a_side_file_without_debug_information) {
  build("-O1 -Wl,--strip-debug");
  const auto [component, frame] = trapped();
  const auto location = component->locate(std::array{frame});
  ASSERT_FALSE(location.has_value());
  EXPECT_EQ(location.error().code(), core::ErrorCode::unavailable);
}

TEST_F(Locating, leaves_a_frame_that_it_does_not_find_its_name) {
  const auto [component, frame] = trapped();
  core::Frame other = frame;
  other.name = "elsewhere";
  other.module = 7;
  const auto stack = or_fail(component->locate(std::array{other, frame, other}));
  ASSERT_EQ(stack.size(), 3U);
  EXPECT_EQ(stack[0], (core::SourceLocation{.function = "elsewhere", .file = {}, .line = 0}));
  EXPECT_EQ(stack[1].line, 5U);
  EXPECT_EQ(stack[2].function, "elsewhere");
}

/// Appends a section that nobody wrote: the file has a hole there.
void append_section(const fs::path& file, std::string_view name, std::uint32_t bytes) {
  std::string head(1, '\0');
  const std::uint32_t size = bytes + static_cast<std::uint32_t>(name.size()) + 1;
  for (unsigned part = 0; part < 5; ++part) {
    head.push_back(static_cast<char>((size >> (7 * part) & 0x7fU) | (part < 4 ? 0x80U : 0U)));
  }
  head.push_back(static_cast<char>(name.size()));
  head += name;
  std::ofstream(file, std::ios::binary | std::ios::app) << head;
  fs::resize_file(file, fs::file_size(file) + bytes);
}

TEST_F(Locating, passes_over_what_it_does_not_need) {
  const auto [component, frame] = trapped();
  append_section(folder / "share.debug.wasm", "padding", 2'000'000'000);
  EXPECT_EQ(or_fail(component->locate(std::array{frame})).at(0).line, 5U);
}

TEST_F(Locating, refuses_debug_information_without_end) {
  const auto [component, frame] = trapped();
  append_section(folder / "share.debug.wasm", ".debug_more", 70'000'000);
  const auto location = component->locate(std::array{frame});
  ASSERT_FALSE(location.has_value());
  EXPECT_EQ(location.error().code(), core::ErrorCode::unavailable);
  EXPECT_NE(location.error().message().find("bytes of code and debug information"), std::string::npos) << location.error();
}

TEST_F(Locating, refuses_a_side_file_of_a_million_sections) {
  const auto [component, frame] = trapped();
  std::ofstream(folder / "share.debug.wasm", std::ios::binary | std::ios::app) << std::string(2'000'000, '\1');
  EXPECT_FALSE(component->locate(std::array{frame}).has_value());
}

TEST_F(Locating, knows_nothing_of_components_loaded_from_bytes) {
  const auto [component, frame] = trapped();
  const auto bytes = or_fail(read_file(folder / "share.wasm", core::Bytes{1} << 20));
  const auto location = or_fail(loader.load_bytes(bytes, "share"))->locate(std::array{frame});
  ASSERT_FALSE(location.has_value());
  EXPECT_EQ(location.error().code(), core::ErrorCode::unavailable);
}

}  // namespace
}  // namespace airssys::runtime
