#include "airssys/runtime/engine.hpp"

#include <gtest/gtest.h>

#include "airssys/core/limits.hpp"
#include "testing/runtime_fixture.hpp"

namespace airssys::runtime {
namespace {

using testing::engine_options;
using testing::or_fail;
using namespace airssys::literals;

TEST(Engine, is_made_in_both_profiles_which_do_not_share_artifacts) {
#ifdef AIRSSYS_UNDER_TSAN
  GTEST_SKIP() << "the fast profile reserves more than the thread sanitizer allows";
#endif
  const auto fast = or_fail(Engine::create(engine_options(core::Profile::fast)));
  const auto dense = or_fail(Engine::create(engine_options(core::Profile::dense)));
  EXPECT_EQ(fast->profile(), core::Profile::fast);
  EXPECT_EQ(dense->profile(), core::Profile::dense);
  EXPECT_NE(fast->fingerprint(), dense->fingerprint());
}

TEST(Engine, of_the_same_settings_has_the_same_fingerprint) {
  const auto one = or_fail(Engine::create(engine_options()));
  const auto other = or_fail(Engine::create(engine_options()));
  EXPECT_FALSE(one->fingerprint().empty());
  EXPECT_EQ(one->fingerprint(), other->fingerprint());
}

TEST(Engine, refuses_a_guest_stack_that_has_no_32_bits) {
  EngineOptions options = engine_options();
  options.guest_stack = 4_GiB;
  const auto engine = Engine::create(options);
  ASSERT_FALSE(engine.has_value());
  EXPECT_EQ(engine.error().code(), core::ErrorCode::invalid);
  EXPECT_NE(engine.error().message().find("4294967296"), std::string::npos) << engine.error();
}

TEST(Engine, tells_its_version) {
  EXPECT_NE(Engine::version().find("wasmtime"), std::string::npos) << Engine::version();
}

}  // namespace
}  // namespace airssys::runtime
