// The same system on threads: what is promised by hand holds under races, and the host's own doors work.

#include "airssys/system/system.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "airssys/prelude.hpp"
#include "testing/tested_profile.hpp"

namespace airssys {
namespace {

using namespace airssys::literals;
using namespace std::chrono_literals;

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int kScale = 10;
#else
constexpr int kScale = 1;
#endif

std::filesystem::path guest(const std::string& name) {
  return std::filesystem::path(AIRSSYS_GUESTS) / name;
}

class SystemTest : public ::testing::Test {
 protected:
  void SetUp() override { system = start({}); }

  static std::unique_ptr<System> start(const std::filesystem::path& data) {
    SystemOptions options{.name = "test", .data = data, .workers = 2};
    if (data.empty()) options.artifacts = guest("artifacts");
    options.engine.profile = runtime::testing::tested_profile();
#if defined(__SANITIZE_THREAD__)
    options.engine.signal_traps = false;
#endif
    auto started = System::start(std::move(options));
    EXPECT_TRUE(started) << (started ? "" : started.error().to_string());
    if (!started) return nullptr;
    const core::AddressPattern all = "*/*/*"_pattern;
    EXPECT_TRUE((*started)->grant({.from = all, .to = all, .allow = {Verb::send, Verb::request}}));
    return std::move(*started);
  }

  Address spawn(const std::string& name, const Address& address, core::ConfigValues config = {},
                std::optional<Limits> limits = {}, std::optional<Profile> profile = {}) {
    auto component = system->load(guest(name), profile);
    EXPECT_TRUE(component) << (component ? "" : component.error().to_string());
    auto spawned = system->spawn(
        *component, {.address = address,
                     .limits = limits,
                     .config = std::move(config),
                     .restart = RestartPolicy{.max_restarts = 1000, .window = 60s, .backoff = 1ms, .backoff_max = 1ms}});
    EXPECT_TRUE(spawned);
    return *spawned;
  }

  std::unique_ptr<System> system;
};

/// Remembers the last number of each sender and that none was missed, doubled or out of order.
class OrderKeeper final : public NativeActor {
 public:
  explicit OrderKeeper(std::atomic<std::uint64_t>* seen, std::atomic<bool>* in_order) : seen_(seen), in_order_(in_order) {}
  Result<Response> handle_message(Turn&, const MessageView& message) override {
    const std::uint64_t number = std::stoull(std::string(message.text()));
    std::uint64_t& last = last_[std::string(message.sender)];
    if (number != last + 1) *in_order_ = false;
    last = number;
    seen_->fetch_add(1);
    return done();
  }

 private:
  std::map<std::string, std::uint64_t> last_;
  std::atomic<std::uint64_t>* seen_;
  std::atomic<bool>* in_order_;
};

TEST_F(SystemTest, messages_of_one_pair_arrive_once_and_in_order_whatever_races) {
  constexpr std::uint64_t kEach = 20'000 / kScale;
  std::atomic<std::uint64_t> seen{0};
  std::atomic<bool> in_order{true};
  const Address keeper = *system->spawn_native<OrderKeeper>("test/keeper/1"_address, &seen, &in_order);
  // Guests between the senders and the keeper: their mailboxes are small, so everybody is refused and retries.
  for (const char* name : {"test/forward/1", "test/forward/2", "test/forward/3"}) {
    spawn("forwarder", core::make_checked_address(name), {{"to", keeper.text()}}, Limits{.mailbox_messages = 64});
  }
  std::vector<std::thread> senders;
  for (int i = 1; i <= 3; ++i) {
    senders.emplace_back([this, i] {
      Client client = *system->client(core::make_checked_address("test/client/" + std::to_string(i)));
      const Address to = core::make_checked_address("test/forward/" + std::to_string(i));
      for (std::uint64_t number = 1; number <= kEach; ++number) {
        ASSERT_TRUE(client.send(to, raw(std::to_string(number)), 30s));
      }
    });
  }
  for (std::thread& sender : senders) sender.join();
  EXPECT_TRUE(system->wait_until_idle(60s));
  EXPECT_EQ(seen, 3 * kEach);
  EXPECT_TRUE(in_order);
  for (const ActorInfo& actor : system->list()) {
    EXPECT_EQ(actor.mailbox_messages, 0U) << actor.address;
    EXPECT_EQ(actor.mailbox_bytes, 0U) << actor.address;
  }
  EXPECT_EQ(system->stats().dead_letters, messaging::DeadLetters::Counts{});
}

TEST_F(SystemTest, every_request_has_exactly_one_outcome_while_its_target_keeps_dying) {
  const Address target = spawn("trapping", "test/target/1"_address);
  constexpr int kEach = 400 / kScale;
  std::atomic<int> replies{0};
  std::atomic<int> failures{0};
  std::vector<std::thread> askers;
  for (int i = 1; i <= 3; ++i) {
    askers.emplace_back([&, i] {
      Client client = *system->client(core::make_checked_address("test/client/" + std::to_string(i)));
      for (int n = 0; n < kEach; ++n) {
        const auto outcome = client.request(target, raw(n % 20 == i ? "unreachable" : "fine"), 30s);
        (outcome ? replies : failures).fetch_add(1);
      }
    });
  }
  for (std::thread& asker : askers) asker.join();
  EXPECT_EQ(replies + failures, 3 * kEach);
  EXPECT_EQ(static_cast<std::uint64_t>(failures.load()), system->info(target.text())->counts.trapped);
  EXPECT_TRUE(system->wait_until_idle(10s));
  const MessagingStats stats = system->stats().messaging;
  EXPECT_EQ(stats.service.requests_opened, static_cast<std::uint64_t>(3 * kEach));
  EXPECT_EQ(stats.responses.orphaned, 0U);
}

TEST_F(SystemTest, a_guest_that_loops_for_ever_is_stopped_while_its_neighbours_work) {
  const Address spinner = spawn("spinning", "test/spinner/1"_address, {}, Limits{.turn_cpu = 100ms});
  const Address echo = spawn("echo", "test/echo/1"_address);
  Client client = *system->client("test/client/1"_address);
  ASSERT_TRUE(client.send(spinner, raw("spin")));
  for (int i = 0; i < 50; ++i) {
    const auto reply = client.request(echo, raw("hello"), 5s);
    ASSERT_TRUE(reply) << reply.error();
    EXPECT_EQ(reply->text(), "hello");
  }
  EXPECT_TRUE(system->wait_until_idle(10s));
  EXPECT_EQ(system->info(spinner.text())->counts.trapped, 1U);
  EXPECT_TRUE(client.request(spinner, raw("fine"), 5s)) << "it is back";
}

TEST_F(SystemTest, guests_of_both_profiles_work_together_and_each_is_stopped_at_its_budget) {
  for (const Profile profile : {Profile::fast, Profile::dense}) {
    const std::string name(core::name_of(profile));
    const Profile other = profile == Profile::fast ? Profile::dense : Profile::fast;
    const Address echo = core::make_checked_address("test/echo/" + name);
    const Address deferred = core::make_checked_address("test/deferred/" + name);
    const Address spinning = core::make_checked_address("test/spinning/" + name);
    spawn("echo", echo, {}, {}, profile);
    spawn("deferred", deferred, {{"to", echo.text()}}, {}, other);
    spawn("spinning", spinning, {}, Limits{.turn_cpu = 20ms}, profile);
    Client client = system->operator_client();
    EXPECT_EQ(client.request(deferred, raw("across"), 10s)->text(), "across");
    const auto spun = client.request(spinning, raw("spin"), 10s);
    ASSERT_FALSE(spun) << name << ": the ticker must tick this engine, too";
    EXPECT_NE(spun.error().message().find("CPU budget"), std::string::npos) << spun.error();
    EXPECT_EQ(client.request(spinning, raw("fine"), 10s)->text(), "1");
    EXPECT_EQ(system->info(spinning.text())->profile, name);
    EXPECT_EQ(system->info(deferred.text())->profile, core::name_of(other));
  }
}

TEST_F(SystemTest, a_request_to_a_guest_that_loops_times_out_for_the_host) {
  const Address spinner = spawn("spinning", "test/spinner/1"_address, {}, Limits{.turn_cpu = 300ms});
  Client client = *system->client("test/client/1"_address);
  const auto outcome = client.request(spinner, raw("spin"), 50ms);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code(), ErrorCode::timeout);
}

TEST_F(SystemTest, a_slow_consumer_slows_its_pipeline_down_instead_of_losing_or_growing) {
  std::atomic<std::uint64_t> seen{0};
  std::atomic<bool> in_order{true};
  const Address keeper = *system->spawn_native<OrderKeeper>("test/keeper/1"_address, &seen, &in_order);
  const Address second = spawn("failing", "test/second/1"_address, {{"to", keeper.text()}}, Limits{.mailbox_messages = 4});
  const Address first = spawn("forwarder", "test/first/1"_address, {{"to", second.text()}}, Limits{.mailbox_messages = 4});
  Client client = *system->client("test/client/1"_address);
  constexpr std::uint64_t kLines = 5'000 / kScale;
  for (std::uint64_t number = 1; number <= kLines; ++number) ASSERT_TRUE(client.send(first, raw(std::to_string(number)), 30s));
  EXPECT_TRUE(system->wait_until_idle(60s));
  EXPECT_EQ(seen, kLines);
  EXPECT_TRUE(in_order);
}

/// The state of a SplitMix64 that has just made `number`: it keeps nothing secret.
std::uint64_t unmixed(std::uint64_t number) {
  const auto undo = [](std::uint64_t y, int shift) {
    std::uint64_t x = y;
    for (int known = shift; known < 64; known += shift) x = y ^ (x >> shift);
    return x;
  };
  number = undo(number, 31) * 0x3196'42b2'd24d'8ec3;
  number = undo(number, 27) * 0x96de'1b17'3f11'9089;
  return undo(number, 30);
}

class Drawer final : public NativeActor {
 public:
  Result<Response> handle_message(Turn& turn, const MessageView&) override {
    return reply(raw(std::to_string(turn.random_u64()) + " " + std::to_string(turn.random_u64())));
  }
};

TEST_F(SystemTest, what_an_actor_draws_does_not_tell_what_it_or_another_draws_next) {
  std::vector<std::uint64_t> states;
  for (const auto& address : {"test/a/1"_address, "test/b/1"_address}) {
    ASSERT_TRUE(system->spawn_native<Drawer>(address));
    for (int i = 0; i < 50; ++i) {
      const auto drawn = system->operator_client().request(address, raw(""), 10s);
      ASSERT_TRUE(drawn);
      std::istringstream numbers{std::string(drawn->text())};
      std::uint64_t number = 0;
      while (numbers >> number) states.push_back(unmixed(number));
    }
  }
  ASSERT_EQ(states.size(), 200U);
  std::ranges::sort(states);
  EXPECT_TRUE(std::ranges::adjacent_find(states) == states.end());
  // A turn's numbers were steps of one length from a state that each of them gives away.
  constexpr std::uint64_t kStep = 0x9e37'79b9'7f4a'7c15;
  for (const std::uint64_t state : states) EXPECT_FALSE(std::ranges::binary_search(states, state + kStep));
}

TEST_F(SystemTest, two_systems_live_in_one_process) {
  const auto other = start({});
  spawn("echo", "test/echo/1"_address);
  Client here = *system->client("test/client/1"_address);
  Client there = *other->client("test/client/1"_address);
  EXPECT_TRUE(here.request("test/echo/1"_address, raw("x"), 5s));
  EXPECT_EQ(there.request("test/echo/1"_address, raw("x"), 5s).error().code(), ErrorCode::not_found);
}

TEST_F(SystemTest, stopping_lets_actors_finish_and_then_ends_them_all) {
  std::atomic<std::uint64_t> seen{0};
  std::atomic<bool> in_order{true};
  const Address keeper = *system->spawn_native<OrderKeeper>("test/keeper/1"_address, &seen, &in_order);
  Client client = *system->client("test/client/1"_address);
  for (int number = 1; number <= 500; ++number) ASSERT_TRUE(client.send(keeper, raw(std::to_string(number))));
  EXPECT_TRUE(system->stop(10s));
  EXPECT_EQ(seen, 500U);
  EXPECT_TRUE(system->list().empty());
}

/// Puts every answer off for ever.
class Silent final : public NativeActor {
 public:
  Result<Response> handle_message(Turn&, const MessageView&) override { return later(); }
};

TEST_F(SystemTest, a_request_that_is_open_when_the_system_stops_ends_as_target_gone) {
  const Address silent = *system->spawn_native<Silent>("test/silent/1"_address);
  Client client = *system->client("test/client/1"_address);
  std::optional<ErrorCode> outcome;
  std::thread asker([&] {
    const auto reply = client.request(silent, raw("x"), 60s);
    if (!reply) outcome = reply.error().code();
  });
  while (system->stats().messaging.service.requests_opened == 0) std::this_thread::yield();
  EXPECT_FALSE(system->stop(10ms)) << "there was more to do";
  asker.join();
  EXPECT_EQ(outcome, ErrorCode::target_gone);
}

/// "go" wakes another actor; "wait" holds its worker up until that one has run.
class Holder final : public NativeActor {
 public:
  Holder(Address other, std::atomic<std::uint64_t>* ran, std::atomic<bool>* saw)
      : other_(std::move(other)), ran_(ran), saw_(saw) {}
  Result<Response> handle_message(Turn& turn, const MessageView& message) override {
    if (message.text() == "go") {
      AIRSSYS_TRY(turn.send(other_, raw("1")));
      return done();
    }
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (ran_->load() == 0 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    saw_->store(ran_->load() == 1);
    return done();
  }

 private:
  Address other_;
  std::atomic<std::uint64_t>* ran_;
  std::atomic<bool>* saw_;
};

TEST_F(SystemTest, who_was_to_run_next_on_a_worker_that_is_held_up_runs_on_another) {
  std::atomic<std::uint64_t> seen{0};
  std::atomic<bool> in_order{true};
  std::atomic<bool> saw{false};
  const Address keeper = *system->spawn_native<OrderKeeper>("test/keeper/1"_address, &seen, &in_order);
  const Address holder = *system->spawn_native<Holder>("test/holder/1"_address, keeper, &seen, &saw);
  Client client = *system->client("test/client/1"_address);
  ASSERT_TRUE(client.send(holder, raw("go")));
  ASSERT_TRUE(client.send(holder, raw("wait")));
  EXPECT_TRUE(system->wait_until_idle(30s));
  EXPECT_TRUE(saw);
}

/// Sends as it goes.
struct Farewell {
  Farewell(Client sender, Address to) : client(std::move(sender)), target(std::move(to)) {}
  Farewell(const Farewell&) = delete;
  Farewell& operator=(const Farewell&) = delete;
  ~Farewell() { EXPECT_TRUE(client.send(target, raw("1"))); }

  Client client;
  Address target;
};

TEST_F(SystemTest, what_an_actors_factory_sends_as_it_goes_wakes_its_target) {
  std::atomic<std::uint64_t> seen{0};
  std::atomic<bool> in_order{true};
  const Address keeper = *system->spawn_native<OrderKeeper>("test/keeper/1"_address, &seen, &in_order);
  auto farewell = std::make_shared<Farewell>(*system->client("test/client/1"_address), keeper);
  const auto mayfly =
      system->spawn_native("test/mayfly/1"_address, [farewell = std::move(farewell)] { return std::make_unique<Silent>(); });
  ASSERT_TRUE(system->stop_actor(*mayfly));
  // It goes with the last reference, between two batches of its worker, which then has nothing to do.
  for (const auto until = std::chrono::steady_clock::now() + 20s; seen == 0 && std::chrono::steady_clock::now() < until;) {
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_EQ(seen, 1U);
}

TEST_F(SystemTest, what_waits_when_an_actor_is_stopped_is_in_the_dead_letters) {
  const Address spinner = spawn("spinning", "test/spinner/1"_address, {}, Limits{.turn_cpu = 200ms});
  Client client = *system->client("test/client/1"_address);
  ASSERT_TRUE(client.send(spinner, raw("spin")));
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(client.send(spinner, raw("waits")));
  ASSERT_TRUE(system->stop_actor(spinner));
  EXPECT_TRUE(system->wait_until_idle(10s));
  std::uint64_t buried = 0;
  for (const std::uint64_t count : system->stats().dead_letters) buried += count;
  EXPECT_EQ(buried, 11U) << "the ten that waited and the one it died of";
}

class DataDirectoryTest : public SystemTest {
 protected:
  void SetUp() override {
    folder = std::filesystem::temp_directory_path() / ("airssys-test-" + std::to_string(::getpid()) + "-" +
                                                       ::testing::UnitTest::GetInstance()->current_test_info()->name());
  }
  void TearDown() override {
    system.reset();
    std::filesystem::remove_all(folder);
  }
  std::filesystem::path folder;
};

TEST_F(DataDirectoryTest, belongs_to_one_system_at_a_time) {
  system = start(folder);
  ASSERT_TRUE(system);
  const auto second = System::start({.name = "second", .data = folder, .workers = 1});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::unavailable);
  EXPECT_NE(second.error().message().find(std::to_string(::getpid())), std::string::npos) << second.error();
  system.reset();
  system = start(folder);
  EXPECT_TRUE(system) << "it is free again";
}

TEST_F(DataDirectoryTest, never_hands_out_a_message_id_twice) {
  std::set<std::uint64_t> ids;
  for (int run = 0; run < 3; ++run) {
    system = start(folder);
    spawn("echo", "test/echo/1"_address);
    Client client = *system->client("test/client/1"_address);
    for (int i = 0; i < 100; ++i) {
      const auto id = client.send("test/echo/1"_address, raw("x"));
      ASSERT_TRUE(id);
      EXPECT_TRUE(ids.insert(core::to_number(*id)).second);
    }
    system.reset();
  }
}

TEST_F(DataDirectoryTest, keeps_compiled_components_and_crash_reports) {
  system = start(folder);
  const Address target = spawn("trapping", "test/target/1"_address);
  EXPECT_EQ(system->stats().components_compiled, 1U);
  Client client = *system->client("test/client/1"_address);
  EXPECT_FALSE(client.request(target, raw("unreachable"), 5s));
  EXPECT_FALSE(std::filesystem::is_empty(folder / "crashes"));
  system.reset();
  system = start(folder);
  spawn("trapping", "test/target/1"_address);
  EXPECT_EQ(system->stats().components_compiled, 0U);
  EXPECT_EQ(system->stats().components_cached, 1U);
}

TEST_F(DataDirectoryTest, of_others_or_with_links_in_it_is_refused_and_nothing_is_touched) {
  namespace fs = std::filesystem;
  const auto refusal = [&] {
    const auto started = System::start({.data = folder / "data"});
    return started ? std::string() : started.error().to_string();
  };
  fs::create_directories(folder / "data");
  fs::permissions(folder / "data", fs::perms::group_write, fs::perm_options::add);
  EXPECT_NE(refusal().find("chmod go-w"), std::string::npos) << refusal();
  fs::permissions(folder / "data", fs::perms::group_write, fs::perm_options::remove);
  std::ofstream(folder / "precious") << "untouched";
  for (const char* const name : {"lock", "identity"}) {
    fs::create_symlink(folder / "precious", folder / "data" / name);
    EXPECT_NE(refusal().find("symbolic link"), std::string::npos) << refusal();
    fs::remove(folder / "data" / name);
  }
  fs::remove(folder / "data" / "lock");
  fs::create_hard_link(folder / "precious", folder / "data" / "lock");
  EXPECT_NE(refusal().find("other names"), std::string::npos) << refusal();
  fs::remove(folder / "data" / "lock");
  std::string precious;
  std::ifstream(folder / "precious") >> precious;
  EXPECT_EQ(precious, "untouched");
  EXPECT_EQ(refusal(), "");
}

TEST_F(DataDirectoryTest, with_a_damaged_identity_is_refused_rather_than_started_over) {
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "identity") << "nonsense\n";
  const auto started = System::start({.name = "test", .data = folder, .workers = 1});
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message().find("identity is damaged"), std::string::npos) << started.error();
}

/// Holds its worker until it is let go.
class Held final : public NativeActor {
 public:
  explicit Held(std::atomic<bool>* go) : go_(go) {}
  Result<Response> handle_message(Turn&, const MessageView&) override {
    while (!go_->load()) std::this_thread::yield();
    return done();
  }

 private:
  std::atomic<bool>* go_;
};

/// Asks one, arms a timer, sends to another.
class Busybody final : public NativeActor {
 public:
  Result<Response> handle_message(Turn& turn, const MessageView& message) override {
    if (message.kind == MessageKind::request) return later();
    AIRSSYS_TRY(turn.request("test/held/1"_address, raw("x"), 1h, Tag{1}));
    AIRSSYS_TRY(turn.arm(Tag{1}, 1h));
    AIRSSYS_TRY(turn.arm(Tag{2}, 1h));
    return done();
  }
};

TEST_F(SystemTest, an_actor_shows_its_books_between_its_turns) {
  std::atomic<bool> go{false};
  const auto held = system->spawn_native<Held>("test/held/1"_address, &go);
  const auto busy = system->spawn_native<Busybody>("test/busy/1"_address);
  ASSERT_TRUE(held && busy);
  ASSERT_TRUE(system->operator_client().send(*busy, raw("go")));
  std::thread asks([&] { std::ignore = system->operator_client().request(*busy, raw("x"), 20s); });
  std::optional<system::ActorDetails> details;
  const auto until = std::chrono::steady_clock::now() + 20s;
  while (std::chrono::steady_clock::now() < until) {
    details = system->details("test/busy/1", 10s);
    if (details && details->books && details->books->owed_answers == 1 && details->books->open_requests == 1) break;
  }
  ASSERT_TRUE(details && details->books);
  EXPECT_EQ(details->books->open_requests, 1U);
  EXPECT_EQ(details->books->owed_answers, 1U);
  EXPECT_EQ(details->books->timers, 2U);
  ASSERT_EQ(details->books->targets_known, 1U);
  EXPECT_EQ(details->books->targets[0].to, "test/held/1");
  EXPECT_EQ(details->books->targets[0].taken, 1U);
  // Who is in a turn shows nothing, and holds nobody up for long.
  const auto shut = system->details("test/held/1", 20ms);
  ASSERT_TRUE(shut);
  EXPECT_FALSE(shut->books);
  EXPECT_FALSE(system->details("test/nobody/1", 1s));
  go = true;
  ASSERT_TRUE(system->restart_actor(*busy));
  asks.join();
}

TEST_F(SystemTest, lists_a_hundred_thousand_actors_in_pages) {
  constexpr std::size_t kActors = 100'000 / kScale;
  for (std::size_t i = 0; i < kActors; ++i) {
    ASSERT_TRUE(system->spawn_native<Busybody>(core::make_checked_address("test/many/" + std::to_string(i))));
  }
  const core::AddressPattern many = "test/many/*"_pattern;
  std::string after;
  std::size_t seen = 0;
  while (true) {
    const system::ActorPage page = system->list(after, &many, 1000);
    EXPECT_EQ(page.matching, kActors - seen);
    if (page.actors.empty()) break;
    for (const ActorInfo& actor : page.actors) {
      ASSERT_LT(after, actor.address);
      after = actor.address;
    }
    seen += page.actors.size();
  }
  EXPECT_EQ(seen, kActors);
}

TEST_F(SystemTest, who_was_stopped_is_listed_among_the_others_until_it_comes_back) {
  const Address actor = spawn("echo", "test/busy/1"_address);
  ASSERT_TRUE(system->stop_actor(actor));
  const auto state = [&] {
    const auto info = system->info("test/busy/1");
    return info ? info->state : std::string("gone");
  };
  for (int i = 0; i < 10'000 && state() != "stopped"; ++i) std::this_thread::sleep_for(1ms);
  EXPECT_EQ(system->info("test/busy/1")->why, "stopped by order");
  const core::AddressPattern mine = "test/*/*"_pattern;
  EXPECT_EQ(system->list({}, &mine, 10).actors.size(), 1U);
  EXPECT_EQ(system->list({}, &mine, 10).matching, 1U);
  ASSERT_TRUE(system->restart_actor(actor));
  for (int i = 0; i < 10'000 && state() != "running"; ++i) std::this_thread::sleep_for(1ms);
  EXPECT_EQ(state(), "running");
  EXPECT_EQ(system->list({}, &mine, 10).actors.size(), 1U);
  EXPECT_EQ(system->stop_actor(core::operator_address()).error().code(), ErrorCode::invalid) << "the operator is no actor";
}

}  // namespace
}  // namespace airssys
