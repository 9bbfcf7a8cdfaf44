// Events: to the subscribers of now, one effect of the turn, in order with everything else of the publisher.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "script_actor.hpp"

namespace airssys::contract {
namespace {

const Address kPublisher = "test/publisher/1"_address;

security::TopicPattern pattern(std::string_view text) {
  return *security::TopicPattern::parse(text);
}

/// Publishes the text of each message on `words.en`; "!..." then fails, "+p" and "-p" change its own subscriptions.
Script publisher() {
  return {.on_message = [](Turn& turn, const MessageView& message) -> Result<Response> {
    if (message.kind == core::MessageKind::event) {
      AIRSSYS_TRY(turn.send(kA, raw("heard " + std::string(message.text()))));
      return done();
    }
    const std::string_view text = message.text();
    if (text.starts_with('+')) AIRSSYS_TRY(turn.subscribe(text.substr(1)));
    if (text.starts_with('-') && !turn.unsubscribe(text.substr(1))) return fail(ErrorCode::rejected, "was not subscribed");
    AIRSSYS_TRY(turn.publish("words.en", raw(text)));
    if (text.starts_with('!')) return fail(ErrorCode::rejected);
    return done();
  }};
}

/// Subscribes to what it is sent, writes down the events.
Script subscriber(std::string& heard) {
  return {.on_message = [&heard](Turn& turn, const MessageView& message) -> Result<Response> {
    if (message.kind != core::MessageKind::event) {
      if (message.text() == "die") return fail(ErrorCode::internal);
      const auto subscribed = turn.subscribe(message.text());
      if (!subscribed) return std::unexpected(Error(ErrorCode::rejected, "test", subscribed.error().message()));
      return done();
    }
    heard += std::string(*message.topic) + "=" + std::string(message.text()) + " from " + std::string(message.sender) + "; ";
    return done();
  }};
}

std::string texts(const std::vector<simulation::Received>& received) {
  std::string text;
  for (const auto& one : received) text += (one.topic.empty() ? "" : one.topic + "=") + one.text + "; ";
  return text;
}

TEST(Topic, brings_an_event_to_each_subscriber_once) {
  TestSystem system;
  ASSERT_TRUE(system.listen(kA));
  ASSERT_TRUE(system.listen(kB));
  ASSERT_TRUE(system.listen(kC));
  system.subscribe({.topic = pattern("words.#"), .actors = kA});
  system.subscribe({.topic = pattern("words.*"), .actors = kA});
  system.subscribe({.topic = pattern("words.*"), .actors = kB});
  system.subscribe({.topic = pattern("other"), .actors = kC});
  play(system, kPublisher, publisher());
  ASSERT_TRUE(system.send(kPublisher, raw("hello")));
  EXPECT_EQ(texts(system.sent_to(kA)), "words.en=hello; ");
  EXPECT_EQ(texts(system.sent_to(kB)), "words.en=hello; ");
  EXPECT_EQ(texts(system.sent_to(kC)), "");
  EXPECT_EQ(system.stats().service.published, 1U);
  EXPECT_TRUE(system.dead_letters().empty());
}

TEST(Topic, of_a_turn_that_fails_was_never_published_and_its_subscriptions_never_made) {
  TestSystem system;
  std::string heard;
  play(system, kA, subscriber(heard));
  ASSERT_TRUE(system.send(kA, raw("words.#")));
  play(system, kPublisher, publisher());
  ASSERT_TRUE(system.send(kPublisher, raw("!no")));
  ASSERT_TRUE(system.send(kPublisher, raw("yes")));
  EXPECT_EQ(heard, "words.en=yes from test/publisher/1; ");
}

TEST(Topic, subscribed_to_before_publishing_in_one_turn_brings_the_event_back_and_after_it_does_not) {
  TestSystem system;
  ASSERT_TRUE(system.listen(kA));
  play(system, kPublisher, publisher());
  ASSERT_TRUE(system.send(kPublisher, raw("+words.*")));
  EXPECT_EQ(texts(system.sent_to(kA)), "heard +words.*; ");
  ASSERT_TRUE(system.send(kPublisher, raw("-words.*")));
  EXPECT_EQ(texts(system.sent_to(kA)), "heard +words.*; ") << "it had left before the event";
}

TEST(Topic, subscriptions_of_a_failed_turn_are_as_they_were) {
  TestSystem system;
  std::string outcome;
  Script script = publisher();
  script.on_message = [&](Turn& turn, const MessageView& message) -> Result<Response> {
    if (message.kind == core::MessageKind::event) {
      outcome += "event; ";
      return done();
    }
    if (message.text() == "subscribe, fail") {
      AIRSSYS_TRY(turn.subscribe("words.*"));
      return fail(ErrorCode::rejected);
    }
    if (message.text() == "unsubscribe, fail") {
      outcome += turn.unsubscribe("words.*") ? "was; " : "was not; ";
      return fail(ErrorCode::rejected);
    }
    AIRSSYS_TRY(turn.subscribe("words.*"));
    return done();
  };
  play(system, kA, script);
  ASSERT_TRUE(system.send(kA, raw("subscribe, fail")));
  ASSERT_TRUE(system.publish("words.en", raw("x")));
  EXPECT_EQ(outcome, "");
  ASSERT_TRUE(system.send(kA, raw("subscribe")));
  ASSERT_TRUE(system.send(kA, raw("unsubscribe, fail")));
  ASSERT_TRUE(system.publish("words.en", raw("x")));
  EXPECT_EQ(outcome, "was; event; ");
}

TEST(Topic, subscriptions_are_kept_over_a_restart_and_gone_with_the_actor) {
  TestSystem system;
  std::string heard;
  play(system, kA, subscriber(heard));
  ASSERT_TRUE(system.send(kA, raw("words.#")));
  ASSERT_TRUE(system.send(kA, raw("die")));
  system.advance(10s);
  ASSERT_TRUE(system.publish("words.en", raw("after")));
  EXPECT_EQ(heard, "words.en=after from test/host/1; ");
  ASSERT_TRUE(system.stop(kA));
  play(system, kA, subscriber(heard));
  ASSERT_TRUE(system.publish("words.en", raw("to a new one")));
  EXPECT_EQ(heard, "words.en=after from test/host/1; ");
}

TEST(Topic, a_subscriber_without_room_loses_its_copy_to_the_dead_letters_and_harms_nobody) {
  TestSystem system;
  ASSERT_TRUE(system.listen(kA, core::Limits{.mailbox_messages = 2}));
  ASSERT_TRUE(system.listen(kB));
  ASSERT_TRUE(system.listen(kC, core::Limits{.body_bytes = 2}));
  for (const Address& address : {kA, kB, kC}) system.subscribe({.topic = pattern("#"), .actors = address});
  play(system, kPublisher, {.on_message = [](Turn& turn, const MessageView&) -> Result<Response> {
         for (int i = 0; i < 3; ++i) AIRSSYS_TRY(turn.publish("t", raw("event")));
         return done();
       }});
  ASSERT_TRUE(system.send(kPublisher, raw("go")));
  EXPECT_EQ(system.sent_to(kA).size(), 2U);
  EXPECT_EQ(system.sent_to(kB).size(), 3U);
  EXPECT_EQ(system.sent_to(kC).size(), 0U);
  std::string buried;
  for (const auto& letter : system.dead_letters())
    buried += letter.target + " " + std::string(actor::name_of(letter.reason)) + "; ";
  EXPECT_EQ(buried, "test/c/1 too-large; test/c/1 too-large; test/a/1 no-room; test/c/1 too-large; ");
}

TEST(Topic, of_a_group_each_event_reaches_one_member_in_turn) {
  TestSystem system;
  ASSERT_TRUE(system.listen(kA));
  ASSERT_TRUE(system.listen(kB));
  system.subscribe({.topic = pattern("words.*"), .actors = "test/a/*"_pattern, .group = "readers"});
  system.subscribe({.topic = pattern("words.*"), .actors = "test/b/*"_pattern, .group = "readers"});
  play(system, kPublisher, publisher());
  for (const char* text : {"1", "2", "3", "4"}) ASSERT_TRUE(system.send(kPublisher, raw(text)));
  EXPECT_EQ(texts(system.sent_to(kA)), "words.en=1; words.en=3; ");
  EXPECT_EQ(texts(system.sent_to(kB)), "words.en=2; words.en=4; ");
  ASSERT_TRUE(system.stop(kB));
  ASSERT_TRUE(system.send(kPublisher, raw("5")));
  EXPECT_EQ(texts(system.sent_to(kA)), "words.en=1; words.en=3; words.en=5; ");
}

TEST(Topic, of_a_group_a_full_member_passes_the_event_on) {
  TestSystem system;
  ASSERT_TRUE(system.listen(kA, core::Limits{.mailbox_messages = 1}));
  ASSERT_TRUE(system.listen(kB));
  system.subscribe({.topic = pattern("t"), .actors = kA, .group = "g"});
  system.subscribe({.topic = pattern("t"), .actors = kB, .group = "g"});
  play(system, kPublisher, {.on_message = [](Turn& turn, const MessageView&) -> Result<Response> {
         for (const char* text : {"1", "2", "3", "4"}) AIRSSYS_TRY(turn.publish("t", raw(text)));
         return done();
       }});
  ASSERT_TRUE(system.send(kPublisher, raw("go")));
  EXPECT_EQ(texts(system.sent_to(kA)), "t=1; ");
  EXPECT_EQ(texts(system.sent_to(kB)), "t=2; t=3; t=4; ");
  EXPECT_TRUE(system.dead_letters().empty());
}

TEST(Topic, events_sends_and_requests_of_one_pair_arrive_in_order) {
  TestSystem system;
  ASSERT_TRUE(system.listen(kA));
  system.subscribe({.topic = pattern("#"), .actors = kA});
  play(system, kPublisher, {.on_message = [](Turn& turn, const MessageView&) -> Result<Response> {
         AIRSSYS_TRY(turn.send(kA, raw("1")));
         AIRSSYS_TRY(turn.publish("t", raw("2")));
         AIRSSYS_TRY(turn.request(kA, raw("3"), 1s, Tag{}));
         const std::array both{kA, kA};
         AIRSSYS_TRY(turn.broadcast(both, raw("4")));
         AIRSSYS_TRY(turn.publish("t", raw("5")));
         return done();
       }});
  ASSERT_TRUE(system.send(kPublisher, raw("go")));
  EXPECT_EQ(texts(system.sent_to(kA)), "1; t=2; 3; 4; 4; t=5; ");
}

TEST(Topic, needs_a_grant_that_contains_it_and_stops_when_that_is_revoked) {
  TestSystem system({.grant_everything = false});
  std::string heard;
  play(system, kA, subscriber(heard));
  play(system, kPublisher, publisher());
  EXPECT_EQ(words(*system.request(kA, raw("words.#"))), "failed rejected: cannot subscribe to words.#: no grant covers it");
  ASSERT_TRUE(system.grant({.from = kA, .to = pattern("words.*"), .allow = {security::Verb::subscribe}}));
  EXPECT_EQ(words(*system.request(kA, raw("words.#"))), "failed rejected: cannot subscribe to words.#: no grant covers it")
      << "a part is not the whole";
  const auto subscribe = system.grant({.from = kA, .to = pattern("words.#"), .allow = {security::Verb::subscribe}});
  EXPECT_EQ(words(*system.request(kA, raw("words.#"))), "reply ");
  EXPECT_EQ(words(*system.request(kPublisher, raw("x"))), "failed internal: cannot publish on words.en: no grant covers it");
  system.advance(10s);
  ASSERT_TRUE(system.grant({.from = kPublisher, .to = pattern("words.en"), .allow = {security::Verb::publish}}));
  EXPECT_EQ(words(*system.request(kPublisher, raw("y"))), "reply ");
  EXPECT_EQ(heard, "words.en=y from test/publisher/1; ");
  ASSERT_TRUE(system.assembly().grants().revoke(*subscribe));
  EXPECT_EQ(words(*system.request(kPublisher, raw("z"))), "reply ");
  EXPECT_EQ(heard, "words.en=y from test/publisher/1; ") << "a revoked grant counts from the next call on";
}

TEST(Topic, malformed_ones_and_too_many_are_refused) {
  TestSystem system;
  std::string said;
  play(system, kA, {.on_message = [&](Turn& turn, const MessageView&) -> Result<Response> {
         const auto word = [](const Result<void>& result) {
           return result ? std::string("ok; ") : std::string(core::name_of(result.error().code())) + "; ";
         };
         said += word(turn.publish("no topic", raw("x")));
         said += word(turn.publish("a.*", raw("x")));
         said += word(turn.subscribe("a.#.b"));
         said += word(turn.subscribe("a"));
         said += word(turn.subscribe("a"));
         said += word(turn.subscribe("b"));
         said += word(turn.subscribe("c"));
         return done();
       }},
       {.limits = core::Limits{.subscriptions = 2}});
  ASSERT_TRUE(system.send(kA, raw("go")));
  EXPECT_EQ(said, "invalid; invalid; invalid; ok; ok; ok; limit-reached; ");
}

TEST(Topic, guests_publish_and_subscribe_like_natives) {
  TestSystem system;
  const auto folder = std::filesystem::path(AIRSSYS_GUESTS) / "topic_user";
  ASSERT_TRUE(system.spawn(folder, kA));
  ASSERT_TRUE(system.spawn(folder, kB));
  ASSERT_TRUE(system.listen(kC));
  system.subscribe({.topic = pattern("words.#"), .actors = kC});
  EXPECT_EQ(words(*system.request(kA, raw("subscribe words.*"))), "reply ok");
  EXPECT_EQ(words(*system.request(kB, raw("publish words.en hello"))), "reply ok");
  ASSERT_TRUE(system.publish("words.de", raw("hallo")));
  EXPECT_EQ(words(*system.request(kA, raw("seen"))), "reply words.en hello\nwords.de hallo\n");
  EXPECT_EQ(texts(system.sent_to(kC)), "words.en=hello; words.de=hallo; ");
  EXPECT_EQ(words(*system.request(kA, raw("unsubscribe words.*"))), "reply ok");
  EXPECT_EQ(words(*system.request(kA, raw("unsubscribe words.*"))), "reply was not subscribed");
  EXPECT_EQ(words(*system.request(kB, raw("publish words.en again"))), "reply ok");
  EXPECT_EQ(words(*system.request(kA, raw("seen"))), "reply words.en hello\nwords.de hallo\n");
}

TEST(Broadcast, reaches_all_but_those_that_it_names_with_one_body_as_one_effect) {
  TestSystem system;
  ASSERT_TRUE(system.listen(kA));
  ASSERT_TRUE(system.listen(kB, core::Limits{.body_bytes = 1}));
  std::string said;
  play(system, kPublisher, {.on_message = [&](Turn& turn, const MessageView& message) -> Result<Response> {
         const std::array targets{kA, kB, kC, kA};
         AIRSSYS_TRY(const auto refused, turn.broadcast(targets, raw(message.text())));
         for (const auto& [index, error] : refused) {
           said += std::to_string(index) + " " + std::string(core::name_of(error.code())) + "; ";
         }
         AIRSSYS_TRY(turn.send(kA, raw("and one more")));
         if (message.text() == "fail") return fail(ErrorCode::rejected);
         return done();
       }},
       {.limits = core::Limits{.turn_effects = 2}});
  ASSERT_TRUE(system.send(kPublisher, raw("fail")));
  EXPECT_EQ(texts(system.sent_to(kA)), "");
  said.clear();
  ASSERT_TRUE(system.send(kPublisher, raw("hello")));
  EXPECT_EQ(said, "1 too-large; 2 not-found; ");
  EXPECT_EQ(texts(system.sent_to(kA)), "hello; hello; and one more; ");
  EXPECT_EQ(system.stats().service.broadcasts, 1U) << "that of the failed turn never happened";
  EXPECT_EQ(system.info(kA)->mailbox_messages, 0U);
}

TEST(Broadcast, to_more_than_a_thousand_is_refused_as_a_whole) {
  TestSystem system;
  ASSERT_TRUE(system.listen(kA, core::Limits{.mailbox_messages = 4096}));
  std::string said;
  play(system, kPublisher, {.on_message = [&](Turn& turn, const MessageView& message) -> Result<Response> {
         const std::vector<Address> targets(message.text() == "many" ? 1001 : 1000, kA);
         const auto refused = turn.broadcast(targets, raw("x"));
         said += refused ? std::to_string(refused->size()) : refused.error().message();
         return done();
       }});
  ASSERT_TRUE(system.send(kPublisher, raw("many")));
  EXPECT_THAT(said, ::testing::HasSubstr("at most 1,000 targets"));
  said.clear();
  ASSERT_TRUE(system.send(kPublisher, raw("enough")));
  EXPECT_EQ(said, "0");
  EXPECT_EQ(system.sent_to(kA).size(), 1000U);
}

}  // namespace
}  // namespace airssys::contract
