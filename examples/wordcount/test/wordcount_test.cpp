// The three guests of the job without a system around them: this test carries their messages and has the simplest counter
// beside it. What the runtime adds (mailboxes, restarts, limits) is tested with whole systems.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <memory>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "airssys/runtime/component_loader.hpp"
#include "airssys/runtime/store_manager.hpp"
#include "testing/fake_hash.hpp"
#include "testing/recording_ports.hpp"
#include "testing/runtime_fixture.hpp"

namespace airssys::wordcount {
namespace {

using runtime::testing::or_fail;

constexpr unsigned kCounters = 3;
constexpr std::uint64_t kTicks = 100'000;

struct Post {
  std::string to;
  std::string body;
  core::Tag tag{};  // of a request
  core::MessageId answered{};
};

/// Keeps what is sent, asked and answered in a turn, whole.
class Carrier final : public core::MessagingPort {
 public:
  std::deque<Post> sent;
  std::deque<Post> requests;
  std::map<std::uint64_t, std::string> answers;
  std::string full;  ///< The mailbox of this address takes nothing.

  Sent send(core::TurnToken, std::string_view to, core::Codec, std::span<const std::byte> body) override {
    if (to == full) return std::unexpected(core::SendError{.kind = core::SendErrorKind::mailbox_full});
    sent.push_back({.to = std::string(to), .body = text(body)});
    return {};
  }
  Sent send(core::TurnToken turn, std::string_view to, core::Payload payload) override {
    return send(turn, to, payload.codec, payload.body.bytes());
  }
  std::expected<core::MessageId, core::SendError> request(core::TurnToken, std::string_view to, core::Codec,
                                                          std::span<const std::byte> body, std::uint64_t,
                                                          core::Tag tag) override {
    requests.push_back({.to = std::string(to), .body = text(body), .tag = tag});
    return core::MessageId{requests.size()};
  }
  std::expected<bool, core::SendError> answer(core::TurnToken, core::MessageId id,
                                              std::expected<core::Payload, core::Failure> outcome) override {
    answers[core::to_number(id)] = outcome ? std::string(outcome->text()) : "failed: " + outcome.error().text;
    return true;
  }
  std::expected<bool, core::SendError> answer(core::TurnToken turn, core::MessageId id, core::Codec codec,
                                              std::span<const std::byte> body) override {
    return answer(turn, id, core::Payload{codec, core::Body::copy_of(body)});
  }
  bool cancel(core::TurnToken, core::MessageId) override { return false; }
  std::expected<std::vector<Refusal>, core::SendError> broadcast(core::TurnToken, std::span<const std::string_view>,
                                                                 core::Codec, std::span<const std::byte>) override {
    return std::vector<Refusal>();
  }
  Sent publish(core::TurnToken, std::string_view, core::Codec, std::span<const std::byte>) override { return {}; }
  std::expected<core::MessageId, core::SendError> request(core::TurnToken turn, std::string_view to, core::Payload payload,
                                                          std::uint64_t timeout_ms, core::Tag tag) override {
    return request(turn, to, payload.codec, payload.body.bytes(), timeout_ms, tag);
  }
  std::expected<std::vector<Refusal>, core::SendError> broadcast(core::TurnToken turn, std::span<const std::string_view> to,
                                                                 core::Payload payload) override {
    return broadcast(turn, to, payload.codec, payload.body.bytes());
  }
  Sent publish(core::TurnToken turn, std::string_view topic, core::Payload payload) override {
    return publish(turn, topic, payload.codec, payload.body.bytes());
  }
  Sent subscribe(core::TurnToken, std::string_view) override { return {}; }
  bool unsubscribe(core::TurnToken, std::string_view) override { return false; }

 private:
  static std::string text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
};

using Counts = std::map<std::string, std::uint64_t>;

/// As `tr -s '[:space:]' '\n'` in the C locale.
void count_simply(std::string_view line, Counts& counts) {
  std::string word;
  for (const char c : std::string(line) + ' ') {
    if (!std::string_view(" \t\n\v\f\r").contains(c)) {
      word += c;
    } else if (!word.empty()) {
      ++counts[word];
      word.clear();
    }
  }
}

std::string top(const Counts& counts, std::size_t most) {
  std::vector<std::pair<std::string, std::uint64_t>> ranked(counts.begin(), counts.end());
  std::ranges::sort(ranked, [](const auto& left, const auto& right) {
    return left.second != right.second ? left.second > right.second : left.first < right.first;
  });
  std::string lines;
  for (std::size_t i = 0; i < std::min(most, ranked.size()); ++i) {
    lines += std::to_string(ranked[i].second) + " " + ranked[i].first + "\n";
  }
  return lines;
}

class WordCount : public ::testing::Test {
 protected:
  WordCount() {
    recorder.config = {{"counters", std::to_string(kCounters)}};
    splitter = start("splitter");
    report = start("report");
    for (unsigned i = 1; i <= kCounters; ++i) counters["demo/counter/" + std::to_string(i)] = start("counter");
  }

  std::unique_ptr<runtime::Instance> start(const std::string& name) {
    auto made = stores.create(or_fail(loader.load_file(AIRSSYS_BUILT_WORDCOUNT "/" + name + "/" + name + ".wasm")),
                              {.memory = core::Bytes{64} << 20}, turn, kTicks);
    if (!made) throw std::runtime_error(made.error().error.to_string());
    EXPECT_EQ((*made)->initialize(turn, {}, kTicks).kind, core::TurnResult::Kind::returned);
    return *std::move(made);
  }

  core::MessageView message(core::MessageKind kind, const std::string& body, std::uint64_t id = 0) {
    return {.id = core::MessageId{id},
            .kind = kind,
            .sender = "demo/sender/1",
            .topic = std::nullopt,
            .body = bodies.emplace_back(core::Body::copy_of(body))};
  }

  void line(const std::string& text) {
    const auto outcome = splitter->handle_message(turn, message(core::MessageKind::send, text), kTicks);
    ASSERT_EQ(outcome.kind, core::TurnResult::Kind::returned) << outcome.failure.text;
    deliver();
    count_simply(text, expected);
  }
  void deliver() {
    for (; !carrier.sent.empty(); carrier.sent.pop_front()) {
      const Post& post = carrier.sent.front();
      counters.at(post.to)->handle_message(turn, message(core::MessageKind::send, post.body), kTicks);
    }
  }

  /// Asks the report and carries its questions to the counters, and their replies back.
  std::string asked(const std::string& question, std::uint64_t id = 7) {
    const auto response = report->handle_message(turn, message(core::MessageKind::request, question, id), kTicks);
    if (response.kind == core::TurnResult::Kind::failed) return "failed: " + response.failure.text;
    EXPECT_EQ(response.response.kind, core::ResponseKind::later);
    carry();
    return carrier.answers.at(id);
  }
  void carry() {
    for (; !carrier.requests.empty(); carrier.requests.pop_front()) {
      const Post& post = carrier.requests.front();
      const auto reply = counters.at(post.to)->handle_message(turn, message(core::MessageKind::request, post.body), kTicks);
      core::Outcome outcome = reply.response.payload;
      if (reply.kind == core::TurnResult::Kind::failed) {
        outcome = std::unexpected(core::RequestError{.kind = core::RequestErrorKind::answered, .failure = reply.failure});
      }
      report->handle_reply(turn, {.id = {}, .tag = post.tag, .outcome = &outcome}, kTicks);
    }
  }

  Carrier carrier;
  runtime::testing::RecordingPorts recorder;
  runtime::testing::FakeHash hash;
  std::unique_ptr<runtime::Engine> engine = or_fail(runtime::Engine::create(runtime::testing::engine_options()));
  runtime::ComponentLoader loader{
      *engine,
      {.messaging = carrier, .context = recorder, .timers = recorder, .log = recorder, .config = recorder, .budget = recorder},
      hash,
      {.cache = AIRSSYS_BUILT_WORDCOUNT "/.artifacts"}};
  runtime::StoreManager stores;
  int marker = 0;
  core::TurnToken turn{&marker};
  std::unique_ptr<runtime::Instance> splitter;
  std::unique_ptr<runtime::Instance> report;
  std::map<std::string, std::unique_ptr<runtime::Instance>> counters;
  std::deque<core::Body> bodies;  ///< Of the messages, which only look at them.
  Counts expected;
};

TEST_F(WordCount, counts_as_the_simplest_counter_does) {
  std::mt19937 chance(7);
  constexpr std::string_view kLetters = "abcdefgh \t\v\f\r  ";
  for (int i = 0; i < 2'000; ++i) {
    std::string text(chance() % 200, ' ');
    for (char& c : text) c = kLetters[chance() % kLetters.size()];
    line(text);
  }
  EXPECT_EQ(asked("top 10"), top(expected, 10));
  EXPECT_EQ(asked("top 50000"), top(expected, 50'000));
}

TEST_F(WordCount, takes_bytes_that_are_no_text) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += std::string(1, static_cast<char>(c)) + std::string(1, static_cast<char>(255 - c));
  line(all);
  line("\xff\xfe \xc3 caf\xe9 \xc3 \x85\xa0");
  EXPECT_EQ(asked("top 1000"), top(expected, 1'000));
}

TEST_F(WordCount, answers_before_there_is_anything) {
  EXPECT_EQ(asked("top 10"), "");
  EXPECT_EQ(asked("words"), "0 0\n");
  line("");
  line("   \t");
  EXPECT_EQ(asked("top 10"), "");
}

TEST_F(WordCount, takes_a_line_as_long_as_a_body) {
  std::string text;
  for (int i = 0; text.size() < 1'000'000; ++i) text += std::to_string(i % 5'000) + ' ';
  line(text);
  EXPECT_EQ(asked("top 20"), top(expected, 20));
  line(std::string(1 << 20, 'w'));
  EXPECT_EQ(asked("words"), std::to_string(std::accumulate(expected.begin(), expected.end(), std::uint64_t{0},
                                                           [](auto sum, const auto& entry) { return sum + entry.second; })) +
                                " " + std::to_string(expected.size()) + "\n");
}

TEST_F(WordCount, answers_two_questions_at_once) {
  line("a b c a");
  report->handle_message(turn, message(core::MessageKind::request, "top 1", 1), kTicks);
  report->handle_message(turn, message(core::MessageKind::request, "top 2", 2), kTicks);
  carry();
  EXPECT_EQ(carrier.answers.at(1), "2 a\n");
  EXPECT_EQ(carrier.answers.at(2), "2 a\n1 b\n");
}

TEST_F(WordCount, is_busy_while_a_counter_is_full_and_counts_nothing_twice) {
  const std::string text = "a b c d e f g h i j";
  std::set<std::string> used;
  splitter->handle_message(turn, message(core::MessageKind::send, text), kTicks);
  for (const Post& post : carrier.sent) used.insert(post.to);
  carrier.sent.clear();
  ASSERT_EQ(used.size(), kCounters) << "the words of the test must reach every counter";
  for (const std::string& counter : used) {
    carrier.full = counter;
    const auto outcome = splitter->handle_message(turn, message(core::MessageKind::send, text), kTicks);
    EXPECT_EQ(outcome.failure.kind, core::FailureKind::busy);
    carrier.sent.clear();  // the turn is undone
  }
  carrier.full.clear();
  line(text);
  EXPECT_EQ(asked("words"), "10 10\n");
}

TEST_F(WordCount, says_what_may_be_asked) {
  EXPECT_EQ(asked("bottom 3"), "failed: expected \"top N\" or \"words\", for example: top 10");
  EXPECT_EQ(asked("top ten"), "failed: expected \"top N\" or \"words\", for example: top 10");
}

TEST_F(WordCount, passes_on_that_a_reply_would_be_too_large) {
  line(std::string(900'000, 'x') + ' ' + std::string(100'000, 'y'));
  line(std::string(600'000, 'z') + ' ' + std::string(400'000, 'v'));
  line(std::string(500'000, 'u'));
  EXPECT_TRUE(asked("top 5").contains("more than a reply holds: ask for fewer"));
  EXPECT_EQ(asked("top 0"), "");
}

}  // namespace
}  // namespace airssys::wordcount
