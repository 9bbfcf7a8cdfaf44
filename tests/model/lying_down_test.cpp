// The one moment that a race can lose: an actor has looked at its signals, found none, and is about to lie down. Threads meet
// it once in millions; here the signal comes just then.

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "world.hpp"

namespace airssys::model {
namespace {

using actor::Signal;

/// Does nothing well, or is busy for ever; and lets a test act when the runner, about to let the actor rest, asks how much
/// memory it has.
class Watched final : public actor::Behaviour {
 public:
  explicit Watched(std::function<void()>* before_rest, bool busy) : before_rest_(*before_rest), busy_(busy) {}

  actor::TurnResult start(actor::Turn&, const core::Start&) override { return {}; }
  actor::TurnResult handle_message(actor::Turn&, const core::MessageView&) override {
    actor::TurnResult result{};
    if (busy_) {
      result.kind = actor::TurnResult::Kind::failed;
      result.failure.kind = core::FailureKind::busy;
    }
    return result;
  }
  actor::TurnResult handle_reply(actor::Turn&, const core::OutcomeView&) override { return {}; }
  actor::TurnResult handle_timer(actor::Turn&, const actor::Firing&) override { return {}; }
  actor::TurnResult stop(actor::Turn&) override { return {}; }
  void drop() noexcept override {}
  bool handles_replies() const noexcept override { return true; }
  bool handles_timers() const noexcept override { return true; }
  bool accepts(core::Codec) const noexcept override { return true; }
  std::unique_ptr<actor::Behaviour> another() const override { return std::make_unique<Watched>(nullptr, busy_); }
  std::string describe() const override { return "watched"; }
  std::optional<core::Profile> profile() const noexcept override { return std::nullopt; }
  core::Bytes memory_bytes() const noexcept override {
    if (before_rest_) std::exchange(before_rest_, nullptr)();
    return 0;
  }
  const core::Trap* trap() const noexcept override { return nullptr; }
  core::Result<std::vector<core::SourceLocation>> locate(std::span<const core::Frame>) const override {
    return std::unexpected(core::Error(core::ErrorCode::unavailable, "test", "no frames"));
  }

 private:
  std::function<void()>& before_rest_;
  bool busy_;
};

class LyingDown : public ::testing::Test {
 protected:
  actor::ActorRef spawn(bool busy) {
    auto spawned = world.assembly().actors().spawn({.address = core::make_checked_address("test/watched/1")},
                                                   std::make_unique<Watched>(&before_rest, busy));
    EXPECT_TRUE(spawned);
    EXPECT_TRUE(world.settle());
    return *spawned;
  }

  std::function<void()> before_rest;
  HandWorld world{1};
};

TEST_F(LyingDown, an_actor_sees_the_signal_that_comes_just_then) {
  const actor::ActorRef watched = spawn(false);
  before_rest = [&] { watched->signal(Signal::stop); };
  watched->signal(Signal::room);
  EXPECT_TRUE(world.settle());
  EXPECT_FALSE(before_rest) << "the moment came";
  EXPECT_TRUE(watched->stopped()) << "it sleeps with an order to stop";
}

TEST_F(LyingDown, an_actor_that_waits_for_room_sees_the_signal_that_comes_just_then) {
  const actor::ActorRef watched = spawn(true);
  auto host = world.assembly().open_sender(core::make_checked_address("test/host/1"));
  ASSERT_TRUE(host);
  ASSERT_TRUE(world.settle());
  before_rest = [&] { watched->signal(Signal::stop); };
  ASSERT_TRUE((*host)->send("test/watched/1", core::raw("x")));
  EXPECT_TRUE(world.settle());
  EXPECT_FALSE(before_rest) << "the moment came";
  EXPECT_TRUE(watched->stopped()) << "it waits with an order to stop";
}

}  // namespace
}  // namespace airssys::model
