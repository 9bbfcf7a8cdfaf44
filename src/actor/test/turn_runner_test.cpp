// The runner by itself: what a batch is, and what follows when a turn ends. What turns promise to those who write actors is in
// tests/contract.

#include "airssys/actor/turn_runner.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "testing/rig.hpp"

namespace airssys::actor {
namespace {

using namespace std::chrono_literals;
using Next = TurnRunner::Next;

/// Whoever is woken by the turns of its runner goes through the runner, as on a worker; others are kept, and so is what comes
/// from the runner, in the portions in which it does.
class ByRunner final : public Scheduler {
 public:
  void schedule(ActorRef actor) noexcept override {
    if (runner != nullptr) return runner->wake_after_turn(std::move(actor));
    from_outside.push_back(std::move(actor));
  }
  void schedule_after_turn(std::span<ActorRef> actors) noexcept override {
    handed_over.emplace_back();
    for (ActorRef& actor : actors) handed_over.back().push_back(std::move(actor));
  }

  TurnRunner* runner = nullptr;
  std::vector<ActorRef> from_outside;
  std::vector<std::vector<ActorRef>> handed_over;
};

class TurnRunnerTest : public ::testing::Test {
 protected:
  /// What is left in a mailbox keeps its edge, and with it both ends.
  void TearDown() override {
    for (const ActorRef& actor : rig.registry.all()) {
      actor->take_over();
      runner->retire(*actor, "the test is over");
    }
  }

  Next run(const ActorRef& actor) {
    scheduler.runner = runner.get();
    const Next next = runner->run(*actor);
    scheduler.runner = nullptr;
    return next;
  }
  /// Writes down what it is told to do.
  testing::Scripted::Script writes(std::string name = {}) {
    return {.start =
                [this, name](Turn&, const core::Start& start) {
                  note(name, start.reason == core::StartReason::first ? "start" : "restart");
                  return TurnResult{};
                },
            .message =
                [this, name](Turn&, const core::MessageView& message) {
                  note(name, message.text());
                  return TurnResult{};
                },
            .stop = [this, name] { note(name, "stop"); }};
  }
  void note(std::string_view name, std::string_view what) {
    if (!seen.empty()) seen += ' ';
    seen += name;
    seen += what;
  }

  ByRunner scheduler;
  testing::Rig rig{scheduler};
  std::unique_ptr<TurnRunner> runner = rig.make_runner();
  std::string seen;
};

TEST_F(TurnRunnerTest, starts_an_actor_before_its_first_message_in_one_batch) {
  const ActorRef actor = rig.start("test/a/1", writes());
  rig.send(actor, "one");
  rig.send(actor, "two");
  EXPECT_EQ(scheduler.from_outside.size(), 1U) << "it is woken once for all of it";
  EXPECT_EQ(run(actor), Next::asleep);
  EXPECT_EQ(seen, "start one two");
  EXPECT_EQ(actor->state(), ActorState::running);
  EXPECT_EQ(actor->counters().handled.read(), 3U);
}

TEST_F(TurnRunnerTest, knows_who_has_never_run) {
  const ActorRef actor = rig.start("test/a/1", writes());
  EXPECT_TRUE(actor->has_never_run());
  run(actor);
  EXPECT_FALSE(actor->has_never_run());
  actor->signal(Signal::restart);
  run(actor);
  EXPECT_FALSE(actor->has_never_run());
  EXPECT_EQ(seen, "start restart");
}

TEST_F(TurnRunnerTest, an_actor_that_waits_for_its_restart_has_run_before) {
  const ActorRef actor =
      rig.start("test/a/1", {.start = [](Turn&, const core::Start&) { return testing::failed(core::FailureKind::internal); }});
  EXPECT_EQ(run(actor), Next::suspended);
  EXPECT_EQ(actor->state(), ActorState::starting);
  EXPECT_FALSE(actor->has_never_run());
}

TEST_F(TurnRunnerTest, ends_a_batch_after_so_many_turns) {
  const ActorRef actor = rig.start("test/a/1", writes());
  for (int i = 0; i < TurnRunner::kBatchTurns + 10; ++i) rig.send(actor);
  EXPECT_EQ(run(actor), Next::again);
  EXPECT_EQ(actor->counters().handled.read(), std::uint64_t{TurnRunner::kBatchTurns});
  EXPECT_EQ(run(actor), Next::asleep);
  EXPECT_EQ(actor->counters().messages.read(), std::uint64_t{TurnRunner::kBatchTurns} + 10);
}

TEST_F(TurnRunnerTest, ends_a_batch_after_a_while_however_few_its_turns) {
  const ActorRef actor = rig.start("test/a/1", {.message = [this](Turn&, const core::MessageView&) {
                                     rig.clock.advance(TurnRunner::kBatchTime / 3);
                                     return TurnResult{};
                                   }});
  for (int i = 0; i < 100; ++i) rig.send(actor);
  EXPECT_EQ(run(actor), Next::again);
  EXPECT_LT(actor->counters().messages.read(), 10U);
  EXPECT_GE(actor->counters().messages.read(), 3U);
}

TEST_F(TurnRunnerTest, hands_over_whom_a_turn_wakes_when_it_has_ended_all_at_once_and_in_order) {
  const ActorRef first = rig.place("test/first/1", {});
  const ActorRef second = rig.place("test/second/1", {});
  const ActorRef actor = rig.start("test/a/1", {.message = [&](Turn&, const core::MessageView& message) {
                                     (message.text() == "one" ? first : second)->signal(Signal::start);
                                     (message.text() == "one" ? second : first)->signal(Signal::start);
                                     EXPECT_TRUE(message.text() == "two" || scheduler.handed_over.empty());
                                     return TurnResult{};
                                   }});
  rig.send(actor, "one");
  rig.send(actor, "two");
  EXPECT_EQ(run(actor), Next::asleep);
  ASSERT_EQ(scheduler.handed_over.size(), 1U) << "the second turn found them awake";
  EXPECT_EQ(scheduler.handed_over[0], (std::vector{first, second}));
}

TEST_F(TurnRunnerTest, an_actor_that_is_made_and_sent_to_in_one_turn_is_handed_over_once_for_both) {
  ActorRef child;
  const ActorRef parent = rig.start("test/a/1", {.start = [&](Turn& turn, const core::Start&) {
                                      child = rig.start("test/child/1", writes("child-"));
                                      child->deliver(testing::Rig::message_from(testing::Rig::self(turn), child, "hello"));
                                      return TurnResult{};
                                    }});
  run(parent);
  ASSERT_EQ(scheduler.handed_over.size(), 1U);
  EXPECT_EQ(scheduler.handed_over[0], std::vector{child});
  EXPECT_EQ(run(child), Next::asleep);
  EXPECT_EQ(seen, "child-start child-hello");
}

TEST_F(TurnRunnerTest, keeps_a_message_whose_turn_is_busy_at_the_head_until_there_is_room_or_time_has_passed) {
  bool busy = true;
  const ActorRef actor = rig.start("test/a/1", {.message = [&](Turn&, const core::MessageView& message) {
                                     if (busy) return testing::failed(core::FailureKind::busy);
                                     note({}, message.text());
                                     return TurnResult{};
                                   }});
  rig.send(actor, "one");
  rig.send(actor, "two");
  EXPECT_EQ(run(actor), Next::suspended);
  EXPECT_EQ(actor->counters().busy.read(), 1U);
  EXPECT_EQ(rig.alarms.next(), rig.clock.monotonic() + 1ms);

  actor->signal(Signal::room);
  ASSERT_EQ(scheduler.from_outside.size(), 2U) << "who is suspended is woken by a signal";
  EXPECT_EQ(run(actor), Next::suspended);
  EXPECT_EQ(actor->counters().busy.read(), 2U);

  busy = false;
  rig.clock.advance(10ms);
  EXPECT_EQ(rig.alarms.fire(rig.clock.monotonic()), 1U);
  EXPECT_EQ(run(actor), Next::asleep);
  EXPECT_EQ(seen, "one two");
}

TEST_F(TurnRunnerTest, a_message_leaves_one_who_is_suspended_alone) {
  const ActorRef actor = rig.start(
      "test/a/1", {.message = [&](Turn&, const core::MessageView&) { return testing::failed(core::FailureKind::busy); }});
  rig.send(actor, "one");
  EXPECT_EQ(run(actor), Next::suspended);
  rig.send(actor, "two");
  EXPECT_EQ(scheduler.from_outside.size(), 1U);
}

TEST_F(TurnRunnerTest, gives_one_that_dies_a_new_instance_after_its_backoff) {
  testing::Scripted::Script script = writes();
  script.message = [this](Turn&, const core::MessageView& message) {
    note({}, message.text());
    return message.text() == "die" ? testing::failed(core::FailureKind::internal, "at fault") : TurnResult{};
  };
  const ActorRef actor = rig.place("test/a/1", std::move(script), {.max_restarts = 5, .window = 60s, .backoff = 100ms});
  actor->signal(Signal::start);
  rig.send(actor, "die");
  rig.send(actor, "next");
  EXPECT_EQ(run(actor), Next::suspended);
  EXPECT_EQ(seen, "start die");
  EXPECT_EQ(rig.events.crashes, 1);
  EXPECT_EQ(rig.dead.of(DeadReason::crashed), 1);
  EXPECT_EQ(actor->mailbox().messages(), 1U) << "what waits stays";

  rig.clock.advance(1s);
  EXPECT_EQ(rig.alarms.fire(rig.clock.monotonic()), 1U);
  EXPECT_EQ(run(actor), Next::asleep);
  EXPECT_EQ(seen, "start die restart next");
  EXPECT_EQ(rig.events.restarts, 1);
}

TEST_F(TurnRunnerTest, ends_one_for_good_that_dies_too_often) {
  const ActorRef actor = rig.place(
      "test/a/1",
      {.message = [](Turn&, const core::MessageView&) { return testing::failed(core::FailureKind::internal, "at fault"); }},
      {.max_restarts = 0});
  actor->signal(Signal::start);
  rig.send(actor, "die");
  rig.send(actor, "waits");
  run(actor);
  EXPECT_TRUE(actor->stopped());
  EXPECT_FALSE(rig.registry.find("test/a/1"));
  EXPECT_TRUE(rig.stopped.find("test/a/1"));
  EXPECT_EQ(rig.dead.of(DeadReason::crashed), 1);
  EXPECT_EQ(rig.dead.of(DeadReason::target_stopped), 1);
  EXPECT_EQ(rig.events.stops, 1);
}

TEST_F(TurnRunnerTest, buries_what_a_turn_rejects_and_goes_on) {
  const ActorRef actor =
      rig.start("test/a/1", {.message = [this](Turn&, const core::MessageView& message) {
                  note({}, message.text());
                  return message.text() == "bad" ? testing::failed(core::FailureKind::rejected) : TurnResult{};
                }});
  rig.send(actor, "bad");
  rig.send(actor, "good");
  EXPECT_EQ(run(actor), Next::asleep);
  EXPECT_EQ(seen, "bad good");
  EXPECT_EQ(rig.dead.of(DeadReason::rejected), 1);
  EXPECT_EQ(actor->counters().failed.read(), 1U);
  EXPECT_EQ(actor->mailbox().messages(), 0U);
}

TEST_F(TurnRunnerTest, stop_runs_the_last_turn_and_buries_what_waits) {
  const ActorRef actor = rig.start("test/a/1", writes());
  run(actor);
  actor->signal(Signal::stop);
  rig.send(actor, "too late");
  EXPECT_EQ(run(actor), Next::asleep);
  EXPECT_EQ(seen, "start stop");
  EXPECT_EQ(rig.dead.of(DeadReason::target_stopped), 1);
  EXPECT_FALSE(rig.registry.find("test/a/1"));
}

TEST_F(TurnRunnerTest, a_stop_of_one_that_has_never_run_runs_no_turn_at_all) {
  const ActorRef actor = rig.start("test/a/1", writes());
  rig.send(actor, "waits");
  actor->signal(Signal::stop);
  run(actor);
  EXPECT_EQ(seen, "");
  EXPECT_TRUE(actor->stopped());
  EXPECT_EQ(rig.dead.of(DeadReason::target_stopped), 1);
}

TEST_F(TurnRunnerTest, retires_one_that_nobody_will_run_any_more_without_its_last_turn) {
  const ActorRef actor = rig.start("test/a/1", writes());
  run(actor);
  rig.send(actor, "waits");
  runner->retire(*actor, "the system ended");
  EXPECT_EQ(seen, "start");
  EXPECT_TRUE(actor->stopped());
  EXPECT_EQ(rig.dead.of(DeadReason::target_stopped), 1);
  rig.send(actor, "comes too late");
  runner->retire(*actor, "the system ended");
  EXPECT_EQ(rig.dead.of(DeadReason::target_stopped), 2);
}

TEST_F(TurnRunnerTest, reads_the_clocks_when_a_tick_has_passed_or_after_many_turns) {
  std::atomic<std::uint64_t> ticks{0};
  runner = rig.make_runner(&ticks);
  std::vector<std::uint64_t> times;
  const ActorRef actor = rig.start("test/a/1", {.message = [&](Turn& turn, const core::MessageView& message) {
                                     times.push_back(turn.now_ms());
                                     rig.clock.advance(1ms);
                                     if (message.text() == "tick") ++ticks;
                                     return TurnResult{};
                                   }});
  for (const char* text : {"a", "b", "tick", "c"}) rig.send(actor, text);
  while (run(actor) == Next::again) {
  }
  EXPECT_EQ(times, (std::vector<std::uint64_t>{1000, 1000, 1000, 1003}));
}

}  // namespace
}  // namespace airssys::actor
