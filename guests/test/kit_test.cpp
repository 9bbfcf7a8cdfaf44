// The guest kit against a real engine: every call and every shape of the contract, through the guest `surface`.
#include <filesystem>

#include "guests_fixture.hpp"

namespace airssys::guests {
namespace {

using core::SendErrorKind;

class Kit : public GuestsTest {
 protected:
  std::string said(std::string_view word) { return reply_to(*surface, word); }
  std::string last_call() const { return host.calls.empty() ? "" : host.calls.back(); }
  std::string after_outcome(const core::Outcome& outcome) {
    surface->handle_reply(turn, {.id = core::MessageId{11}, .tag = core::Tag{22}, .outcome = &outcome}, kTicks);
    return said("tell-outcome");
  }

  std::unique_ptr<runtime::Instance> surface = start("surface");
};

TEST_F(Kit, lifts_every_field_of_a_message) {
  const auto outcome = surface->handle_message(turn,
                                               {.id = core::MessageId{0x1'0000'0001},
                                                .kind = core::MessageKind::event,
                                                .codec = core::Codec::json,
                                                .sender = "demo/who/1",
                                                .topic = "a.b",
                                                .body = core::Body::copy_of("tell-message")},
                                               kTicks);
  EXPECT_EQ(text_of(*surface, outcome), "id 4294967297 kind 2 sender demo/who/1 topic a.b codec 0x200 bytes 12");
}

TEST_F(Kit, hands_every_call_to_its_port) {
  const std::vector<std::array<std::string, 3>> cases{
      {"send", "ok", "send a/b/c raw body"},
      {"send-json", "ok", "send a/b/c json {}"},
      {"send-empty", "ok", "send a/b/c raw "},
      {"request", "1234605616436508552", "request a/b/c raw question timeout 250 tag 77"},
      {"cancel", "yes", "cancel 55"},
      {"answer-reply", "1", "answer 0 json [1]"},
      {"answer-rejected", "1", "answer 0 rejected no"},
      {"answer-busy", "1", "answer 0 busy "},
      {"broadcast", "", "broadcast a/b/c,d/e/f raw all"},
      {"publish", "ok", "publish a.b raw news"},
      {"subscribe", "ok", "subscribe a.#"},
      {"unsubscribe", "yes", "unsubscribe a.#"},
      {"arm", "ok", "arm 5 delay 10 period none"},
      {"arm-period", "ok", "arm 6 delay 10 period 20"},
      {"disarm", "yes", "disarm 5"},
  };
  for (const auto& [word, answer, call] : cases) {
    EXPECT_EQ(said(word), answer) << word;
    EXPECT_EQ(last_call(), call) << word;
  }
}

TEST_F(Kit, makes_every_text_for_the_host_well_formed_and_leaves_bodies_alone) {
  const std::vector<std::array<std::string, 2>> calls{
      {"send", "send \uFFFD raw \xFF"},
      {"request", "request \uFFFD raw question timeout 250 tag 0"},
      {"broadcast", "broadcast \uFFFD,d/e/f raw all"},
      {"publish", "publish \uFFFD raw news"},
      {"subscribe", "subscribe \uFFFD"},
      {"unsubscribe", "unsubscribe \uFFFD"},
      {"answer", "answer 7 rejected \uFFFD"},
      {"config", "config \uFFFD"},
      {"log", "log info \uFFFD \uFFFD=\uFFFD"},
      {"print", "log info \uFFFD"},
  };
  for (const auto& [call, seen] : calls) {
    said("text-" + call + ":\xFF");
    EXPECT_EQ(last_call(), seen) << call;
  }
  for (const std::string call : {"secret", "key", "scan", "find"}) {
    said("text-" + call + ":\xFF");
    ASSERT_EQ(surface->trap(), nullptr) << call << ": " << surface->trap()->message;
  }
  EXPECT_EQ(said("text-rejected:\xFF"), "[rejected \uFFFD]");
  const std::string long_one = said("text-rejected:" + std::string(1'000'000, '\xFF'));
  EXPECT_GT(long_one.size(), 4000U);
  EXPECT_LT(long_one.size(), 4200U) << "mended at its beginning, and cut as ever";
}

TEST_F(Kit, mends_each_piece_that_is_no_character_and_nothing_else) {
  const std::vector<std::array<std::string, 2>> texts{
      {"plain, longer than a word", "plain, longer than a word"},
      {"\u00e9 \u20ac \U0001F600", "\u00e9 \u20ac \U0001F600"},
      {"a\x80z", "a\uFFFDz"},                                      // a continuation alone
      {"a\xC3", "a\uFFFD"},                                        // cut short
      {"\xE2\x82", "\uFFFD"},                                      // a longer one cut short is one piece
      {"\xE2\x28\xA1", "\uFFFD(\uFFFD"},                           // broken by a character
      {"\xC0\xAF\xE0\x80\xAF", "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD"},  // longer forms than needed
      {"\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD"},                      // a surrogate
      {"\xF4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"},            // beyond Unicode
  };
  for (const auto& [text, mended] : texts) EXPECT_EQ(said("text-rejected:" + text), "[rejected " + mended + "]");
}

TEST_F(Kit, tells_every_send_error_apart) {
  const std::vector<std::pair<core::SendError, std::string>> cases{
      {{.kind = SendErrorKind::invalid_address}, "invalid-address 0 0 "},
      {{.kind = SendErrorKind::denied}, "denied 0 0 "},
      {{.kind = SendErrorKind::not_found}, "not-found 0 0 "},
      {{.kind = SendErrorKind::mailbox_full}, "mailbox-full 0 0 "},
      {{.kind = SendErrorKind::too_large, .largest_bytes = 0x1'0000'0002}, "too-large 0 4294967298 "},
      {{.kind = SendErrorKind::codec_not_accepted}, "codec-not-accepted 0 0 "},
      {{.kind = SendErrorKind::rate_limited}, "rate-limited 0 0 "},
      {{.kind = SendErrorKind::invalid_timeout}, "invalid-timeout 0 0 "},
      {{.kind = SendErrorKind::deadline_passed}, "deadline-passed 0 0 "},
      {{.kind = SendErrorKind::limit_reached, .limit = core::TurnLimit::turn_bytes}, "limit-reached 5 0 "},
      {{.kind = SendErrorKind::unavailable, .text = "not here"}, "unavailable 0 0 not here"},
      {{.kind = SendErrorKind::other, .text = "who knows"}, "other 0 0 who knows"},
  };
  for (const auto& [error, expected] : cases) {
    host.refusal = error;
    for (const char* call : {"send", "request", "answer-reply", "broadcast", "publish", "subscribe"}) {
      EXPECT_EQ(said(call), expected) << call;
    }
  }
}

TEST_F(Kit, lifts_the_refusals_of_a_broadcast) {
  host.broadcast_refusals = {{0, {.kind = SendErrorKind::too_large, .largest_bytes = 9}},
                             {1, {.kind = SendErrorKind::unavailable, .text = "asleep"}}};
  EXPECT_EQ(said("broadcast"), "0 too-large 0 9 ;1 unavailable 0 0 asleep;");
}

TEST_F(Kit, lifts_every_outcome_of_a_request) {
  using Kind = core::RequestErrorKind;
  const auto lost = [](Kind kind) { return std::unexpected(core::RequestError{.kind = kind}); };
  const auto refused = [](Kind kind, core::FailureKind failure, std::string text) {
    return std::unexpected(core::RequestError{.kind = kind, .failure = {.kind = failure, .text = std::move(text)}});
  };
  EXPECT_EQ(after_outcome(core::json("[1]")), "11 22 ok 0x200 [1]");
  EXPECT_EQ(after_outcome(core::raw("")), "11 22 ok 0x55 ");
  EXPECT_EQ(after_outcome(lost(Kind::timeout)), "11 22 timeout: 2 no reply: timeout");
  EXPECT_EQ(after_outcome(lost(Kind::target_gone)), "11 22 target-gone: 2 no reply: target-gone");
  EXPECT_EQ(after_outcome(lost(Kind::interrupted)), "11 22 interrupted: 2 no reply: interrupted");
  EXPECT_EQ(after_outcome(refused(Kind::failed, core::FailureKind::invalid, "bad")), "11 22 failed: 1 bad");
  EXPECT_EQ(after_outcome(refused(Kind::failed, core::FailureKind::busy, "")), "11 22 failed: 3 ");
  EXPECT_EQ(after_outcome(refused(Kind::answered, core::FailureKind::rejected, "no")), "11 22 answered: 0 no");
  EXPECT_EQ(after_outcome(lost(Kind::reply_refused)), "11 22 reply-refused: 2 no reply: reply-refused");
  EXPECT_EQ(after_outcome(std::unexpected(core::RequestError{.kind = Kind::other, .text = "odd"})),
            "11 22 other: 2 no reply: other, odd");
}

TEST_F(Kit, lifts_why_it_is_started) {
  EXPECT_EQ(said("tell-start"), "0 0 ");
  surface->initialize(turn, {.reason = core::StartReason::restarted, .restarts = 3}, kTicks);
  EXPECT_EQ(said("tell-start"), "1 3 ");
  surface->initialize(turn, {.reason = core::StartReason::resumed}, kTicks);
  EXPECT_EQ(said("tell-start"), "2 0 ");
  surface->initialize(turn, {.reason = core::StartReason::upgraded, .version = "1.2.0"}, kTicks);
  EXPECT_EQ(said("tell-start"), "3 0 1.2.0");
}

TEST_F(Kit, lifts_a_firing_and_stops) {
  surface->handle_timer(turn, core::Tag{1}, 0x1'0000'0000, 3, kTicks);
  EXPECT_EQ(said("tell-firing"), "1 4294967296 3");
  surface->stop(turn, kTicks);
  EXPECT_EQ(last_call(), "log info stopped");
}

TEST_F(Kit, reads_the_context) {
  EXPECT_EQ(said("context-self"), "demo/self/1");
  EXPECT_EQ(said("context-system"), "system-1");
  EXPECT_EQ(said("context-now"), "1700000000000");
  EXPECT_EQ(said("context-random"), std::to_string(0xfeed'beef'dead'f00d));
  EXPECT_EQ(said("context-attempt"), "3");
  EXPECT_EQ(said("context-sent"), "1600000000000");
  EXPECT_EQ(said("context-trace"), "00-trace");
  EXPECT_EQ(said("context-deadline"), "none");
  host.deadline = 42;
  EXPECT_EQ(said("context-deadline"), "42");
}

TEST_F(Kit, reads_the_configuration) {
  EXPECT_EQ(said("config"), "none 7");
  host.config = {{"word", "given"}, {"number", "-12"}};
  EXPECT_EQ(said("config"), "given -12");
  host.config = {{"word", ""}, {"number", "12 monkeys"}};
  EXPECT_EQ(said("config"), " 7");
}

TEST_F(Kit, gives_libc_the_turns_time_and_chance_and_makes_output_log_lines) {
  EXPECT_EQ(said("context-time"), "1700000000");
  EXPECT_EQ(said("context-chance"), std::to_string(0xdead'f00dU));
  said("log-printf");
  EXPECT_EQ(host.calls.front(), "log info printed 1.50");
  said("log-fields");
  EXPECT_EQ(last_call(), "log warn two fields word=x count=3");
}

TEST_F(Kit, makes_a_log_line_of_each_line_of_output_also_of_one_that_has_no_end) {
  said("log-lines");
  EXPECT_EQ(host.calls, (std::vector<std::string>{"log info one", "log info two goes on", "log warn bad"}));
}

TEST_F(Kit, says_that_storage_is_not_there) {
  for (const char* call : {"get", "set", "delete", "exists", "scan", "keys"}) {
    EXPECT_TRUE(said(std::string("storage-") + call).starts_with("unavailable 0 ")) << call;
  }
}

TEST_F(Kit, turns_a_refused_call_into_the_failure_that_fits) {
  EXPECT_EQ(said("try-send"), "[done]");
  host.refusal = {.kind = SendErrorKind::mailbox_full};
  EXPECT_EQ(said("try-send"), "[busy ]");
  host.refusal = {.kind = SendErrorKind::denied};
  EXPECT_EQ(said("try-send"), "[internal cannot send to a/b/c: denied]");
  EXPECT_EQ(said("try-publish"), "[internal cannot publish on a.b: denied]");
  host.refusal = {.kind = SendErrorKind::too_large, .largest_bytes = 9};
  EXPECT_EQ(said("try-send"), "[internal cannot send to a/b/c: too-large: at most 9 bytes are accepted]");
  host.timer_error = core::TimerError::limit_reached;
  EXPECT_EQ(said("try-arm"), "[internal timer refused: limit-reached, this actor's own limit `timers`]");
  host.timer_error = core::TimerError::unavailable;
  EXPECT_EQ(said("try-arm"), "[internal timer refused: unavailable, this component has no handle_timer to get the firing]");
}

TEST_F(Kit, logs_a_failed_assertion_and_traps) {
  EXPECT_EQ(said("assert false"), "[unreachable]");
  EXPECT_TRUE(last_call().starts_with("log error word == \"assert true\" file=")) << last_call();
}

TEST_F(Kit, exports_what_the_actor_has_and_nothing_else) {
  using runtime::Export;
  const auto echo = load("echo");
  for (const Export which : {Export::reply_handler, Export::timer_handler, Export::health, Export::state, Export::shutdown}) {
    EXPECT_TRUE(surface->component().has(which)) << name_of(which);
    EXPECT_FALSE(echo->has(which)) << name_of(which);
  }
}

TEST_F(Kit, gives_back_all_memory_over_many_calls) {
  const core::Outcome told = core::raw(std::string(3000, 'r'));
  const auto round = [&] {
    host.calls.clear();
    host.refusal.reset();
    for (const char* word : {"request", "answer-reply", "context-self", "config", "tell-message", "log-fields"}) said(word);
    surface->handle_reply(turn, {.id = {}, .tag = {}, .outcome = &told}, kTicks);
    host.refusal = {.kind = SendErrorKind::unavailable, .text = std::string(500, 'u')};
    said("send");
    said("try-send");
    host.refusal.reset();
    said("broadcast");
  };
  host.config = {{"word", std::string(200, 'w')}};
  host.broadcast_refusals = {{1, {.kind = SendErrorKind::other, .text = std::string(300, 'o')}}};
  for (int i = 0; i < 100; ++i) round();
  const auto before = surface->memory_bytes();
  for (int i = 0; i < 2'000; ++i) round();  // ten calls each
  EXPECT_EQ(surface->memory_bytes(), before);
}

TEST_F(Kit, gives_back_large_bodies) {
  const auto echo = start("echo");
  const std::string body(1 << 20, 'b');
  for (int i = 0; i < 3; ++i) EXPECT_EQ(reply_to(*echo, body), body);
  const auto before = echo->memory_bytes();
  for (int i = 0; i < 200; ++i) reply_to(*echo, body);
  EXPECT_EQ(echo->memory_bytes(), before);
  EXPECT_LE(before, core::Bytes{4} << 20);
}

TEST_F(Kit, needs_two_pages_of_memory_for_a_small_guest) {
  EXPECT_LE(load("echo")->initial_memory(), core::Bytes{128} << 10);
  EXPECT_LE(std::filesystem::file_size(wasm_of("echo")), 28'000U);
}

}  // namespace
}  // namespace airssys::guests
