// What one turn sends to very many leaves in slices, between which others run, and yet as if all of it left at once.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "script_actor.hpp"

namespace airssys::contract {
namespace {

const Address kPublisher = "test/publisher/1"_address;
constexpr std::size_t kSlice = actor::Correspondence::kSlice;
constexpr std::size_t kMany = kSlice * 6;
/// Of one batch: what the commit carries out, and a slice of the rest.
constexpr std::size_t kBatch = kSlice * 2;

security::TopicPattern pattern(std::string_view text) {
  return *security::TopicPattern::parse(text);
}

class FanOut : public ::testing::Test {
 protected:
  /// Listeners that are subscribed to `t`.
  void listen(std::size_t count) {
    system.subscribe({.topic = pattern("t"), .actors = "test/listener/*"_pattern});
    for (std::size_t i = 0; i < count; ++i) {
      listeners.push_back(core::make_checked_address("test/listener/" + std::to_string(i)));
      ASSERT_TRUE(system.listen(listeners.back()));
    }
  }
  std::uint64_t sent() const { return system.stats().service.sent - posted; }
  void post(const Address& to, std::string_view text) {
    ASSERT_TRUE(system.post(to, raw(text)));
    ++posted;
  }
  actor::ActorRef cell(const Address& address) { return system.assembly().actors().registry().find(address.text()); }
  messaging::Topics& topics() { return system.assembly().messaging().topics(); }
  std::string texts_of(const Address& address) const {
    std::string text;
    for (const auto& one : system.sent_to(address)) text += one.text + "; ";
    return text;
  }
  std::size_t heard() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(listeners, [&](const Address& one) { return !system.sent_to(one).empty(); }));
  }

  TestSystem system;
  std::vector<Address> listeners;
  std::uint64_t posted = 0;
};

/// Sends 1 to A, publishes 2, sends 3 to A, and answers 4.
Script publisher() {
  return {.on_message = [](Turn& turn, const MessageView& message) -> Result<Response> {
    AIRSSYS_TRY(turn.send(kA, raw("1")));
    AIRSSYS_TRY(turn.publish("t", raw("2 " + std::string(message.text()))));
    AIRSSYS_TRY(turn.send(kA, raw("3")));
    return reply(raw("4"));
  }};
}

TEST_F(FanOut, of_an_event_goes_on_a_slice_at_a_time_while_others_run) {
  listen(kMany);
  play(system, kPublisher, {.on_message = [](Turn& turn, const MessageView&) -> Result<Response> {
         AIRSSYS_TRY(turn.publish("t", raw("x")));
         return done();
       }});
  post(kPublisher, "go");
  system.step();
  EXPECT_LE(sent(), kBatch);
  EXPECT_FALSE(system.idle());
  system.settle();
  EXPECT_EQ(sent(), kMany);
  EXPECT_EQ(heard(), kMany);
  EXPECT_EQ(system.stats().service.published, 1U);
  EXPECT_TRUE(system.idle());
  // Now that each is known, too.
  post(kPublisher, "again");
  system.step();
  EXPECT_LE(sent(), kMany + kBatch);
  system.settle();
  EXPECT_EQ(sent(), kMany * 2);
}

TEST_F(FanOut, of_broadcasts_and_sends_goes_on_a_slice_at_a_time) {
  listen(1000);
  play(system, kPublisher, {.on_message = [this](Turn& turn, const MessageView&) -> Result<Response> {
         for (int i = 0; i < 3; ++i) AIRSSYS_TRY(turn.broadcast(listeners, raw("x")));
         return done();
       }});
  post(kPublisher, "go");
  system.step();
  EXPECT_EQ(sent(), kBatch);
  system.settle();
  EXPECT_EQ(sent(), 3000U);
  EXPECT_EQ(heard(), 1000U);
}

TEST_F(FanOut, keeps_the_order_of_each_pair_replies_too) {
  listen(kMany);
  ASSERT_TRUE(system.listen(kA));
  system.subscribe({.topic = pattern("t"), .actors = kA});
  std::string said;
  play(system, kB,
       {.on_message = [&](Turn& turn, const MessageView& message) -> Result<Response> {
          if (message.kind == core::MessageKind::event) {
            said += std::string(message.text()) + "; ";
          } else {
            AIRSSYS_TRY(turn.request(kPublisher, raw(message.text()), 5s, Tag{}));
          }
          return done();
        },
        .on_reply = [&](Turn&, const OutcomeView& outcome) -> Result<void> {
          said += words(*outcome.outcome) + "; ";
          return {};
        }});
  system.subscribe({.topic = pattern("t"), .actors = kB});
  play(system, kPublisher, publisher());
  post(kB, "first");
  post(kB, "second");
  system.settle();
  EXPECT_EQ(texts_of(kA), "1; 2 first; 3; 1; 2 second; 3; ");
  EXPECT_EQ(said, "2 first; reply 4; 2 second; reply 4; ");
}

TEST_F(FanOut, that_is_not_over_when_the_system_has_ended_is_given_up_and_said) {
  listen(kMany);
  ASSERT_TRUE(system.listen(kA));
  play(system, kPublisher, publisher());
  post(kPublisher, "go");
  system.step();
  ASSERT_TRUE(cell(kPublisher)->correspondence().has_put_by());
  system.order_stop();
  // Beyond the time that all last turns have together.
  system.let_pass(actor::Ending::kLastTurns + 1s);
  system.settle();
  EXPECT_LE(heard(), kBatch);
  EXPECT_FALSE(system.info(kPublisher)) << "it has stopped";
  std::vector<messaging::DeadLetter> unsent = system.dead_letters();
  std::erase_if(unsent, [](const auto& letter) { return letter.why != "the system ended before it was sent"; });
  ASSERT_EQ(unsent.size(), 2U) << "the event, and what came after it";
  EXPECT_EQ(unsent[0].kind, actor::EnvelopeKind::event);
  EXPECT_EQ(unsent[0].topic, "t");
  EXPECT_EQ(unsent[1].target, kA.text());
  EXPECT_GE(system.assembly().actors().ending().left().accepted, 2U);
}

TEST_F(FanOut, goes_to_those_who_were_subscribed_when_the_turn_ended) {
  listen(kMany);
  for (const Address& address : {kA, kB, kC}) ASSERT_TRUE(system.listen(address));
  topics().subscribe(cell(kA), pattern("t"));
  topics().subscribe(cell(kB), pattern("#"));
  play(system, kPublisher, {.on_message = [](Turn& turn, const MessageView&) -> Result<Response> {
         // The second is another topic, about whose audience nothing is known when the turn ends.
         AIRSSYS_TRY(turn.publish("t", raw("1")));
         AIRSSYS_TRY(turn.publish("u.v", raw("2")));
         return done();
       }});
  post(kPublisher, "go");
  system.step();
  ASSERT_TRUE(cell(kPublisher)->correspondence().has_put_by());
  topics().subscribe(cell(kC), pattern("#"));
  topics().unsubscribe(*cell(kB), "#");
  system.settle();
  EXPECT_EQ(texts_of(kA), "1; ");
  EXPECT_EQ(texts_of(kB), "1; 2; ") << "left after the turn had ended";
  EXPECT_EQ(texts_of(kC), "") << "came after the turn had ended";
  ASSERT_TRUE(system.send(kPublisher, raw("again")));
  EXPECT_EQ(texts_of(kB), "1; 2; ");
  EXPECT_EQ(texts_of(kC), "1; 2; ");
}

TEST_F(FanOut, sees_the_publishers_own_changes_in_their_order) {
  listen(kMany);
  std::string heard_itself;
  play(system, kPublisher, {.on_message = [&](Turn& turn, const MessageView& message) -> Result<Response> {
         if (message.kind == core::MessageKind::event) {
           heard_itself += std::string(message.text()) + "; ";
           return done();
         }
         AIRSSYS_TRY(turn.publish("t", raw("1")));
         AIRSSYS_TRY(turn.subscribe("t"));
         AIRSSYS_TRY(turn.publish("t", raw("2")));
         turn.unsubscribe("t");
         AIRSSYS_TRY(turn.publish("t", raw("3")));
         return done();
       }});
  ASSERT_TRUE(system.send(kPublisher, raw("go")));
  EXPECT_EQ(heard_itself, "2; ");
  EXPECT_EQ(texts_of(listeners.back()), "1; 2; 3; ");
  EXPECT_EQ(texts_of(listeners.front()), "1; 2; 3; ");
}

TEST_F(FanOut, ends_before_the_next_turn_of_the_publisher_and_before_it_stops) {
  listen(kMany);
  play(system, kPublisher, {.on_message = [&](Turn& turn, const MessageView& message) -> Result<Response> {
         if (message.text() == "event") AIRSSYS_TRY(turn.publish("t", raw("event")));
         if (message.text() == "send") AIRSSYS_TRY(turn.send(listeners.back(), raw("send")));
         if (message.text() == "end") {
           AIRSSYS_TRY(turn.publish("t", raw("last")));
           turn.stop_self();
         }
         return done();
       }});
  for (const std::string_view text : {"event", "send", "end", "never"}) post(kPublisher, text);
  system.settle();
  EXPECT_EQ(texts_of(listeners.back()), "event; send; last; ");
  EXPECT_EQ(system.dead_letters().size(), 1U);
}

TEST_F(FanOut, of_an_actor_that_is_told_to_stop_reaches_all) {
  listen(kMany);
  ASSERT_TRUE(system.listen(kA));
  play(system, kPublisher, publisher());
  post(kPublisher, "go");
  system.step();
  ASSERT_TRUE(system.stop(kPublisher));
  system.settle();
  EXPECT_EQ(heard(), kMany);
  EXPECT_TRUE(system.idle());
}

TEST_F(FanOut, is_paid_for_by_the_turns_budget) {
  listen(100);
  std::string said;
  const auto many = [&](Turn& turn, const MessageView& message) -> Result<Response> {
    int accepted = 0;
    for (int i = 0; i < 100; ++i) {
      const bool ok = message.text() == "publish" ? turn.publish("t", raw("x")).has_value()
                                                  : turn.broadcast(listeners, raw("x")).has_value();
      accepted += ok ? 1 : 0;
    }
    const auto refused = turn.publish("t", raw("x"));
    said += std::to_string(accepted) + " " + std::string(refused ? "ok" : core::name_of(refused.error().code())) + "; ";
    return done();
  };
  play(system, kPublisher, {.on_message = many}, {.limits = core::Limits{.turn_cpu = 2ms}});
  ASSERT_TRUE(system.send(kPublisher, raw("publish")));
  ASSERT_TRUE(system.send(kPublisher, raw("broadcast")));
  EXPECT_EQ(said, "20 limit-reached; 20 limit-reached; ") << "a copy costs a microsecond of the budget";
  EXPECT_EQ(sent(), 4000U + 2);
}

TEST_F(FanOut, of_broadcasts_is_bounded_in_bytes_by_the_messages_that_it_holds) {
  listen(1000);
  std::string said;
  play(system, kPublisher, {.on_message = [&](Turn& turn, const MessageView&) -> Result<Response> {
         int accepted = 0;
         while (turn.broadcast(listeners, raw("x"))) ++accepted;
         said += std::to_string(accepted);
         return fail(ErrorCode::rejected);
       }},
       {.limits = core::Limits{.turn_bytes = 1_MiB}});
  ASSERT_TRUE(system.send(kPublisher, raw("go")));
  EXPECT_EQ(said, "8") << "8,000 messages of 128 bytes are nearly all of it";
}

TEST_F(FanOut, of_one_event_is_never_refused_however_many_are_subscribed) {
  listen(3000);
  std::string said;
  play(system, kPublisher, {.on_message = [&](Turn& turn, const MessageView&) -> Result<Response> {
         said += turn.publish("t", raw("x")) ? "ok " : "refused ";
         said += turn.publish("t", raw("x")) ? "ok " : "refused ";
         said += turn.publish("nobody", raw("x")) ? "ok; " : "refused; ";
         return done();
       }},
       {.limits = core::Limits{.turn_cpu = 2ms}});
  ASSERT_TRUE(system.send(kPublisher, raw("go")));
  EXPECT_EQ(said, "ok refused ok; ");
  EXPECT_EQ(heard(), 3000U);
}

TEST_F(FanOut, to_very_many_without_room_waits_for_some_of_them) {
  for (int i = 0; i < 100; ++i) {
    listeners.push_back(core::make_checked_address("test/listener/" + std::to_string(i)));
    play(system, listeners.back(),
         {.on_message = [](Turn&, const MessageView&) -> Result<Response> { return fail(ErrorCode::busy); }},
         {.limits = core::Limits{.mailbox_messages = 1}});
  }
  const auto waiting = [&] {
    return std::ranges::count_if(listeners, [&](const Address& one) { return cell(one)->mailbox().waiters() > 0; });
  };
  play(system, kPublisher, {.on_message = [&](Turn& turn, const MessageView& message) -> Result<Response> {
         const auto refused = turn.broadcast(listeners, raw("x"));
         if (message.text() == "fill") return done();
         return refused && refused->size() == 100 ? Result<Response>(fail(ErrorCode::busy)) : done();
       }});
  ASSERT_TRUE(system.send(kPublisher, raw("fill")));
  ASSERT_TRUE(system.send(kPublisher, raw("go")));
  EXPECT_EQ(waiting(), 64);
  system.advance(40s);
  EXPECT_EQ(system.info(kPublisher)->mailbox_messages, 0U);
}

TEST_F(FanOut, to_a_large_group_that_is_full_asks_256_of_its_members) {
  constexpr std::size_t kMembers = 300;
  constexpr std::size_t kWilling = 290;
  bool willing = false;
  for (std::size_t i = 0; i < kMembers; ++i) {
    listeners.push_back(core::make_checked_address("test/listener/" + std::to_string(i)));
    play(system, listeners.back(), {.on_message = [&willing, i](Turn&, const MessageView&) -> Result<Response> {
           if (willing && i == kWilling) return done();
           return fail(ErrorCode::busy);
         }},
         {.limits = core::Limits{.mailbox_messages = 1}});
    system.subscribe({.topic = pattern("t"), .actors = listeners.back(), .group = "g"});
  }
  for (std::size_t i = 0; i < kMembers; ++i) ASSERT_TRUE(system.publish("t", raw("x")));
  ASSERT_TRUE(system.dead_letters().empty()) << "each has one";
  willing = true;
  system.advance(1s);
  // From the first on 256 are asked; the one with room is the 291st.
  std::size_t events = 0;
  while (system.info(listeners[kWilling])->counts.handled < 3 && events < kMembers) {
    ASSERT_TRUE(system.publish("t", raw("x")));
    ++events;
  }
  EXPECT_EQ(system.dead_letters().size(), kWilling - 255);
  EXPECT_EQ(events, kWilling - 255 + 1);
}

TEST_F(FanOut, that_is_under_way_when_the_system_ends_leaves_nothing_behind) {
  listen(kMany);
  play(system, kPublisher, publisher());
  ASSERT_TRUE(system.listen(kA));
  post(kPublisher, "go");
  system.step();
  EXPECT_FALSE(system.idle()) << "the sanitizer sees what the end of the test leaves";
}

TEST(Subscribing, to_ever_new_patterns_leaves_nothing_behind_over_restarts_too) {
  TestSystem system;
  int next = 0;
  play(system, kA, {.on_message = [&](Turn& turn, const MessageView& message) -> Result<Response> {
         for (int i = 0; i < 100; ++i) {
           const std::string text = "t.p" + std::to_string(next++);
           AIRSSYS_TRY(turn.subscribe(text));
           turn.unsubscribe(text);
         }
         if (message.text() == "die") return fail(ErrorCode::internal);
         return done();
       }});
  messaging::Topics& topics = system.assembly().messaging().topics();
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(system.send(kA, raw(i % 5 == 0 ? "die" : "go")));
    system.advance(10s);
    ASSERT_EQ(topics.size(), 0U);
    ASSERT_EQ(topics.kept(), 0U);
  }
}

}  // namespace
}  // namespace airssys::contract
