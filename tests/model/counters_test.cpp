// Counters are true: a known traffic of millions of messages, from clients on their own threads and from actors on workers, and
// every counter checked exactly. What only a race decides (how often a mailbox was full, which request was too late) is counted
// by those who saw it, and must agree.

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <map>
#include <thread>
#include <vector>

#include "airssys/prelude.hpp"

namespace airssys {
namespace {

using namespace airssys::literals;
using namespace std::chrono_literals;

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr std::uint64_t kScale = 20;
#else
constexpr std::uint64_t kScale = 1;
#endif

constexpr std::uint64_t kClients = 3;
constexpr std::uint64_t kPumps = 3;
constexpr std::uint64_t kSinks = 2;
constexpr std::uint64_t kSendsOfClient = 200'000 / kScale;
constexpr std::uint64_t kSendsOfPump = 600'000 / kScale;
constexpr std::uint64_t kRequestsOfClient = 10'000 / kScale;
constexpr std::uint64_t kRequestsOfAsker = 100'000 / kScale;
constexpr std::uint64_t kRequestsInTime = 200;
constexpr std::uint64_t kCancelled = 1'000;
constexpr std::uint64_t kRejectEvery = 1'000;
constexpr std::uint64_t kCrashes = 4;

/// What an actor says that it did. Its instances come and go; this stays.
struct Tally {
  std::atomic<std::uint64_t> stood{0};
  std::atomic<std::uint64_t> rejected{0};
  std::atomic<std::uint64_t> crashed{0};
  std::atomic<std::uint64_t> busy{0};
  std::atomic<std::uint64_t> sent{0};
  std::atomic<std::uint64_t> full{0};   ///< Sends refused for want of room.
  std::atomic<std::uint64_t> taken{0};  ///< Messages handled, however it ended.
};

std::unexpected<Error> fail(ErrorCode code) {
  return std::unexpected(Error(code, "test", "on purpose"));
}

/// Takes numbers; rejects each thousandth, dies of each "die".
class Sink final : public NativeActor {
 public:
  explicit Sink(Tally* tally) : tally_(*tally) {}
  Result<Response> handle_message(Turn&, const MessageView& message) override {
    if (message.text() == "die") {
      ++tally_.crashed;
      return fail(ErrorCode::internal);
    }
    if (++tally_.taken % kRejectEvery == 0) {
      ++tally_.rejected;
      return fail(ErrorCode::rejected);
    }
    ++tally_.stood;
    return done();
  }

 private:
  Tally& tally_;
};

Address sink(std::uint64_t number) {
  return core::make_checked_address("test/sink/" + std::to_string(number % kSinks + 1));
}

/// Sends so many messages, some in each turn, and itself one to go on.
class Pump final : public NativeActor {
 public:
  explicit Pump(Tally* tally) : tally_(*tally) {}
  Result<Response> handle_message(Turn& turn, const MessageView&) override {
    std::uint64_t sent = 0;
    for (; sent < 50 && sent < left_; ++sent) {
      const auto gone = turn.send(sink(left_ - sent), core::raw("x"));
      if (gone) continue;
      if (gone.error().code() != ErrorCode::mailbox_full) return std::unexpected(gone.error());
      ++tally_.full;
      break;
    }
    if (sent == 0) {
      ++tally_.busy;
      return fail(ErrorCode::busy);
    }
    if (sent < left_) AIRSSYS_TRY(turn.send(turn.self(), core::raw("more")));
    tally_.sent += sent + (sent < left_ ? 1 : 0);
    left_ -= sent;
    ++tally_.stood;
    return done();
  }

 private:
  Tally& tally_;
  std::uint64_t left_ = kSendsOfPump;
};

/// Answers in every way there is, in turn.
class Answerer final : public NativeActor {
 public:
  explicit Answerer(Tally* tally) : tally_(*tally) {}
  Result<Response> handle_message(Turn& turn, const MessageView& message) override {
    const std::uint64_t number = tally_.taken++;
    if (number % 5 == 4) {
      ++tally_.rejected;
      return fail(ErrorCode::rejected);
    }
    ++tally_.stood;
    switch (number % 5) {
      case 0:
        return core::reply(core::raw("reply"));
      case 1:
        return done();
      case 2:
        AIRSSYS_TRY(turn.answer(message.id, core::raw("now")));
        break;
      default:
        AIRSSYS_TRY(turn.answer(message.id, std::unexpected(core::Failure{core::FailureKind::invalid, "no"})));
        break;
    }
    return later();
  }

 private:
  Tally& tally_;
};

/// Holds every request until it is told to let go.
class Holder final : public NativeActor {
 public:
  explicit Holder(Tally* tally) : tally_(*tally) {}
  Result<Response> handle_message(Turn& turn, const MessageView& message) override {
    ++tally_.stood;
    if (message.kind == core::MessageKind::request) {
      ++tally_.taken;
      held_.push_back(message.id);
      return later();
    }
    for (const core::MessageId id : held_) AIRSSYS_TRY(turn.answer(id, core::raw("late")));
    held_.clear();
    return done();
  }

 private:
  Tally& tally_;
  std::vector<core::MessageId> held_;
};

/// What askers hear.
struct Heard {
  std::atomic<std::uint64_t> replies{0};
  std::array<std::atomic<std::uint64_t>, 7> errors{};  ///< By RequestErrorKind.
  std::uint64_t of(core::RequestErrorKind kind) const { return errors[static_cast<std::size_t>(kind)]; }
};

/// Keeps a hundred requests open until all are made.
class Asker final : public NativeActor {
 public:
  Asker(Tally* tally, Heard* heard) : tally_(*tally), heard_(*heard) {}
  Result<Response> handle_message(Turn& turn, const MessageView&) override {
    for (int i = 0; i < 100; ++i) AIRSSYS_TRY(ask(turn));
    ++tally_.stood;
    return done();
  }
  Result<void> handle_reply(Turn& turn, const core::OutcomeView& outcome) override {
    if (asked_ < kRequestsOfAsker) AIRSSYS_TRY(ask(turn));
    if (*outcome.outcome) {
      ++heard_.replies;
    } else {
      ++heard_.errors[static_cast<std::size_t>(outcome.outcome->error().kind)];
    }
    ++tally_.stood;
    return {};
  }

 private:
  Result<void> ask(Turn& turn) {
    AIRSSYS_TRY(turn.request("test/answerer/1"_address, core::raw("?"), 60s, core::Tag{1}));
    ++asked_;
    ++tally_.sent;
    return {};
  }

  Tally& tally_;
  Heard& heard_;
  std::uint64_t asked_ = 0;
};

/// On "hurry": requests that time out. On "cancel": requests that are cancelled at once. On "undo": the same, undone.
class Impatient final : public NativeActor {
 public:
  Impatient(Tally* tally, Heard* heard) : tally_(*tally), heard_(*heard) {}
  Result<Response> handle_message(Turn& turn, const MessageView& message) override {
    const bool cancels = message.text() != "hurry";
    const std::uint64_t requests = cancels ? kCancelled : kRequestsInTime;
    for (std::uint64_t i = 0; i < requests; ++i) {
      const Address to = cancels ? "test/answerer/2"_address : "test/holder/1"_address;
      AIRSSYS_TRY(const core::MessageId id, turn.request(to, core::raw("?"), 20ms, core::Tag{1}));
      if (cancels && !turn.cancel(id)) return fail(ErrorCode::internal);
    }
    if (message.text() == "undo") {
      ++tally_.rejected;
      return fail(ErrorCode::rejected);
    }
    tally_.sent += requests;
    ++tally_.stood;
    return done();
  }
  Result<void> handle_reply(Turn&, const core::OutcomeView& outcome) override {
    if (*outcome.outcome) {
      ++heard_.replies;
    } else {
      ++heard_.errors[static_cast<std::size_t>(outcome.outcome->error().kind)];
    }
    ++tally_.stood;
    return {};
  }

 private:
  Tally& tally_;
  Heard& heard_;
};

struct CountedEvents final : actor::ActorEvents {
  void crashed(const actor::ActorCell&, const actor::CrashReport&) noexcept override { ++crashes; }
  void restarted(const actor::ActorCell&) noexcept override { ++restarts; }
  void stopped(const actor::ActorCell&, std::string_view) noexcept override { ++stops; }
  std::atomic<std::uint64_t> crashes{0};
  std::atomic<std::uint64_t> restarts{0};
  std::atomic<std::uint64_t> stops{0};
};

class Counters : public ::testing::Test {
 protected:
  void SetUp() override {
    SystemOptions options{.name = "test", .workers = 3, .events = &events};
#if defined(__SANITIZE_THREAD__)
    options.engine.signal_traps = false;
#endif
    options.limits.mailbox_messages = 2048;
    auto started = System::start(std::move(options));
    ASSERT_TRUE(started) << started.error();
    system = std::move(*started);
    const core::AddressPattern all = "test/*/*"_pattern;
    ASSERT_TRUE(system->grant({.from = all, .to = all, .allow = {Verb::send, Verb::request}}));
  }

  template <typename T, typename... More>
  void play(const std::string& address, More... more) {
    ASSERT_TRUE(system->spawn_native<T>(core::make_checked_address(address), &tallies[address], more...));
  }

  /// False: refused, and counted.
  bool sent(Client& client, const Address& to, const core::Payload& payload) {
    const auto result = client.sender().send(to.text(), payload);
    if (!result) ++refused[static_cast<std::size_t>(result.error().kind)];
    return result.has_value();
  }
  void push(Client& client, const Address& to, const core::Payload& payload) {
    while (!sent(client, to, payload)) std::this_thread::yield();
  }
  void clients_send_and_request();
  void expect_actor(const std::string& address, std::uint64_t starts = 1);
  void expect_letter(actor::DeadReason reason, std::uint64_t count) const {
    EXPECT_EQ(system->stats().dead_letters[static_cast<std::size_t>(reason)], count) << actor::name_of(reason);
  }

  CountedEvents events;
  std::unique_ptr<System> system;
  std::map<std::string, Tally> tallies;
  Heard asker;
  Heard impatient;
  std::array<std::atomic<std::uint64_t>, 12> refused{};  ///< Of the clients' calls.
  std::atomic<std::uint64_t> client_replies{0};
  std::atomic<std::uint64_t> client_failures{0};
};

void Counters::clients_send_and_request() {
  std::vector<std::thread> threads;
  for (std::uint64_t i = 1; i <= kClients; ++i) {
    threads.emplace_back([this, i] {
      Client client = *system->client(core::make_checked_address("test/client/" + std::to_string(i)));
      for (std::uint64_t n = 0; n < kSendsOfClient; ++n) push(client, sink(n), core::raw("x"));
      for (std::uint64_t n = 0; n < kRequestsOfClient; ++n) {
        const auto outcome = client.request("test/answerer/1"_address, core::raw("?"), 60s);
        ++(outcome ? client_replies : client_failures);
      }
      // One of each refusal that is no matter of chance.
      EXPECT_FALSE(sent(client, "test/nobody/1"_address, core::raw("x")));
      EXPECT_FALSE(sent(client, "other/nobody/1"_address, core::raw("x")));
      EXPECT_FALSE(sent(client, sink(0), core::raw(std::string(core::Limits{}.body_bytes + 1, 'x'))));
    });
  }
  for (std::thread& thread : threads) thread.join();
}

void Counters::expect_actor(const std::string& address, std::uint64_t starts) {
  const Tally& tally = tallies[address];
  const auto info = system->info(address);
  ASSERT_TRUE(info) << address;
  EXPECT_EQ(info->counts.handled, tally.stood + starts) << address;
  EXPECT_EQ(info->counts.failed, tally.rejected + tally.crashed) << address;
  EXPECT_EQ(info->counts.trapped, tally.crashed) << address;
  EXPECT_EQ(info->counts.restarts, tally.crashed) << address;
  EXPECT_EQ(info->counts.busy, tally.busy) << address;
  EXPECT_EQ(info->counts.sent, tally.sent) << address;
  EXPECT_EQ(info->mailbox_messages, 0U) << address;
  EXPECT_EQ(info->mailbox_bytes, 0U) << address;
}

TEST_F(Counters, of_a_known_traffic_are_exact) {
  for (std::uint64_t i = 1; i <= kSinks; ++i) play<Sink>("test/sink/" + std::to_string(i));
  for (std::uint64_t i = 1; i <= kPumps; ++i) play<Pump>("test/pump/" + std::to_string(i));
  for (const char* address : {"test/answerer/1", "test/answerer/2"}) play<Answerer>(address);
  play<Holder>("test/holder/1");
  play<Asker>("test/asker/1", &asker);
  play<Impatient>("test/impatient/1", &impatient);
  Client starter = *system->client("test/starter/1"_address);
  for (std::uint64_t i = 1; i <= kPumps; ++i) {
    ASSERT_TRUE(starter.send(core::make_checked_address("test/pump/" + std::to_string(i)), core::raw("go")));
  }
  for (const char* to : {"test/asker/1", "test/impatient/1"}) {
    ASSERT_TRUE(starter.send(core::make_checked_address(to), core::raw("hurry")));
  }
  for (const char* what : {"undo", "cancel"}) {
    ASSERT_TRUE(starter.send("test/impatient/1"_address, core::raw(what)));
  }
  for (std::uint64_t n = 0; n < kCrashes; ++n) push(starter, sink(n), core::raw("die"));
  clients_send_and_request();

  // Whoever was held is let go once all of them have timed out.
  const auto until = std::chrono::steady_clock::now() + 30s;
  while (system->stats().messaging.service.timeouts < kRequestsInTime && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(1ms);
  }
  ASSERT_EQ(system->stats().messaging.service.timeouts, kRequestsInTime);
  ASSERT_TRUE(starter.send("test/holder/1"_address, core::raw("let go")));
  ASSERT_TRUE(system->wait_until_idle(120s));

  const std::uint64_t sends = kClients * kSendsOfClient + kPumps * kSendsOfPump;
  std::uint64_t rejected = 0;
  std::uint64_t full = refused[static_cast<std::size_t>(core::SendErrorKind::mailbox_full)];
  for (std::uint64_t i = 1; i <= kSinks; ++i) {
    const std::string address = "test/sink/" + std::to_string(i);
    const Tally& tally = tallies[address];
    EXPECT_EQ(tally.taken, sends / kSinks);
    EXPECT_EQ(tally.rejected, sends / kSinks / kRejectEvery);
    EXPECT_EQ(tally.crashed, kCrashes / kSinks);
    rejected += tally.rejected;
    expect_actor(address, 1 + tally.crashed);
  }
  for (std::uint64_t i = 1; i <= kPumps; ++i) {
    const std::string address = "test/pump/" + std::to_string(i);
    full += tallies[address].full;
    expect_actor(address);
  }
  for (const char* address : {"test/answerer/1", "test/answerer/2", "test/holder/1", "test/asker/1", "test/impatient/1"}) {
    expect_actor(address);
  }
  // The undone turn of the impatient one is in the dead letters too.
  expect_letter(actor::DeadReason::rejected, rejected + 1);
  expect_letter(actor::DeadReason::crashed, kCrashes);
  expect_letter(actor::DeadReason::target_stopped, 0);
  expect_letter(actor::DeadReason::never_had_room, 0);
  EXPECT_EQ(events.crashes, kCrashes);
  EXPECT_EQ(events.restarts, kCrashes);
  EXPECT_EQ(events.stops, 0U);

  // Requests: who asked heard exactly once, and what was heard is what was counted.
  const std::uint64_t cancelled_late = kCancelled - tallies["test/answerer/2"].taken;
  const std::uint64_t held_late = kRequestsInTime - tallies["test/holder/1"].taken;
  expect_letter(actor::DeadReason::expired, cancelled_late + held_late);
  expect_letter(actor::DeadReason::orphaned_reply, tallies["test/answerer/2"].taken + tallies["test/holder/1"].taken);
  const std::uint64_t errors = asker.of(core::RequestErrorKind::failed) + asker.of(core::RequestErrorKind::answered);
  EXPECT_EQ(asker.replies + errors, kRequestsOfAsker);
  EXPECT_EQ(client_replies + client_failures, kClients * kRequestsOfClient);
  const std::uint64_t asked_of_answerer = kRequestsOfAsker + kClients * kRequestsOfClient;
  EXPECT_EQ(tallies["test/answerer/1"].taken, asked_of_answerer);
  EXPECT_EQ(client_failures + errors, asked_of_answerer / 5 * 2) << "one of five rejected, one answered with a failure";
  EXPECT_EQ(impatient.of(core::RequestErrorKind::timeout), kRequestsInTime);
  EXPECT_EQ(impatient.replies, 0U) << "cancelled requests have no outcome";

  std::uint64_t pumped = 0;  // What they sent themselves, to go on.
  for (std::uint64_t i = 1; i <= kPumps; ++i) pumped += tallies["test/pump/" + std::to_string(i)].sent - kSendsOfPump;
  const std::uint64_t requests = asked_of_answerer + kRequestsInTime + kCancelled;
  const SystemStats stats = system->stats();
  EXPECT_EQ(stats.messages_waiting, 0U);
  EXPECT_EQ(stats.actors, kSinks + kPumps + kClients + 5 + 2) << "with the starter and the operator";
  EXPECT_EQ(stats.messaging.service.sent, sends + kCrashes + kPumps + pumped + 4 + 1 + requests);
  EXPECT_EQ(stats.messaging.service.broadcasts, 0U);
  EXPECT_EQ(stats.messaging.service.published, 0U);
  EXPECT_EQ(stats.messaging.service.requests_opened, requests);
  EXPECT_EQ(stats.messaging.service.timeouts, kRequestsInTime);
  EXPECT_EQ(stats.messaging.service.cancelled, kCancelled);
  EXPECT_EQ(stats.messaging.responses.routed, asked_of_answerer);
  EXPECT_EQ(stats.messaging.responses.errors, errors + client_failures);
  EXPECT_EQ(stats.messaging.responses.orphaned, tallies["test/answerer/2"].taken + tallies["test/holder/1"].taken);
  EXPECT_EQ(stats.messaging.responses.refused, 0U);
  std::uint64_t buried = 0;
  for (const std::uint64_t count : stats.dead_letters) buried += count;
  EXPECT_EQ(stats.messaging.service.sent, stats.messaging.reception.handled + stats.messaging.reception.refused + buried -
                                              stats.messaging.responses.orphaned);
  std::array<std::uint64_t, 12> refusals{};
  refusals[static_cast<std::size_t>(core::SendErrorKind::denied)] = kClients;
  refusals[static_cast<std::size_t>(core::SendErrorKind::not_found)] = kClients;
  refusals[static_cast<std::size_t>(core::SendErrorKind::too_large)] = kClients;
  refusals[static_cast<std::size_t>(core::SendErrorKind::mailbox_full)] = full;
  EXPECT_EQ(stats.messaging.service.refused, refusals);
}

}  // namespace
}  // namespace airssys
