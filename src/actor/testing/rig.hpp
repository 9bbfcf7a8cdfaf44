#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "airssys/actor/ending.hpp"
#include "airssys/actor/inspections.hpp"
#include "airssys/actor/observer.hpp"
#include "airssys/actor/registry.hpp"
#include "airssys/actor/stopped_actors.hpp"
#include "airssys/actor/supervisor.hpp"
#include "airssys/actor/timer_queue.hpp"
#include "airssys/actor/transaction.hpp"
#include "airssys/actor/turn_ports.hpp"
#include "airssys/actor/turn_runner.hpp"
#include "testing/fakes.hpp"

namespace airssys::actor::testing {

/// Stands still until it is told, by any thread.
class SharedHandClock final : public core::ClockPort {
 public:
  core::MonotonicTime monotonic() const noexcept override { return core::MonotonicTime(now_.load()); }
  std::uint64_t wall_ms() const noexcept override {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(monotonic()).count());
  }
  core::MonotonicTime thread_cpu() const noexcept override { return monotonic(); }
  void advance(core::MonotonicTime by) noexcept { now_.fetch_add(by.count()); }

 private:
  std::atomic<std::int64_t> now_{core::MonotonicTime(std::chrono::seconds(1)).count()};
};

class CountedRandom final : public core::RandomPort {
 public:
  std::uint64_t next_u64() noexcept override { return next_.fetch_add(1); }

 private:
  std::atomic<std::uint64_t> next_{1};
};

class NoLog final : public core::LogPort {
 public:
  void write(std::string_view, core::LogLevel, std::string_view, std::span<const core::LogField>) noexcept override {}
  bool enabled(core::LogLevel) const noexcept override { return false; }
};

class NoTraces final : public TraceSink {
 public:
  void turn(const TurnRecord&) noexcept override {}
};

class CountedEvents final : public ActorEvents {
 public:
  void crashed(const ActorCell&, const CrashReport&) noexcept override { ++crashes; }
  void restarted(const ActorCell&) noexcept override { ++restarts; }
  void stopped(const ActorCell&, std::string_view) noexcept override { ++stops; }

  std::atomic<int> crashes{0};
  std::atomic<int> restarts{0};
  std::atomic<int> stops{0};
};

/// Counts dead letters by their reasons, and lets them go.
class CountedDead final : public DeadLetterSink {
 public:
  void bury(EnvelopePtr, const core::Address&, DeadReason reason, std::string_view) noexcept override {
    ++counts_[static_cast<std::size_t>(reason)];
  }
  int of(DeadReason reason) const noexcept { return counts_[static_cast<std::size_t>(reason)]; }

 private:
  std::array<std::atomic<int>, kDeadReasons> counts_{};
};

/// Of actors that reach each other by references, not by addresses.
class NoMessaging final : public core::MessagingPort {
 public:
  Sent send(core::TurnToken, std::string_view, core::Codec, std::span<const std::byte>) override { return refused(); }
  Sent send(core::TurnToken, std::string_view, core::Payload) override { return refused(); }
  std::expected<core::MessageId, core::SendError> request(core::TurnToken, std::string_view, core::Codec,
                                                          std::span<const std::byte>, std::uint64_t, core::Tag) override {
    return refused();
  }
  std::expected<core::MessageId, core::SendError> request(core::TurnToken, std::string_view, core::Payload, std::uint64_t,
                                                          core::Tag) override {
    return refused();
  }
  bool cancel(core::TurnToken, core::MessageId) override { return false; }
  std::expected<bool, core::SendError> answer(core::TurnToken, core::MessageId,
                                              std::expected<core::Payload, core::Failure>) override {
    return refused();
  }
  std::expected<bool, core::SendError> answer(core::TurnToken, core::MessageId, core::Codec,
                                              std::span<const std::byte>) override {
    return refused();
  }
  std::expected<std::vector<Refusal>, core::SendError> broadcast(core::TurnToken, std::span<const std::string_view>,
                                                                 core::Codec, std::span<const std::byte>) override {
    return refused();
  }
  std::expected<std::vector<Refusal>, core::SendError> broadcast(core::TurnToken, std::span<const std::string_view>,
                                                                 core::Payload) override {
    return refused();
  }
  Sent publish(core::TurnToken, std::string_view, core::Codec, std::span<const std::byte>) override { return refused(); }
  Sent publish(core::TurnToken, std::string_view, core::Payload) override { return refused(); }
  Sent subscribe(core::TurnToken, std::string_view) override { return refused(); }
  bool unsubscribe(core::TurnToken, std::string_view) override { return false; }

 private:
  static std::unexpected<core::SendError> refused() {
    return std::unexpected(core::SendError{.kind = core::SendErrorKind::unavailable, .text = "nobody carries messages here"});
  }
};

inline TurnResult failed(core::FailureKind kind, std::string text = {}) {
  TurnResult result;
  result.kind = TurnResult::Kind::failed;
  result.failure = {kind, std::move(text)};
  return result;
}

/// Does what a test has told.
class Scripted final : public IdleBehaviour {
 public:
  struct Script {
    std::function<TurnResult(Turn&, const core::Start&)> start{};
    std::function<TurnResult(Turn&, const core::MessageView&)> message{};
    std::function<TurnResult(Turn&, const Firing&)> timer{};
    std::function<void()> stop{};
  };
  explicit Scripted(Script script) : script_(std::move(script)) {}

  TurnResult start(Turn& turn, const core::Start& start) override {
    return script_.start ? script_.start(turn, start) : TurnResult{};
  }
  TurnResult handle_message(Turn& turn, const core::MessageView& message) override {
    return script_.message ? script_.message(turn, message) : TurnResult{};
  }
  TurnResult handle_timer(Turn& turn, const Firing& firing) override {
    return script_.timer ? script_.timer(turn, firing) : TurnResult{};
  }
  TurnResult stop(Turn&) override {
    if (script_.stop) script_.stop();
    return {};
  }
  std::unique_ptr<Behaviour> another() const override { return std::make_unique<Scripted>(script_); }

 private:
  Script script_;
};

/// Whatever runners and schedulers need beside each other, without messaging: actors do what scripts say, and messages come
/// from a sender that stands beside them. Any thread, once made.
class Rig {
 public:
  explicit Rig(Scheduler& run_by) : scheduler(run_by), sender_(make_actor("test/sender/1", never_run_)) {}
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  /// Placed, not started.
  ActorRef place(std::string_view address, Scripted::Script script, core::RestartPolicy restart = {}) {
    ActorRef actor = core::make_counted<ActorCell>(core::ActorSpec{.address = core::make_checked_address(address)},
                                                   std::make_unique<Scripted>(std::move(script)), scheduler);
    actor->attach(std::make_unique<FakeCorrespondence>());
    actor->attach(std::make_shared<Supervisor>(restart));
    registry.insert(actor);
    return actor;
  }
  ActorRef start(std::string_view address, Scripted::Script script) {
    ActorRef actor = place(address, std::move(script));
    actor->signal(Signal::start);
    return actor;
  }
  /// Whose turn it is.
  static ActorRef self(Turn& turn) { return ActorRef(&Transaction::of(turn).cell()); }
  /// On a way of its own.
  static EnvelopePtr message_from(const ActorRef& sender, const ActorRef& to, std::string_view text) {
    const EdgePtr edge = Edge::make(sender, to);
    EXPECT_TRUE(edge->try_acquire(text.size()));
    EnvelopePtr envelope = make_envelope();
    envelope->edge = edge.get();
    envelope->codec = core::Codec::raw;
    envelope->body = core::Body::copy_of(text);
    return envelope;
  }
  EnvelopePtr message(const ActorRef& to, std::string_view text) const { return message_from(sender_, to, text); }
  void send(const ActorRef& to, std::string_view text = "x") const { to->deliver(message(to, text)); }

  std::unique_ptr<TurnRunner> make_runner(const std::atomic<std::uint64_t>* ticks = nullptr) {
    return std::make_unique<TurnRunner>(RunnerServices{.ports = ports_,
                                                       .clock = clock,
                                                       .random = random_,
                                                       .door = door_,
                                                       .events = events,
                                                       .registry = registry,
                                                       .alarms = alarms,
                                                       .traces = traces_,
                                                       .scheduler = scheduler,
                                                       .stopped = stopped,
                                                       .inspections = inspections_,
                                                       .ending = ending,
                                                       .ticks = ticks});
  }

  Scheduler& scheduler;
  SharedHandClock clock;
  CountedDead dead;
  CountedEvents events;
  Registry registry;
  TimerQueue alarms;
  StoppedActors stopped;
  Ending ending;

 private:
  NoMessaging messaging_;
  NoLog log_;
  TurnPorts turn_ports_{log_, "test", ending};
  core::HostPorts ports_{.messaging = messaging_,
                         .context = turn_ports_,
                         .timers = turn_ports_,
                         .log = turn_ports_,
                         .config = turn_ports_,
                         .budget = turn_ports_};
  CommitDoor door_{dead};
  CountedRandom random_;
  NoTraces traces_;
  Inspections inspections_;
  RecordingScheduler never_run_;
  ActorRef sender_;
};

}  // namespace airssys::actor::testing
