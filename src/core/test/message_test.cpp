#include "airssys/core/message.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "airssys/core/limits.hpp"

namespace airssys::core {
namespace {

template <typename T>
std::string printed(const T& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

TEST(CutText, leaves_short_texts_alone) {
  EXPECT_EQ(cut_text(""), "");
  const std::string longest(Failure::kMaxTextBytes, 'x');
  EXPECT_EQ(cut_text(longest), longest);
}

TEST(CutText, cuts_visibly_to_the_limit) {
  const std::string cut = cut_text(std::string(Failure::kMaxTextBytes + 1, 'x'));
  EXPECT_EQ(cut.size(), Failure::kMaxTextBytes);
  EXPECT_TRUE(cut.ends_with("xxx [cut]"));
}

TEST(CutText, does_not_split_a_character) {
  for (const std::string character : {"\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80"}) {
    for (std::size_t shift = 0; shift < 4; ++shift) {
      std::string text(shift, 'x');
      while (text.size() <= Failure::kMaxTextBytes) text += character;
      std::string cut = cut_text(text);
      EXPECT_LE(cut.size(), Failure::kMaxTextBytes);
      cut.resize(cut.size() - std::string_view(" [cut]").size());
      EXPECT_EQ((cut.size() - shift) % character.size(), 0U) << character << " after " << shift;
    }
  }
}

TEST(CutText, cuts_bytes_that_are_no_text_too) {
  EXPECT_EQ(cut_text(std::string(Failure::kMaxTextBytes * 2, '\x80')).size(), Failure::kMaxTextBytes);
}

TEST(Failure, of_an_error_keeps_what_the_guest_may_say) {
  const auto kind_of = [](ErrorCode code) { return failure_of(Error(code, "test", "why")).kind; };
  EXPECT_EQ(kind_of(ErrorCode::rejected), FailureKind::rejected);
  EXPECT_EQ(kind_of(ErrorCode::invalid), FailureKind::invalid);
  EXPECT_EQ(kind_of(ErrorCode::busy), FailureKind::busy);
  EXPECT_EQ(kind_of(ErrorCode::internal), FailureKind::internal);
  EXPECT_EQ(kind_of(ErrorCode::denied), FailureKind::internal);
  EXPECT_EQ(kind_of(ErrorCode::mailbox_full), FailureKind::internal);
  EXPECT_EQ(failure_of(Error(ErrorCode::io, "test", "outer", Error(ErrorCode::io, "test", "inner"))).text, "outer: inner");
}

TEST(RequestError, says_whether_the_target_acted) {
  const auto text = [](RequestErrorKind kind) {
    return to_error(RequestError{.kind = kind, .failure = {}, .text = {}}).message();
  };
  EXPECT_EQ(text(RequestErrorKind::timeout), "no answer in time; whether the target acted is unknown");
  EXPECT_EQ(text(RequestErrorKind::target_gone), "the target stopped for good; whether it acted is unknown");
  EXPECT_EQ(text(RequestErrorKind::interrupted),
            "the target restarted with the request in its hands; whether it acted is unknown");
  EXPECT_EQ(text(RequestErrorKind::failed), "the target failed and did not act: internal");
  EXPECT_EQ(text(RequestErrorKind::reply_refused),
            "the target acted, but its reply did not fit the requester's budget (reply_bytes)");
}

TEST(RequestError, becomes_an_error_with_the_failures_code) {
  const Failure rejected{.kind = FailureKind::rejected, .text = "never seen: b"};
  const RequestError answered{.kind = RequestErrorKind::answered, .failure = rejected, .text = {}};
  EXPECT_EQ(to_error(answered).code(), ErrorCode::rejected);
  EXPECT_EQ(to_error(answered).message(), "rejected: never seen: b (answered in a turn that stands)");
  EXPECT_EQ(printed(answered), "answered: rejected: never seen: b (answered in a turn that stands)");
  const RequestError timeout{.kind = RequestErrorKind::timeout, .failure = {}, .text = {}};
  EXPECT_EQ(to_error(timeout).code(), ErrorCode::timeout);
}

TEST(RequestError, tells_a_refusal_from_a_fault) {
  const auto text = [](FailureKind kind, std::string words) {
    return to_error(RequestError{.kind = RequestErrorKind::failed, .failure = {kind, std::move(words)}, .text = {}}).message();
  };
  EXPECT_EQ(text(FailureKind::rejected, "out of quota"), "rejected: out of quota");
  EXPECT_EQ(text(FailureKind::invalid, "no number"), "invalid: no number");
  EXPECT_EQ(text(FailureKind::rejected, ""), "rejected");
  EXPECT_EQ(text(FailureKind::busy, ""), "busy: the target put it off until the end and did not act");
  EXPECT_EQ(text(FailureKind::internal, "the component trapped"),
            "the target failed and did not act: internal: the component trapped");
}

TEST(SendError, becomes_an_error_that_names_the_target_and_the_figures) {
  const SendError large{.kind = SendErrorKind::too_large, .limit = {}, .largest_bytes = 1024, .text = {}};
  EXPECT_EQ(to_error(large, "demo/a/1").message(),
            "cannot send to demo/a/1: the body is too large: at most 1024 bytes are accepted");
  EXPECT_EQ(to_error(large, "demo/a/1").code(), ErrorCode::too_large);
  const SendError limit{.kind = SendErrorKind::limit_reached, .limit = TurnLimit::turn_effects, .largest_bytes = 0, .text = {}};
  EXPECT_EQ(printed(limit), "limit-reached: the sender's limit on turn-effects is reached");
  const SendError away{.kind = SendErrorKind::unavailable, .limit = {}, .largest_bytes = 0, .text = "edge suspended"};
  EXPECT_EQ(printed(away), "unavailable: edge suspended");
}

TEST(Names, are_those_of_the_contract_with_guests) {
  EXPECT_EQ(name_of(MessageKind::event), "event");
  EXPECT_EQ(name_of(FailureKind::busy), "busy");
  EXPECT_EQ(name_of(SendErrorKind::codec_not_accepted), "codec-not-accepted");
  EXPECT_EQ(name_of(SendErrorKind::other), "other");
  EXPECT_EQ(name_of(RequestErrorKind::target_gone), "target-gone");
  EXPECT_EQ(name_of(TurnLimit::turn_bytes), "turn-bytes");
}

TEST(Response, is_made_by_its_words) {
  EXPECT_EQ(done().kind, ResponseKind::done);
  EXPECT_EQ(later().kind, ResponseKind::later);
  const Response response = reply(json("{}"));
  EXPECT_EQ(response.kind, ResponseKind::reply);
  EXPECT_EQ(response.payload, (Payload{Codec::json, Body::copy_of("{}")}));
}

TEST(Limits, have_the_published_defaults) {
  using namespace airssys::literals;
  using namespace std::chrono_literals;
  const Limits limits;
  EXPECT_EQ(limits.memory, 16_MiB);
  EXPECT_EQ(limits.turn_cpu, 1s);
  EXPECT_EQ(limits.turn_wall, 30s);
  EXPECT_EQ(limits.slice, 10ms);
  EXPECT_EQ(limits.mailbox_messages, 1024U);
  EXPECT_EQ(limits.mailbox_bytes, 4_MiB);
  EXPECT_EQ(limits.body_bytes, 1_MiB);
  EXPECT_EQ(limits.turn_bytes, 8_MiB);
}

}  // namespace
}  // namespace airssys::core
