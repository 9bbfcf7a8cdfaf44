#include "airssys/actor/stopped_actors.hpp"

#include <gtest/gtest.h>

#include <string>

#include "testing/fakes.hpp"

namespace airssys::actor {
namespace {

class StoppedActorsTest : public ::testing::Test {
 protected:
  testing::RecordingScheduler scheduler;
  StoppedActors stopped;

  ActorRef add(const std::string& address, StopCause cause = StopCause::ordered) {
    ActorRef actor = testing::make_actor(address, scheduler);
    stopped.add({.actor = actor, .cause = cause, .why = "why " + address, .time_ms = 17});
    return actor;
  }
};

TEST_F(StoppedActorsTest, are_found_with_their_reason_until_they_are_removed) {
  const ActorRef actor = add("demo/a/1", StopCause::gave_up);
  const auto found = stopped.find("demo/a/1");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->actor, actor);
  EXPECT_EQ(found->cause, StopCause::gave_up);
  EXPECT_EQ(found->why, "why demo/a/1");
  EXPECT_EQ(found->time_ms, 17U);
  EXPECT_TRUE(stopped.remove("demo/a/1"));
  EXPECT_FALSE(stopped.remove("demo/a/1"));
  EXPECT_FALSE(stopped.find("demo/a/1"));
}

TEST_F(StoppedActorsTest, of_one_address_are_one) {
  const ActorRef first = add("demo/a/1");
  const ActorRef second = add("demo/a/1", StopCause::gave_up);
  EXPECT_EQ(stopped.size(), 1U);
  stopped.add_unhandled(*first, 5);
  stopped.add_unhandled(*second, 2);
  EXPECT_EQ(stopped.find("demo/a/1")->unhandled, 2U) << "what came for the first one is not the second one's";
}

TEST_F(StoppedActorsTest, that_were_stopped_by_order_make_room_before_those_that_gave_up) {
  add("demo/victim/1", StopCause::gave_up);
  for (int i = 0; i < 3000; ++i) add("demo/a/" + std::to_string(i));
  EXPECT_EQ(stopped.size(), StoppedActors::kMost);
  EXPECT_TRUE(stopped.find("demo/victim/1")) << "a flood of orders pushes out nobody who gave up";
  EXPECT_FALSE(stopped.find("demo/a/0"));
  EXPECT_TRUE(stopped.find("demo/a/2999"));
  for (int i = 0; i < 3000; ++i) add("demo/b/" + std::to_string(i), StopCause::gave_up);
  EXPECT_EQ(stopped.all().size(), StoppedActors::kMost);
  EXPECT_FALSE(stopped.find("demo/victim/1"));
}

TEST_F(StoppedActorsTest, are_those_that_gave_up_and_no_native_one_that_somebody_stopped) {
  const ActorRef native = testing::make_actor("demo/a/1", scheduler);
  EXPECT_TRUE(StoppedActors::keeps(*native, StopCause::gave_up));
  for (const StopCause cause : {StopCause::ordered, StopCause::ended_itself, StopCause::system_ended}) {
    EXPECT_FALSE(StoppedActors::keeps(*native, cause));
  }
}

TEST_F(StoppedActorsTest, are_none_that_end_with_the_system) {
  stopped.close();
  add("demo/a/3");
  EXPECT_EQ(stopped.size(), 0U);
}

TEST_F(StoppedActorsTest, hold_nothing_once_they_are_forgotten) {
  const ActorRef actor = add("demo/a/1");
  stopped.clear();
  EXPECT_TRUE(actor->has_one_owner());
  EXPECT_TRUE(stopped.all().empty());
}

}  // namespace
}  // namespace airssys::actor
