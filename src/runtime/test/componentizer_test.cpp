#include "airssys/runtime/componentizer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "testing/runtime_fixture.hpp"

namespace airssys::runtime {
namespace {

using testing::Guest;
using ::testing::HasSubstr;
using testing::or_fail;

std::string complaint(const std::string& wat, std::string_view wit) {
  const auto component = componentize(or_fail(wat_to_wasm(wat)), wit);
  return component ? "fine" : component.error().message();
}

TEST(Componentizer, makes_the_world_from_what_the_module_has) {
  const std::string wit = testing::text_of_file(AIRSSYS_WIT_FILE);
  EXPECT_EQ(complaint(Guest{}.text(), wit), "fine");
  EXPECT_EQ(complaint(Guest{.more = R"((func (export "airssys:core/shutdown@0.1.0#stop")))"}.text(), wit), "fine");
}

TEST(Componentizer, says_what_does_not_fit) {
  const std::string wit = testing::text_of_file(AIRSSYS_WIT_FILE);
  EXPECT_THAT(complaint(Guest{.imports = R"((import "env" "puts" (func (param i32))))"}.text(), wit), HasSubstr("puts"));
  EXPECT_THAT(complaint(Guest{.more = R"((func (export "airssys:core/shutdown@0.1.0#stop") (param i32)))"}.text(), wit),
              HasSubstr("stop"));
  EXPECT_NE(complaint(Guest{}.text(), "this is no WIT"), "fine");
}

TEST(Componentizer, refuses_what_is_no_module) {
  const auto component = componentize({}, testing::text_of_file(AIRSSYS_WIT_FILE));
  ASSERT_FALSE(component.has_value());
  EXPECT_EQ(component.error().code(), core::ErrorCode::invalid);
  EXPECT_FALSE(component.error().message().empty());
}

TEST(WatToWasm, says_where_a_text_is_wrong) {
  const auto wasm = wat_to_wasm("(module\n  (funk))");
  ASSERT_FALSE(wasm.has_value());
  EXPECT_EQ(wasm.error().code(), core::ErrorCode::invalid);
  EXPECT_THAT(wasm.error().message(), HasSubstr("2:4"));
}

}  // namespace
}  // namespace airssys::runtime
