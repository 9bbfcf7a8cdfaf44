#include "airssys/simulation/test_system.hpp"

#include <fmt/format.h>

#include <atomic>
#include <map>
#include <thread>
#include <utility>

#include "airssys/actor/manual_scheduler.hpp"
#include "airssys/core/assert.hpp"
#include "airssys/trust/sodium_hash.hpp"
#include "simulated_world.hpp"

namespace airssys::simulation {
namespace {

using namespace airssys::literals;

using Inbox = std::vector<Received>;

class Listener final : public actor::NativeActor {
 public:
  explicit Listener(Inbox& inbox) : inbox_(inbox) {}

  core::Result<core::Response> handle_message(actor::Turn&, const core::MessageView& message) override {
    inbox_.push_back({.sender = std::string(message.sender),
                      .kind = message.kind,
                      .topic = std::string(message.topic.value_or(std::string_view{})),
                      .codec = message.codec,
                      .text = std::string(message.text())});
    return core::done();
  }

 private:
  Inbox& inbox_;
};

class KeptTraces final : public actor::TraceSink {
 public:
  void turn(const actor::TurnRecord& record) noexcept override { records.push_back(record); }
  std::vector<actor::TurnRecord> records;
};

/// Guests in a loop look at their engine's epoch; somebody must move it.
class Ticker {
 public:
  explicit Ticker(const runtime::EngineSet& engines)
      : thread_([this, &engines] {
          while (!stopping_.load()) {
            engines.tick();
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
          }
        }) {}
  ~Ticker() {
    stopping_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

core::ActorSpec spec_of(const core::Address& address, TestSpawn spawn) {
  return {.address = address, .limits = spawn.limits, .config = std::move(spawn.config), .restart = spawn.restart};
}

}  // namespace

struct TestSystem::Parts {
  explicit Parts(TestOptions given)
      : options(std::move(given)), clock(options.limits.slice), random(options.seed), scheduler(options.seed) {}

  TestOptions options;
  SimulatedClock clock;
  SimulatedRandom random;
  KeptLog log;
  KeptEvents events;
  KeptTraces traces;
  trust::SodiumHash hash;
  actor::ManualScheduler scheduler;
  std::map<std::string, Inbox, std::less<>> inboxes;
  std::unique_ptr<system::Assembly> assembly;
  std::unique_ptr<Ticker> ticker;
  std::unique_ptr<actor::TurnRunner> runner;
  std::unique_ptr<messaging::HostSender> host;
};

TestSystem::TestSystem(TestOptions options) : parts_(std::make_unique<Parts>(std::move(options))) {
#if defined(__SANITIZE_THREAD__)
  // The thread sanitizer takes the signals that the engine would find traps by.
  parts_->options.engine.signal_traps = false;
#endif
  const system::Environment environment{.clock = parts_->clock,
                                        .random = parts_->random,
                                        .log = parts_->log,
                                        .hash = parts_->hash,
                                        .scheduler = parts_->scheduler,
                                        .events = parts_->events,
                                        .traces = parts_->traces};
  auto assembly = system::Assembly::create(environment, {.engine = parts_->options.engine,
                                                         .loader = {.cache = parts_->options.artifacts},
                                                         .limits = parts_->options.limits,
                                                         .restart = parts_->options.restart,
                                                         .system_id = std::string(32, '0'),
                                                         .first_message_id = 1});
  AIRSSYS_ASSERT(assembly.has_value());
  parts_->assembly = std::move(*assembly);
  parts_->ticker = std::make_unique<Ticker>(parts_->assembly->engines());
  parts_->runner = parts_->assembly->make_runner();
  parts_->scheduler.use(*parts_->runner);
  auto host = parts_->assembly->open_sender("test/host/1"_address);
  AIRSSYS_ASSERT(host.has_value());
  parts_->host = std::move(*host);
  const core::AddressPattern everybody = "*/*/*"_pattern;
  const core::AddressPattern from = parts_->options.grant_everything ? everybody : "test/host/1"_pattern;
  AIRSSYS_ASSERT(grant({.from = from, .to = everybody, .allow = {security::Verb::send, security::Verb::request}}).has_value());
  const security::TopicPattern everything = *security::TopicPattern::parse("#");
  AIRSSYS_ASSERT(
      grant({.from = from, .to = everything, .allow = {security::Verb::publish, security::Verb::subscribe}}).has_value());
  settle();
}

TestSystem::~TestSystem() {
  parts_->host.reset();
  parts_->ticker.reset();
  parts_->scheduler.stop();
  parts_->assembly.reset();
}

system::Assembly& TestSystem::assembly() noexcept {
  return *parts_->assembly;
}

core::Result<system::ComponentRef> TestSystem::load(const std::filesystem::path& path, std::optional<core::Profile> profile) {
  return parts_->assembly->load(path, profile);
}

core::Result<core::Address> TestSystem::spawn(const std::filesystem::path& component, const core::Address& address,
                                              TestSpawn spawn) {
  AIRSSYS_TRY(const system::ComponentRef loaded, load(component, spawn.profile));
  return this->spawn(loaded, address, std::move(spawn));
}

core::Result<core::Address> TestSystem::spawn(const system::ComponentRef& component, const core::Address& address,
                                              TestSpawn spawn) {
  AIRSSYS_TRY(parts_->assembly->spawn({.actor = spec_of(address, std::move(spawn)), .component = component}));
  settle();
  return address;
}

core::Result<core::Address> TestSystem::spawn_native(const core::Address& address, actor::NativeFactory factory,
                                                     TestSpawn spawn) {
  AIRSSYS_TRY(parts_->assembly->spawn_native({.actor = spec_of(address, std::move(spawn)), .make = std::move(factory)}));
  settle();
  return address;
}

core::Result<core::Address> TestSystem::listen(const core::Address& address, std::optional<core::Limits> limits) {
  Inbox& inbox = parts_->inboxes[address.text()];
  return spawn_native(address, [&inbox] { return std::make_unique<Listener>(inbox); }, {.limits = limits});
}

core::Result<void> TestSystem::stop(const core::Address& address) {
  AIRSSYS_TRY(parts_->assembly->actors().stop(address.text()));
  settle();
  return {};
}

core::Result<security::GrantId> TestSystem::grant(security::Grant grant) {
  return parts_->assembly->grants().add(std::move(grant));
}

core::Result<core::MessageId> TestSystem::post(const core::Address& to, const core::Payload& payload) {
  auto sent = parts_->host->send(to.text(), payload);
  if (!sent) return std::unexpected(core::to_error(sent.error(), to.text()));
  return *sent;
}

core::Result<core::MessageId> TestSystem::publish(std::string_view topic, const core::Payload& payload) {
  auto published = parts_->host->publish(topic, payload);
  if (!published) return std::unexpected(core::to_error(published.error(), topic, "publish on"));
  settle();
  return *published;
}

void TestSystem::subscribe(messaging::DeclaredSubscription subscription) {
  parts_->assembly->messaging().declare(std::move(subscription));
}

const std::vector<actor::TurnRecord>& TestSystem::traces() const {
  return parts_->traces.records;
}

core::Result<core::MessageId> TestSystem::send(const core::Address& to, const core::Payload& payload) {
  auto sent = post(to, payload);
  settle();
  return sent;
}

core::Result<core::Outcome> TestSystem::request(const core::Address& to, const core::Payload& payload,
                                                std::chrono::milliseconds timeout) {
  auto request = parts_->host->request(to.text(), payload, timeout);
  if (!request) return std::unexpected(core::to_error(request.error(), to.text()));
  settle();
  const core::MonotonicTime until = parts_->clock.monotonic() + core::MonotonicTime(timeout);
  while ((*request)->waiting() && parts_->clock.monotonic() < until) {
    const auto next = parts_->assembly->actors().alarms().next();
    parts_->clock.move_to(std::min(next.value_or(until), until));
    parts_->assembly->actors().alarms().fire(parts_->clock.monotonic());
    settle();
  }
  (*request)->expire();
  settle();
  return *(*request)->take();
}

void TestSystem::settle() {
  parts_->scheduler.run_until_idle();
}

bool TestSystem::step() {
  return parts_->scheduler.run_one();
}

void TestSystem::advance(std::chrono::milliseconds time) {
  const core::MonotonicTime until = parts_->clock.monotonic() + core::MonotonicTime(time);
  settle();
  while (true) {
    const auto next = parts_->assembly->actors().alarms().next();
    if (!next || *next > until) break;
    parts_->clock.move_to(std::max(*next, parts_->clock.monotonic()));
    parts_->assembly->actors().alarms().fire(parts_->clock.monotonic());
    settle();
  }
  parts_->clock.move_to(until);
}

void TestSystem::begin_end() {
  parts_->assembly->actors().ending().begin();
}

void TestSystem::order_stop() {
  begin_end();
  parts_->assembly->actors().stop_all();
  parts_->assembly->actors().ending().order(parts_->clock.monotonic());
}

void TestSystem::let_pass(std::chrono::milliseconds time) {
  parts_->clock.move_to(parts_->clock.monotonic() + core::MonotonicTime(time));
}

void TestSystem::at_each_look(std::function<void()> happens) {
  parts_->clock.at_look(std::move(happens));
}

std::vector<Received> TestSystem::sent_to(const core::Address& address) const {
  const auto found = parts_->inboxes.find(address.text());
  AIRSSYS_ASSERT(found != parts_->inboxes.end());
  return found->second;
}

std::vector<actor::CrashReport> TestSystem::crashes() const {
  return parts_->events.crashes();
}

std::vector<messaging::DeadLetter> TestSystem::dead_letters() const {
  return parts_->assembly->messaging().dead_letters().letters();
}

messaging::MessagingStats TestSystem::stats() const {
  return parts_->assembly->messaging().metrics().stats();
}

std::optional<system::ActorInfo> TestSystem::info(const core::Address& address) const {
  const actor::ActorRef actor = parts_->assembly->actors().registry().find(address.text());
  if (!actor) return std::nullopt;
  return system::info_of(*actor);
}

bool TestSystem::idle() const {
  return parts_->assembly->idle();
}

std::string TestSystem::state_text() const {
  std::string text;
  for (const actor::ActorRef& actor : parts_->assembly->actors().registry().all()) {
    const std::string& address = actor->address().text();
    if (address == parts_->host->address().text() || parts_->inboxes.contains(address)) continue;
    const system::ActorInfo info = system::info_of(*actor);
    const std::string_view state = actor->idle() ? std::string_view("idle") : std::string_view(info.state);
    text += fmt::format("{} {}, mailbox {}, restarts {}\n", address, state, info.mailbox_messages, info.counts.restarts);
  }
  return text;
}

const std::vector<std::string>& TestSystem::log() const {
  return parts_->log.lines();
}

}  // namespace airssys::simulation
