// Order and liveness under load, for the thread sanitizer too: actors that send, request, answer, fail and are put off, as fast
// as they can; and wake-ups that must not be missed. Deaths, stops and events are in on_threads_test.cpp.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "airssys/prelude.hpp"

namespace airssys {
namespace {

using namespace airssys::literals;
using namespace std::chrono_literals;

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int kScale = 10;
#else
constexpr int kScale = 1;
#endif

Address peer(std::size_t number) {
  return core::make_checked_address("test/peer/" + std::to_string(number));
}

class Stress : public ::testing::Test {
 protected:
  void SetUp() override {
    SystemOptions options{.name = "test", .workers = 4};
#if defined(__SANITIZE_THREAD__)
    options.engine.signal_traps = false;
#endif
    options.limits.mailbox_messages = 4096;
    auto started = System::start(std::move(options));
    ASSERT_TRUE(started) << started.error();
    system = std::move(*started);
    const core::AddressPattern all = "test/*/*"_pattern;
    ASSERT_TRUE(system->grant({.from = all, .to = all, .allow = {Verb::send, Verb::request}}));
  }

  void expect_nothing_left() {
    ASSERT_TRUE(system->wait_until_done(120s)) << "somebody is stuck";
    for (const ActorInfo& actor : system->list()) {
      EXPECT_EQ(actor.mailbox_messages, 0U) << actor.address;
      EXPECT_EQ(actor.mailbox_bytes, 0U) << actor.address;
    }
  }

  std::unique_ptr<System> system;
};

// ---- order ------------------------------------------------------------------------------------------------------------

constexpr std::size_t kPeers = 6;
constexpr int kTurns = 20'000 / kScale;

/// What is known of all peers, beyond their instances. A row belongs to whoever runs that peer.
struct Books {
  std::array<std::array<std::uint64_t, kPeers>, kPeers> sent{};     ///< By sender and receiver; what has left.
  std::array<std::array<std::uint64_t, kPeers>, kPeers> arrived{};  ///< By receiver and sender.
  std::array<int, kPeers> turns_left{};
  std::array<int, kPeers> requests{};
  std::array<int, kPeers> outcomes{};
  std::array<std::uint64_t, kPeers> put_off{};  ///< The number that the last turn was busy with; 0: none.
  std::atomic<std::uint64_t> disorders{0};
};

/// Numbers everything that it sends to another, of whatever kind, one after the other; the other must meet each number once,
/// in order. What an undone turn sent is numbered again by the next.
class Peer final : public NativeActor {
 public:
  Peer(std::size_t self, Books* books) : self_(self), books_(*books) {}

  Result<Response> handle_message(Turn& turn, const MessageView& message) override {
    const bool request = message.kind == core::MessageKind::request;
    const bool go = message.text() == "go";
    const std::uint64_t chance = turn.random_u64();
    begin();
    if (!go && !arrive(message.sender, message.text(), chance % 16 == 0)) return fail(ErrorCode::busy);
    if (go) AIRSSYS_TRY(act(turn, chance));
    if (!go && chance % 29 == 1) return fail(ErrorCode::rejected);
    if (!request) {
      commit();
      return done();
    }
    const std::size_t asker = number_of(message.sender);
    const std::string answer = std::to_string(++next_[asker]);
    commit();
    return core::reply(raw(answer));
  }

  Result<void> handle_timer(Turn& turn, const Firing&) override {
    begin();
    AIRSSYS_TRY(act(turn, turn.random_u64()));
    commit();
    return {};
  }

  Result<void> handle_reply(Turn&, const core::OutcomeView& outcome) override {
    ++books_.outcomes[self_];
    if (*outcome.outcome) arrive(peer(core::to_number(outcome.tag)).text(), outcome.outcome->value().text(), false);
    return {};
  }

 private:
  static std::unexpected<Error> fail(ErrorCode code) { return std::unexpected(Error(code, "test", "on purpose")); }
  static std::size_t number_of(std::string_view address) { return static_cast<std::size_t>(address.back() - '0'); }

  void begin() {
    next_ = books_.sent[self_];
    asked_ = 0;
  }
  void commit() {
    books_.sent[self_] = next_;
    books_.requests[self_] += asked_;
  }

  /// False: put off, once.
  bool arrive(std::string_view sender, std::string_view text, bool put_off) {
    const std::size_t from = number_of(sender);
    const std::uint64_t number = std::stoull(std::string(text));
    std::uint64_t& last = books_.arrived[self_][from];
    if (books_.put_off[self_] != 0) {
      // The same one again, before all others.
      if (books_.put_off[self_] != number * kPeers + from + 1) ++books_.disorders;
      books_.put_off[self_] = 0;
      put_off = false;
    }
    if (number != last + 1) ++books_.disorders;
    if (put_off) {
      books_.put_off[self_] = number * kPeers + from + 1;
      return false;
    }
    last = number;
    return true;
  }

  /// Sends to some others, and itself a word to go on. Where there is no room, it goes on later: to put the word off would hold
  /// up what waits behind it, and peers that wait for each other's room so would wait long.
  Result<void> act(Turn& turn, std::uint64_t chance) {
    for (int i = 0; i < 4 && books_.turns_left[self_] > 0; ++i, chance /= 64) {
      const std::size_t to = (self_ + 1 + chance % (kPeers - 1)) % kPeers;
      const core::Payload numbered = raw(std::to_string(next_[to] + 1));
      const bool request = chance / 8 % 2 == 0;
      const bool sent = request ? turn.request(peer(to), numbered, 120s, core::Tag{to}).has_value()
                                : turn.send(peer(to), numbered).has_value();
      if (!sent) return turn.arm(Tag{1}, 1ms);
      ++next_[to];
      asked_ += request ? 1 : 0;
    }
    if (books_.turns_left[self_] == 0) return {};
    --books_.turns_left[self_];
    if (!turn.send(turn.self(), raw("go"))) return turn.arm(Tag{1}, 1ms);
    return {};
  }

  const std::size_t self_;
  Books& books_;
  std::array<std::uint64_t, kPeers> next_{};
  int asked_ = 0;
};

TEST_F(Stress, sends_requests_and_replies_of_a_pair_arrive_once_and_in_order) {
  auto books = std::make_unique<Books>();
  books->turns_left.fill(kTurns);
  for (std::size_t i = 0; i < kPeers; ++i) ASSERT_TRUE(system->spawn_native<Peer>(peer(i), i, books.get()));
  Client client = *system->client("test/client/1"_address);
  for (std::size_t i = 0; i < kPeers; ++i) ASSERT_TRUE(client.send(peer(i), raw("go")));
  expect_nothing_left();
  EXPECT_EQ(books->disorders, 0U);
  for (std::size_t from = 0; from < kPeers; ++from) {
    EXPECT_EQ(books->turns_left[from], 0) << from;
    EXPECT_EQ(books->requests[from], books->outcomes[from]) << from;
    for (std::size_t to = 0; to < kPeers; ++to) EXPECT_EQ(books->sent[from][to], books->arrived[to][from]) << from << to;
  }
}

// ---- wake-ups ---------------------------------------------------------------------------------------------------------

/// Round after round it arms a timer, and hears of others meanwhile, so that it often lies down just as the timer is due. The
/// next round begins when it has fired: one wake-up missed and it is stuck.
class Sleeper final : public NativeActor {
 public:
  Sleeper(std::size_t self, std::size_t sleepers, int rounds, std::atomic<int>* finished)
      : self_(self), sleepers_(sleepers), rounds_(rounds), finished_(*finished) {}

  Result<Response> handle_message(Turn& turn, const MessageView& message) override {
    if (message.text() == "go") {
      AIRSSYS_TRY(turn.arm(Tag{1}, 1ms));
      return done();
    }
    // Once around, and no further than the numbers say.
    const int hops = std::stoi(std::string(message.text()));
    if (hops > 0) AIRSSYS_TRY(turn.send(next(), raw(std::to_string(hops - 1))));
    return done();
  }
  Result<void> handle_timer(Turn& turn, const Firing&) override {
    if (--rounds_ == 0) {
      ++finished_;
      return {};
    }
    AIRSSYS_TRY(turn.send(next(), raw("20")));
    return turn.arm(Tag{1}, 1ms);
  }

 private:
  Address next() const { return core::make_checked_address("test/sleeper/" + std::to_string((self_ + 1) % sleepers_)); }

  const std::size_t self_;
  const std::size_t sleepers_;
  int rounds_;
  std::atomic<int>& finished_;
};

TEST_F(Stress, nobody_sleeps_through_a_timer) {
  constexpr std::size_t kSleepers = 32;
  std::atomic<int> finished{0};
  for (std::size_t i = 0; i < kSleepers; ++i) {
    const Address at = core::make_checked_address("test/sleeper/" + std::to_string(i));
    ASSERT_TRUE(system->spawn_native<Sleeper>(at, i, kSleepers, 500 / kScale, &finished));
  }
  Client client = *system->client("test/client/1"_address);
  for (std::size_t i = 0; i < kSleepers; ++i) {
    ASSERT_TRUE(client.send(core::make_checked_address("test/sleeper/" + std::to_string(i)), raw("go")));
  }
  expect_nothing_left();
  EXPECT_EQ(finished, static_cast<int>(kSleepers));
}

class Counted final : public NativeActor {
 public:
  explicit Counted(std::atomic<int>* seen) : seen_(*seen) {}
  Result<Response> handle_message(Turn&, const MessageView&) override {
    ++seen_;
    return done();
  }

 private:
  std::atomic<int>& seen_;
};

TEST_F(Stress, a_message_to_a_system_that_sleeps_wakes_it) {
  std::atomic<int> seen{0};
  ASSERT_TRUE(system->spawn_native<Counted>("test/counted/1"_address, &seen));
  Client client = *system->client("test/client/1"_address);
  for (int sent = 1; sent <= 20'000 / kScale; ++sent) {
    ASSERT_TRUE(client.send("test/counted/1"_address, raw("x")));
    const auto until = std::chrono::steady_clock::now() + 60s;
    while (seen < sent && std::chrono::steady_clock::now() < until) {
      // Now and then long enough for all workers to park and the clock to sleep.
      if (sent % 50 == 0) std::this_thread::sleep_for(1ms);
    }
    ASSERT_EQ(seen, sent) << "a message waits and nobody runs";
  }
}

}  // namespace
}  // namespace airssys
