// How a system ends: what was accepted is handled, what it keeps itself busy with is told apart, and nobody waits for timers or
// for answers that nobody wants. And that nothing looks again and again whether there is something to do.

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <thread>

#include "airssys/prelude.hpp"
#include "airssys/system/system.hpp"
#include "testing/tested_profile.hpp"

namespace airssys {
namespace {

using namespace airssys::literals;
using namespace std::chrono_literals;

/// Runs what it is told.
class Told final : public NativeActor {
 public:
  using OnMessage = std::function<Result<Response>(Turn&, const MessageView&)>;
  explicit Told(OnMessage on_message) : on_message_(std::move(on_message)) {}
  Result<Response> handle_message(Turn& turn, const MessageView& message) override { return on_message_(turn, message); }
  Result<void> handle_timer(Turn&, const actor::Firing&) override { return {}; }
  Result<void> handle_reply(Turn&, const core::OutcomeView&) override { return {}; }

 private:
  OnMessage on_message_;
};

class EndingTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SystemOptions options{.name = "test", .workers = 2};
    options.artifacts = std::filesystem::path(AIRSSYS_GUESTS) / "artifacts";
    options.engine.profile = runtime::testing::tested_profile();
#if defined(__SANITIZE_THREAD__)
    options.engine.signal_traps = false;
#endif
    auto started = System::start(std::move(options));
    ASSERT_TRUE(started) << started.error();
    system = std::move(*started);
    const core::AddressPattern all = "*/*/*"_pattern;
    ASSERT_TRUE(system->grant({.from = all, .to = all, .allow = {Verb::send, Verb::request}}));
  }
  void play(const Address& address, Told::OnMessage on_message) {
    ASSERT_TRUE(system->spawn_native(address, [on_message] { return std::make_unique<Told>(on_message); }));
  }
  void send(const Address& to, std::string_view text) { ASSERT_TRUE(system->operator_client().send(to, raw(text))); }

  std::unique_ptr<System> system;
  const Address a = "test/a/1"_address;
  const Address b = "test/b/1"_address;
};

// A drain that would wait for what it must not wait for comes to the end of its time, and `stop` says so.
constexpr auto kDrain = 3s;

TEST_F(EndingTest, waits_for_no_timer) {
  play(a, [](Turn& turn, const MessageView&) -> Result<Response> {
    AIRSSYS_TRY(turn.arm(core::Tag{1}, 24h));
    AIRSSYS_TRY(turn.arm(core::Tag{2}, 1ms, 1ms));
    return done();
  });
  send(a, "arm");
  EXPECT_TRUE(system->wait_until_idle(10s));
  EXPECT_FALSE(system->done()) << "a timer that fires once is promised work";
  EXPECT_TRUE(system->stop(kDrain));
  EXPECT_EQ(system->unhandled().accepted, 0U);
}

TEST_F(EndingTest, stops_native_actors_after_the_guests_so_that_their_last_words_are_heard) {
  std::atomic<int> hellos = 0;
  std::atomic<int> goodbyes = 0;
  play(a, [&](Turn&, const MessageView& message) -> Result<Response> {
    ++(message.text() == "hello" ? hellos : goodbyes);
    return done();
  });
  const auto greeter = or_exit(system->load(std::filesystem::path(AIRSSYS_GUESTS) / "greeter"));
  std::vector<GuestSpec> all;
  for (int i = 0; i < 50; ++i) {
    all.push_back(
        {.actor = {.address = core::make_checked_address("test/greeter/" + std::to_string(i)), .config = {{"to", a.text()}}},
         .component = greeter});
  }
  ASSERT_TRUE(system->spawn_all(all));
  EXPECT_TRUE(system->stop(kDrain));
  EXPECT_EQ(hellos, 50);
  EXPECT_EQ(goodbyes, 50);
  EXPECT_TRUE(system->dead_letters().empty());
}

TEST_F(EndingTest, waits_for_no_timer_that_keeps_all_workers_busy) {
  class Spinner final : public NativeActor {
   public:
    Result<void> initialize(Turn& turn, const core::Start&) override { return turn.arm(core::Tag{1}, 1ms, 1ms); }
    Result<Response> handle_message(Turn&, const MessageView&) override { return done(); }
    Result<void> handle_timer(Turn&, const actor::Firing&) override {
      const auto until = std::chrono::steady_clock::now() + 5ms;
      while (std::chrono::steady_clock::now() < until) {
      }
      return {};
    }
  };
  for (int i = 1; i <= 4; ++i) {
    ASSERT_TRUE(system->spawn_native<Spinner>(core::make_checked_address("test/spinner/" + std::to_string(i))));
  }
  for (int i = 0; i < 20; ++i) send("test/spinner/1"_address, "x");
  EXPECT_TRUE(system->stop(kDrain)) << "somebody is always at work, and never for a message";
  EXPECT_EQ(system->unhandled().accepted, 0U);
}

TEST_F(EndingTest, waits_for_no_answer_that_nobody_waits_for) {
  play(a, [](Turn&, const MessageView&) -> Result<Response> { return core::later(); });
  play(b, [this](Turn& turn, const MessageView&) -> Result<Response> {
    AIRSSYS_TRY(turn.request(a, raw("q"), 20ms, core::Tag{1}));
    return done();
  });
  send(b, "ask");
  EXPECT_FALSE(system->operator_client().request(a, raw("q"), 20ms));
  EXPECT_TRUE(system->stop(kDrain));
  EXPECT_EQ(system->unhandled().unanswered, 0U);
}

TEST_F(EndingTest, says_which_requests_were_never_answered) {
  play(a, [](Turn&, const MessageView&) -> Result<Response> { return core::later(); });
  play(b, [this](Turn& turn, const MessageView&) -> Result<Response> {
    AIRSSYS_TRY(turn.request(a, raw("q"), 1h, core::Tag{1}));
    return done();
  });
  send(b, "ask");
  EXPECT_FALSE(system->stop(50ms));
  EXPECT_EQ(system->unhandled().unanswered, 1U);
}

TEST_F(EndingTest, tells_what_actors_keep_sending_each_other_from_what_was_accepted) {
  std::atomic<int> turns{0};
  const auto pass_on_to = [&turns](const Address& other) {
    return [&turns, other](Turn& turn, const MessageView& message) -> Result<Response> {
      ++turns;
      AIRSSYS_TRY(turn.send(other, raw(message.text())));
      return done();
    };
  };
  play(a, pass_on_to(b));
  play(b, pass_on_to(a));
  for (int i = 0; i < 3; ++i) send(a, "for ever");
  while (turns < 10) std::this_thread::yield();
  EXPECT_FALSE(system->stop(300ms)) << "they are at it for ever";
  const actor::Ending::Left left = system->unhandled();
  EXPECT_EQ(left.accepted, 0U);
  EXPECT_GT(left.of_its_own, 0U);
  EXPECT_LE(left.of_its_own, 3U);
}

TEST_F(EndingTest, tells_what_actors_keep_asking_each_other_from_what_was_accepted) {
  class Asker final : public NativeActor {
   public:
    explicit Asker(Address of) : of_(std::move(of)) {}
    Result<Response> handle_message(Turn& turn, const MessageView&) override {
      AIRSSYS_TRY(turn.request(of_, raw("q"), 1h, core::Tag{1}));
      return done();
    }
    Result<void> handle_reply(Turn& turn, const core::OutcomeView&) override {
      AIRSSYS_TRY(turn.request(of_, raw("q"), 1h, core::Tag{1}));
      return {};
    }

   private:
    Address of_;
  };
  play(b, [](Turn&, const MessageView&) -> Result<Response> { return done(); });
  ASSERT_TRUE(system->spawn_native<Asker>(a, b));
  send(a, "ask for ever");
  // Whether it ends with the drain or before, when a look meets none of their requests in a mailbox: nothing is missed.
  static_cast<void>(system->stop(300ms));
  EXPECT_EQ(system->unhandled().accepted, 0U);
  EXPECT_EQ(system->unhandled().unanswered, 0U);
}

TEST_F(EndingTest, counts_what_was_accepted_and_not_handled) {
  std::atomic<bool> go_on{false};
  play(a, [&go_on](Turn&, const MessageView&) -> Result<Response> {
    while (!go_on) std::this_thread::yield();
    return done();
  });
  for (int i = 0; i < 11; ++i) send(a, "waits");
  std::thread later([&go_on] {
    std::this_thread::sleep_for(200ms);
    go_on = true;
  });
  EXPECT_FALSE(system->stop(10ms));
  later.join();
  EXPECT_EQ(system->unhandled().accepted, 10U) << "all but the one in hand";
  EXPECT_EQ(system->unhandled().of_its_own, 0U);
}

TEST_F(EndingTest, counts_what_a_long_pipeline_passes_on_as_accepted) {
  // Each stage sends on what it gets; the last one stands still.
  constexpr int kStages = 30;
  std::atomic<bool> go_on{false};
  const auto stage = [](int number) { return core::make_checked_address("test/stage/" + std::to_string(number)); };
  for (int i = 1; i < kStages; ++i) {
    play(stage(i), [to = stage(i + 1)](Turn& turn, const MessageView& message) -> Result<Response> {
      AIRSSYS_TRY(turn.send(to, raw(message.text())));
      return done();
    });
  }
  play(stage(kStages), [&go_on](Turn&, const MessageView&) -> Result<Response> {
    while (!go_on) std::this_thread::yield();
    return done();
  });
  system->begin_end();
  for (int i = 0; i < 5; ++i) send(stage(1), "x");
  std::thread later([&go_on] {
    std::this_thread::sleep_for(300ms);
    go_on = true;
  });
  EXPECT_FALSE(system->stop(100ms));
  later.join();
  EXPECT_EQ(system->unhandled().accepted, 4U);
}

TEST_F(EndingTest, tells_whoever_waits_when_it_has_come_to_rest) {
  std::atomic<int> rests{0};
  play(a, [](Turn&, const MessageView&) -> Result<Response> { return done(); });
  ASSERT_TRUE(system->wait_until_idle(10s));
  system->when_at_rest([&rests] { ++rests; });
  for (int i = 1; i <= 20; ++i) {
    const int before = rests;
    send(a, "x");
    ASSERT_TRUE(system->wait_until_idle(10s));
    while (rests == before) std::this_thread::yield();
  }
  system->when_at_rest({});
  const int before = rests;
  send(a, "x");
  ASSERT_TRUE(system->wait_until_idle(10s));
  EXPECT_EQ(rests, before);
}

TEST_F(EndingTest, many_who_wait_for_rest_are_all_told) {
  play(a, [](Turn&, const MessageView&) -> Result<Response> { return done(); });
  std::vector<std::thread> waiting;
  std::atomic<int> told{0};
  for (int i = 0; i < 4; ++i) {
    waiting.emplace_back([&] {
      for (int round = 0; round < 200; ++round) {
        if (system->operator_client().send(a, raw("x")) && system->wait_until_idle(60s)) ++told;
      }
    });
  }
  for (std::thread& thread : waiting) thread.join();
  EXPECT_EQ(told, 4 * 200);
}

/// What threads of this process get which do not say what they need: as `ulimit -s` decides it at the start.
class DefaultStack {
 public:
  explicit DefaultStack(std::size_t bytes) {
    EXPECT_EQ(pthread_getattr_default_np(&before_), 0);
    pthread_attr_t attributes;
    EXPECT_EQ(pthread_getattr_default_np(&attributes), 0);
    EXPECT_EQ(pthread_attr_setstacksize(&attributes, bytes), 0);
    EXPECT_EQ(pthread_setattr_default_np(&attributes), 0);
    pthread_attr_destroy(&attributes);
  }
  DefaultStack(const DefaultStack&) = delete;
  DefaultStack& operator=(const DefaultStack&) = delete;
  ~DefaultStack() {
    pthread_setattr_default_np(&before_);
    pthread_attr_destroy(&before_);
  }

 private:
  pthread_attr_t before_;
};

class StackTest : public EndingTest {
 protected:
  void SetUp() override {
    const DefaultStack inherited(256_KiB);
    EndingTest::SetUp();
  }
};

TEST_F(StackTest, a_guest_that_recurses_traps_however_little_stack_the_process_inherited) {
  auto component = system->load(std::filesystem::path(AIRSSYS_GUESTS) / "recursing");
  ASSERT_TRUE(component) << component.error();
  ASSERT_TRUE(system->spawn(*component, {.address = a}));
  const auto outcome = system->operator_client().request(a, raw("recurse"), 30s);
  EXPECT_FALSE(outcome);
  EXPECT_EQ(system->info(a.text())->counts.trapped, 1U);
  const auto again = system->operator_client().request(a, raw("deep 100"), 30s);
  EXPECT_TRUE(again) << again.error();
}

}  // namespace
}  // namespace airssys
