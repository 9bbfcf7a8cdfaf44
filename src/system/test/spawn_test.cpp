#include <gtest/gtest.h>

#include "airssys/prelude.hpp"

namespace airssys {
namespace {

using namespace airssys::literals;

class Silent final : public NativeActor {
 public:
  explicit Silent(int) {}
  Result<Response> handle_message(Turn&, const MessageView&) override { return done(); }
};

TEST(Spawn, gives_an_actor_of_the_host_the_limits_that_it_names_or_else_those_of_its_system) {
  SystemOptions options{.name = "test", .workers = 1, .limits = Limits{.mailbox_messages = 7}};
#if defined(__SANITIZE_THREAD__)
  options.engine.signal_traps = false;
#endif
  const auto system = System::start(std::move(options));
  ASSERT_TRUE(system) << system.error();
  ASSERT_TRUE((*system)->spawn_native<Silent>({.address = "test/named/1"_address, .limits = Limits{.mailbox_messages = 3}}, 1));
  ASSERT_TRUE((*system)->spawn_native<Silent>("test/plain/1"_address, 1));
  EXPECT_EQ((*system)->info("test/named/1")->limits.mailbox_messages, 3U);
  EXPECT_EQ((*system)->info("test/plain/1")->limits.mailbox_messages, 7U);
}

}  // namespace
}  // namespace airssys
