#include "airssys/simulation/test_system.hpp"

#include <gtest/gtest.h>

namespace airssys::simulation {
namespace {

using namespace airssys::literals;
using namespace std::chrono_literals;

/// Sends a report to its listener every five seconds.
class Reporter final : public actor::NativeActor {
 public:
  core::Result<void> initialize(actor::Turn& turn, const core::Start&) override { return turn.arm(core::Tag{1}, 5s, 5s); }
  core::Result<core::Response> handle_message(actor::Turn&, const core::MessageView& message) override {
    seen_ += message.text();
    return core::done();
  }
  core::Result<void> handle_timer(actor::Turn& turn, const actor::Firing&) override {
    return turn.send("test/listener/1"_address, core::raw(seen_));
  }

 private:
  std::string seen_;
};

class TestSystemTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(system.listen(listener));
    ASSERT_TRUE(system.spawn_native(reporter, [] { return std::make_unique<Reporter>(); }));
  }
  const core::Address listener = "test/listener/1"_address;
  const core::Address reporter = "test/reporter/1"_address;
  TestSystem system{TestOptions{.seed = 7}};
};

TEST(ActorSpec, is_what_an_actor_has_and_what_it_leaves_out_is_its_systems) {
  const core::RestartPolicy patient{.max_restarts = 2, .window = 1s, .backoff = 1ms, .backoff_max = 2ms};
  TestSystem system({.limits = {.mailbox_messages = 7}, .restart = patient});
  const auto told = [&](const core::ActorSpec& spec) {
    auto spawned = system.assembly().spawn_native({.actor = spec, .make = [] { return std::make_unique<Reporter>(); }});
    EXPECT_TRUE(spawned);
    return system.assembly().actors().registry().find(spec.address.text())->spec();
  };
  core::ActorSpec plain{.address = "test/plain/1"_address};
  const core::ActorSpec full{.address = "test/full/1"_address,
                             .limits = core::Limits{.mailbox_messages = 3},
                             .config = {{"top", "10"}},
                             .restart = core::RestartPolicy{.max_restarts = 0},
                             .supervisor = "pipeline"};
  EXPECT_EQ(told(full), full);
  const core::ActorSpec seen = told(plain);
  plain.limits = core::Limits{.mailbox_messages = 7};
  plain.restart = patient;
  EXPECT_EQ(seen, plain);
}

TEST_F(TestSystemTest, moves_time_by_hand) {
  ASSERT_TRUE(system.send(reporter, core::raw("ab")));
  system.advance(4999ms);
  EXPECT_TRUE(system.sent_to(listener).empty());
  system.advance(1ms);
  ASSERT_EQ(system.sent_to(listener).size(), 1U);
  EXPECT_EQ(system.sent_to(listener)[0].text, "ab");
  EXPECT_EQ(system.sent_to(listener)[0].sender, "test/reporter/1");
  system.advance(1h);
  EXPECT_EQ(system.sent_to(listener).size(), 721U);
}

TEST_F(TestSystemTest, runs_nothing_until_it_is_told_to) {
  ASSERT_TRUE(system.post(reporter, core::raw("ab")));
  EXPECT_EQ(system.info(reporter)->mailbox_messages, 1U);
  EXPECT_TRUE(system.step());
  EXPECT_EQ(system.info(reporter)->mailbox_messages, 0U);
  EXPECT_FALSE(system.step());
}

TEST_F(TestSystemTest, tells_its_state_as_text) {
  ASSERT_TRUE(system.post(reporter, core::raw("ab")));
  EXPECT_EQ(system.state_text(), "test/reporter/1 running, mailbox 1, restarts 0\n");
}

}  // namespace
}  // namespace airssys::simulation
