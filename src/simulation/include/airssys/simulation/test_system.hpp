#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "airssys/actor/native_actor.hpp"
#include "airssys/actor/observer.hpp"
#include "airssys/core/message.hpp"
#include "airssys/core/profile.hpp"
#include "airssys/security/grant.hpp"
#include "airssys/system/assembly.hpp"
#include "airssys/system/info.hpp"

namespace airssys::simulation {

/// A message that a listener of a test received.
struct Received {
  std::string sender;
  core::MessageKind kind{};
  std::string topic;  ///< Of an event.
  core::Codec codec{};
  std::string text;

  friend bool operator==(const Received&, const Received&) noexcept = default;
};

struct TestOptions {
  /// Chooses the order in which actors run and every random number. One seed, one run.
  std::uint64_t seed = 1;
  core::Limits limits{};  ///< Of every actor that says nothing else.
  /// False: nobody may send anything that `grant` did not allow. True: all may send, request, publish and subscribe.
  bool grant_everything = true;
  core::RestartPolicy restart{};
  runtime::EngineOptions engine{};
  /// Where compiled components are kept from one test to the next. Empty: nowhere.
  std::filesystem::path artifacts{};
};

struct TestSpawn {
  /// Of a guest that is spawned from a path. None: that of `TestOptions::engine`.
  std::optional<core::Profile> profile{};
  std::optional<core::Limits> limits{};
  core::ConfigValues config{};
  std::optional<core::RestartPolicy> restart{};
};

/// The whole system on the calling thread: the real engine, real guests, real mailboxes, and a clock, chance and order by
/// hand. Nothing runs until `settle` or `advance` is called, or a call that says so. The clock stands until `advance` moves
/// it. Single-threaded.
///
/// Guests' CPU time is simulated too: a guest that is looked at `n` times has used `n` slices. So a guest that loops for
/// ever is stopped after the same number of looks in every run.
class TestSystem {
 public:
  explicit TestSystem(TestOptions options = {});
  ~TestSystem();
  TestSystem(const TestSystem&) = delete;
  TestSystem& operator=(const TestSystem&) = delete;

  core::Result<system::ComponentRef> load(const std::filesystem::path& path,
                                          std::optional<core::Profile> profile = std::nullopt);
  core::Result<core::Address> spawn(const std::filesystem::path& component, const core::Address& address, TestSpawn spawn = {});
  core::Result<core::Address> spawn(const system::ComponentRef& component, const core::Address& address, TestSpawn spawn = {});
  core::Result<core::Address> spawn_native(const core::Address& address, actor::NativeFactory factory, TestSpawn spawn = {});
  /// An actor that takes whatever it is sent, answers requests with `done`, and lets `sent_to` tell.
  core::Result<core::Address> listen(const core::Address& address, std::optional<core::Limits> limits = std::nullopt);
  core::Result<void> stop(const core::Address& address);
  core::Result<security::GrantId> grant(security::Grant grant);
  /// By the owner's word, as in a system file.
  void subscribe(messaging::DeclaredSubscription subscription);

  /// From the test's own address, `test/host/1`; settles.
  core::Result<core::MessageId> send(const core::Address& to, const core::Payload& payload);
  /// To the subscribers of now; settles.
  core::Result<core::MessageId> publish(std::string_view topic, const core::Payload& payload);
  /// The same without settling: several messages can wait.
  core::Result<core::MessageId> post(const core::Address& to, const core::Payload& payload);
  /// Settles, and moves the clock to the timeout if there is no outcome before.
  core::Result<core::Outcome> request(const core::Address& to, const core::Payload& payload,
                                      std::chrono::milliseconds timeout = std::chrono::seconds(5));

  /// Runs until nobody is runnable; the clock stands.
  void settle();
  /// One batch of one actor. False: nobody is runnable.
  bool step();
  /// Moves the clock, stopping at each alarm on the way to settle.
  void advance(std::chrono::milliseconds time);
  /// As `System` does: the end begins; then everybody is told to stop. Nobody runs by it.
  void begin_end();
  void order_stop();
  /// Moves the clock and nothing else: no alarm fires. Also while a guest runs.
  void let_pass(std::chrono::milliseconds time);
  /// Calls `happens` each time a guest that runs is looked at, in the middle of its turn: it may order and let time pass, and
  /// run nobody. Empty: nothing happens.
  void at_each_look(std::function<void()> happens);

  /// The turns of recorded traces, in the order in which they ended.
  const std::vector<actor::TurnRecord>& traces() const;
  /// What a listener has received, in order.
  std::vector<Received> sent_to(const core::Address& address) const;
  std::vector<actor::CrashReport> crashes() const;
  std::vector<messaging::DeadLetter> dead_letters() const;
  messaging::MessagingStats stats() const;
  std::optional<system::ActorInfo> info(const core::Address& address) const;
  bool idle() const;
  /// A line an actor, sorted by address: `demo/counter/1 idle, mailbox 0, restarts 0`. Listeners and the test's own address
  /// are left out.
  std::string state_text() const;
  /// The lines that guests and natives have logged: `demo/counter/1 info text`.
  const std::vector<std::string>& log() const;

  system::Assembly& assembly() noexcept;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace airssys::simulation
