// What compiles too long or too large is refused, and nothing else suffers: it is compiled in a process of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "airssys/runtime/componentizer.hpp"
#include "command.hpp"
#include "testing/heavy_components.hpp"
#include "testing/sanitizers.hpp"

namespace airssys::e2e {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class CompileBomb : public ::testing::Test {
 protected:
  CompileBomb() {
    const auto wasm = runtime::wat_to_wasm(runtime::testing::compile_bomb());
    EXPECT_TRUE(wasm) << wasm.error();
    folder.write("bomb.wasm", {reinterpret_cast<const char*>(wasm->data()), wasm->size()});
  }
  void expect_refused(std::string_view limit, const std::string& why) {
    const std::string file =
        folder.write("system.toml", "[system]\n" + std::string(limit) +
                                        "\n[[actor]]\naddress = \"demo/bomb/1\"\ncomponent = \"./bomb.wasm\"\n");
    for (const char* const command : {"check", "run"}) {
      const auto ended = run({command, file});
      EXPECT_EQ(ended.code, 7);
      EXPECT_THAT(ended.err, AllOf(HasSubstr("system.toml:5:1: "), HasSubstr("bomb.wasm: compiling it took more than " + why),
                                   Not(HasSubstr("is running"))));
    }
  }

  Folder folder;
};

TEST_F(CompileBomb, is_refused_when_its_time_is_up) {
  expect_refused("compile_time = \"200ms\"", "200ms and was stopped");
}

TEST_F(CompileBomb, is_refused_when_it_takes_too_much_memory) {
#if defined(AIRSSYS_UNDER_ASAN) || defined(AIRSSYS_UNDER_TSAN)
  GTEST_SKIP() << "a sanitizer's allocator says otherwise that there is no memory";
#endif
  expect_refused("compile_memory = \"200MiB\"", "200MiB of memory and was stopped");
}

TEST(CompileComponent, is_no_command_of_users) {
  const auto ended = run({"compile-component"});
  EXPECT_EQ(ended.code, 2);
  EXPECT_EQ(ended.err, "compile-component is what airssys starts itself, to compile a component that it is given\n");
  EXPECT_THAT(run({"--help"}).out, Not(HasSubstr("compile-component")));
}

}  // namespace
}  // namespace airssys::e2e
