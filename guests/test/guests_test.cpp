// Each guest does its trick, so that the tests that use them test what they mean to.
#include "guests_fixture.hpp"

namespace airssys::guests {
namespace {

using Guests = GuestsTest;

TEST_F(Guests, the_counter_counts_words) {
  const auto counter = start("counter");
  EXPECT_EQ(reply_to(*counter, "a b a"), "[done]");
  EXPECT_EQ(reply_to(*counter, "  a  "), "[done]");
  EXPECT_EQ(asked(*counter, "a"), "3");
  EXPECT_EQ(asked(*counter, "b"), "1");
  EXPECT_EQ(asked(*counter, "c"), "[rejected never seen: c]");
}

TEST_F(Guests, the_counter_survives_what_is_no_text_and_keeps_its_counts) {
  const auto counter = start("counter");
  EXPECT_EQ(reply_to(*counter, "a b \xFF a"), "[done]");
  EXPECT_EQ(asked(*counter, "\xFF"), "1");
  EXPECT_EQ(asked(*counter, "\xFE"), "[rejected never seen: \uFFFD]");
  EXPECT_EQ(asked(*counter, "a"), "2");
  EXPECT_EQ(counter->trap(), nullptr);
}

TEST_F(Guests, the_forwarder_sends_on) {
  host.config = {{"to", "demo/next/1"}};
  const auto forwarder = start("forwarder");
  EXPECT_EQ(reply_to(*forwarder, "pass"), "[done]");
  EXPECT_EQ(host.calls, std::vector<std::string>{"send demo/next/1 raw pass"});
  host.refusal = {.kind = core::SendErrorKind::mailbox_full};
  EXPECT_EQ(reply_to(*forwarder, "pass"), "[busy ]");
}

TEST_F(Guests, the_requester_remembers_what_became_of_it) {
  host.config = {{"to", "demo/next/1"}, {"timeout_ms", "50"}};
  const auto requester = start("requester");
  EXPECT_EQ(asked(*requester, "last"), "nothing");
  reply_to(*requester, "why");
  EXPECT_EQ(host.calls.back(), "request demo/next/1 raw why timeout 50 tag 0");
  EXPECT_EQ(asked(*requester, "last"), "waiting");
  const core::Outcome outcome = core::raw("because");
  requester->handle_reply(turn, {.id = {}, .tag = {}, .outcome = &outcome}, kTicks);
  EXPECT_EQ(asked(*requester, "last"), "ok: because");
  EXPECT_EQ(asked(*requester, "count"), "1");
}

TEST_F(Guests, the_clerk_of_the_kit_page_answers_whoever_asked_with_what_became_of_it) {
  host.config = {{"store", "demo/store/2"}, {"watchers", "demo/a/1 demo/b/1"}};
  const auto clerk = start("clerk");
  EXPECT_EQ(asked(*clerk, "apples", 7), "[later]");
  EXPECT_EQ(host.calls.back(), "request demo/store/2 raw apples timeout 250 tag 1");
  const core::Outcome three = core::raw("3");
  clerk->handle_reply(turn, {.id = {}, .tag = core::Tag{1}, .outcome = &three}, kTicks);
  EXPECT_EQ(host.calls.back(), "answer 7 raw 3");
  EXPECT_EQ(asked(*clerk, "pears", 8), "[later]");
  const core::Outcome late =
      std::unexpected(core::RequestError{.kind = core::RequestErrorKind::timeout, .failure = {}, .text = {}});
  clerk->handle_reply(turn, {.id = {}, .tag = core::Tag{2}, .outcome = &late}, kTicks);
  EXPECT_EQ(host.calls.back(), "answer 8 rejected the store: timeout");
  host.calls.clear();
  clerk->handle_timer(turn, core::Tag{1}, 0, 2, kTicks);
  EXPECT_EQ(host.calls.back(), "broadcast demo/a/1,demo/b/1 raw asked 2 times");
}

TEST_F(Guests, the_clerk_of_the_kit_page_lives_on_where_its_store_is_gone) {
  host.config = {};
  const auto clerk = start("clerk");
  host.refusal = {.kind = core::SendErrorKind::not_found};
  EXPECT_EQ(asked(*clerk, "apples", 7), "[rejected the store is not to be had: not-found]");
  host.refusal = {.kind = core::SendErrorKind::mailbox_full};
  EXPECT_EQ(asked(*clerk, "apples", 7), "[busy ]");
}

TEST_F(Guests, the_deferred_answerer_answers_when_it_has_the_answer) {
  host.config = {{"to", "demo/next/1"}};
  const auto deferred = start("deferred");
  EXPECT_EQ(asked(*deferred, "why", 99), "[later]");
  EXPECT_EQ(host.calls, std::vector<std::string>{"request demo/next/1 raw why timeout 1000 tag 99"});
  const core::Outcome outcome = core::raw("because");
  deferred->handle_reply(turn, {.id = {}, .tag = core::Tag{99}, .outcome = &outcome}, kTicks);
  EXPECT_EQ(host.calls.back(), "answer 99 raw because");
}

TEST_F(Guests, the_failing_one_fails_as_told) {
  const auto failing = start("failing");
  EXPECT_EQ(reply_to(*failing, "rejected no way"), "[rejected no way]");
  EXPECT_EQ(reply_to(*failing, "invalid"), "[invalid ]");
  EXPECT_EQ(reply_to(*failing, "internal oh"), "[internal oh]");
  EXPECT_EQ(reply_to(*failing, "busy 2"), "[busy ]");
  EXPECT_EQ(reply_to(*failing, "busy 2"), "[busy ]");
  EXPECT_EQ(reply_to(*failing, "busy 2"), "6");
}

TEST_F(Guests, the_trapping_one_traps_in_every_way) {
  const std::vector<std::pair<std::string, std::string>> cases{{"unreachable", "[unreachable]"},
                                                               {"divide", "[integer]"},
                                                               {"bounds", "[out-of-bounds-memory]"},
                                                               {"null", "[bad-indirect-call]"}};
  for (const auto& [word, kind] : cases) {
    const auto trapping = start("trapping");
    EXPECT_EQ(reply_to(*trapping, "well"), "1");
    EXPECT_EQ(reply_to(*trapping, word), kind) << trapping->trap()->message;
  }
}

TEST_F(Guests, a_trap_is_found_in_the_source) {
  const auto trapping = start("trapping");
  reply_to(*trapping, "divide");
  const auto stack = trapping->component().locate(trapping->trap()->frames);
  ASSERT_TRUE(stack) << stack.error();
  const core::SourceLocation& place = stack->at(0);
  EXPECT_TRUE(place.function.contains("divide_by_zero")) << place.function;
  EXPECT_EQ(place.file, "guests/trapping/trapping.cpp");
  EXPECT_EQ(place.line, 11U);
}

TEST_F(Guests, the_kits_frames_are_found_too) {
  const auto growing = start("growing", {.memory = core::Bytes{2} << 20});
  EXPECT_EQ(reply_to(*growing, "eat"), "[out-of-memory]");
  EXPECT_TRUE(growing->trap()->growth_refused);
  const auto stack = growing->component().locate(growing->trap()->frames);
  ASSERT_TRUE(stack) << stack.error();
  EXPECT_EQ(stack->at(0).file, "airssys-sdk/src/rt.cpp");
}

TEST_F(Guests, the_growing_one_is_refused_and_goes_on) {
  const auto growing = start("growing", {.memory = core::Bytes{2} << 20});
  const int kib = std::stoi(reply_to(*growing, "grow"));
  EXPECT_GT(kib, 1500);
  EXPECT_LE(kib, 2048);
  EXPECT_EQ(reply_to(*growing, "grow"), std::to_string(kib));
  EXPECT_EQ(reply_to(*growing, "well"), "3");
}

TEST_F(Guests, the_recursing_one_ends_at_the_bottom_of_the_stack) {
  const auto recursing = start("recursing");
  EXPECT_EQ(reply_to(*recursing, "deep 1000"), "1000");
  EXPECT_EQ(reply_to(*recursing, "recurse"), "[stack-overflow]");
}

TEST_F(Guests, the_spinning_one_is_stopped) {
  const auto spinning = start("spinning");
  EXPECT_EQ(reply_to(*spinning, "work 1000"), "1");
  const auto stopped = spinning->handle_message(
      turn, {.sender = "demo/sender/1", .topic = std::nullopt, .body = core::Body::copy_of("spin")}, 0);
  EXPECT_EQ(text_of(*spinning, stopped), "[interrupt]");
}

TEST_F(Guests, no_lie_is_believed) {
  const std::vector<std::string> deadly{
      "send-pointer",      "send-length", "send-address",       "send-utf8",   "send-result",   "send-misaligned",
      "log-level",         "log-fields",  "log-bytes",          "answer-case", "realloc",       "return-far",
      "return-misaligned", "return-case", "return-result-case", "return-body", "return-length", "return-utf8"};
  for (const std::string& lie : deadly) {
    const auto lying = start("lying");
    EXPECT_EQ(reply_to(*lying, "true"), "true");
    const auto outcome = send(*lying, lie);
    EXPECT_EQ(outcome.kind, core::TurnResult::Kind::trapped) << lie << ": " << text_of(*lying, outcome);
    EXPECT_EQ(reply_to(*lying, "true"), text_of(*lying, outcome)) << "an instance that lied must be dead";
  }
}

TEST_F(Guests, a_lie_about_memory_kills_the_next_call_and_one_in_post_return_its_own) {
  const auto lying = start("lying");
  EXPECT_EQ(reply_to(*lying, "realloc-next"), "realloc-next");
  EXPECT_EQ(send(*lying, "true").kind, core::TurnResult::Kind::trapped);
  const auto other = start("lying");
  EXPECT_EQ(reply_to(*other, "post-return"), "[unreachable]");
}

TEST_F(Guests, the_chatty_one_sends_much) {
  host.config = {{"to", "demo/next/1"}};
  const auto chatty = start("chatty");
  EXPECT_EQ(reply_to(*chatty, "3 5"), "3 sent");
  EXPECT_EQ(host.calls.back(), "send demo/next/1 raw 2    ");
  EXPECT_EQ(reply_to(*chatty, "!2"), "[rejected 2 sent]");
  host.refusal = {.kind = core::SendErrorKind::limit_reached};
  EXPECT_EQ(reply_to(*chatty, "3"), "0 sent, then limit-reached");
}

TEST_F(Guests, the_starter_starts_as_configured) {
  const auto started = [this](std::string mode, const core::Start& reason, std::uint64_t ticks = kTicks) {
    host.config = {{"mode", std::move(mode)}};
    const auto starter = spawn(load("starter"));
    const auto outcome = starter->initialize(turn, reason, ticks);
    return text_of(*starter, outcome);
  };
  const core::Start again{.reason = core::StartReason::restarted, .restarts = 2};
  EXPECT_EQ(started("ok", {}), "[done]");
  EXPECT_EQ(started("fail", {}), "[internal told to fail]");
  EXPECT_EQ(started("trap", {}), "[unreachable]");
  EXPECT_EQ(started("spin", {}, 0), "[interrupt]");
  EXPECT_EQ(started("fail-first", {}), "[internal told to fail]");
  EXPECT_EQ(started("fail-first", again), "[done]");
}

TEST_F(Guests, the_timer_user_arms_and_counts) {
  host.config = {{"delay_ms", "20"}, {"period_ms", "30"}, {"to", "demo/next/1"}};
  const auto timer_user = spawn(load("timer_user"));
  timer_user->initialize(turn, {}, kTicks);
  EXPECT_EQ(host.calls.back(), "arm 1 delay 20 period 30");
  timer_user->handle_timer(turn, core::Tag{1}, 0, 2, kTicks);
  EXPECT_EQ(host.calls.back(), "send demo/next/1 raw tick 3");
  EXPECT_EQ(asked(*timer_user, "count"), "3, armed");
  EXPECT_EQ(asked(*timer_user, "disarm"), "3, disarmed");
  host.timer_error = core::TimerError::unavailable;
  EXPECT_EQ(asked(*timer_user, "arm 5"), "3, unavailable");
}

TEST_F(Guests, the_topic_user_does_as_told) {
  const auto topic_user = start("topic_user");
  EXPECT_EQ(reply_to(*topic_user, "publish a.b hello there"), "ok");
  EXPECT_EQ(host.calls.back(), "publish a.b raw hello there");
  EXPECT_EQ(reply_to(*topic_user, "subscribe a.#"), "ok");
  EXPECT_EQ(reply_to(*topic_user, "unsubscribe a.#"), "ok");
  host.refusal = {.kind = core::SendErrorKind::denied};
  EXPECT_EQ(reply_to(*topic_user, "subscribe b"), "denied");
}

TEST_F(Guests, one_without_a_handler_is_refused) {
  const auto no_handler = loader.load_file(wasm_of("no_handler"));
  ASSERT_FALSE(no_handler);
  EXPECT_EQ(no_handler.error().code(), core::ErrorCode::invalid) << no_handler.error();
}

TEST_F(Guests, the_storage_user_is_told_that_there_is_none) {
  const auto storage_user = start("storage_user");
  EXPECT_EQ(storage_user->component().imports_in_vain(), std::vector<std::string>{"storage"});
  EXPECT_EQ(reply_to(*storage_user, "set key value"), "unavailable");
  EXPECT_EQ(reply_to(*storage_user, "get key"), "unavailable");
  EXPECT_EQ(reply_to(*storage_user, "keys k"), "unavailable");
  EXPECT_EQ(reply_to(*storage_user, "usage"), "0");
}

}  // namespace
}  // namespace airssys::guests
