#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "airssys/actor/actor_cell.hpp"
#include "airssys/actor/commit_sink.hpp"
#include "airssys/actor/correspondence.hpp"
#include "airssys/actor/scheduler.hpp"
#include "airssys/core/ports/clock_port.hpp"

namespace airssys::actor::testing {

/// Keeps what was scheduled.
class RecordingScheduler final : public Scheduler {
 public:
  void schedule(ActorRef actor) noexcept override { scheduled.push_back(std::move(actor)); }
  std::vector<ActorRef> scheduled;
};

/// Counts how often it was told of room.
class CountingWaiter final : public RoomWaiter {
 public:
  void room_available() noexcept override { told.fetch_add(1); }
  std::atomic<int> told{0};
};

/// Stands still until it is told.
class HandClock final : public core::ClockPort {
 public:
  core::MonotonicTime monotonic() const noexcept override { return now; }
  std::uint64_t wall_ms() const noexcept override {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  }
  core::MonotonicTime thread_cpu() const noexcept override { return now; }
  core::MonotonicTime now = std::chrono::seconds(1);
};

/// Does nothing, well.
class IdleBehaviour : public Behaviour {
 public:
  TurnResult start(Turn&, const core::Start&) override { return {}; }
  TurnResult handle_message(Turn&, const core::MessageView&) override { return {}; }
  TurnResult handle_reply(Turn&, const core::OutcomeView&) override { return {}; }
  TurnResult handle_timer(Turn&, const Firing&) override { return {}; }
  TurnResult stop(Turn&) override { return {}; }
  void drop() noexcept override {}
  bool handles_replies() const noexcept override { return true; }
  bool handles_timers() const noexcept override { return true; }
  bool accepts(core::Codec) const noexcept override { return true; }
  std::unique_ptr<Behaviour> another() const override { return std::make_unique<IdleBehaviour>(); }
  std::string describe() const override { return "idle"; }
  std::optional<core::Profile> profile() const noexcept override { return std::nullopt; }
  core::Bytes memory_bytes() const noexcept override { return 0; }
  const core::Trap* trap() const noexcept override { return nullptr; }
  core::Result<std::vector<core::SourceLocation>> locate(std::span<const core::Frame>) const override {
    return std::unexpected(core::Error(core::ErrorCode::unavailable, "actor", "native code has no frames of its own"));
  }
};

/// Keeps nothing but what was put by and how often it was asked to commit.
class FakeCorrespondence final : public Correspondence {
 public:
  FakeCorrespondence() { has_changes_ = true; }
  void placed() override {}
  void commit() override { ++commits; }
  void abort() noexcept override { ++aborts; }
  RequestChanges changes() const override { return {}; }
  std::size_t expand(EnvelopePtr& effect, VolatileSink&) override {
    expanded.push_back(std::move(effect));
    return copies_of_each;
  }
  void put_by(std::span<EnvelopePtr> effects) override {
    for (EnvelopePtr& effect : effects) rest.push_back(std::move(effect));
    none_ends_before_ = kPutBy;
  }
  std::optional<std::size_t> carry_on(VolatileSink&) override { return std::nullopt; }
  std::vector<EnvelopePtr> take_put_by() override { return std::move(rest); }
  bool defer(Envelope&) override { return true; }
  void withdraw(core::MessageId) override {}
  void forget_withdrawn() override {}
  bool answered_in_hand() const noexcept override { return false; }
  std::optional<Arrival> take(Envelope&, core::MonotonicTime) override { return std::nullopt; }
  std::optional<Arrival> take_expired(core::MonotonicTime) override { return std::nullopt; }
  std::optional<core::MonotonicTime> next_deadline() const noexcept override { return std::nullopt; }
  std::size_t reset(core::RequestErrorKind, std::vector<EnvelopePtr>&) override { return 0; }
  void close() noexcept override {}
  std::size_t open_requests() const noexcept override { return 0; }
  bool has_accepted_requests() const noexcept override { return false; }
  std::size_t kept_requests() const noexcept override { return 0; }
  std::size_t owed_answers() const noexcept override { return 0; }
  void add_targets(ActorBooks&) const override {}

  int commits = 0;
  int aborts = 0;
  std::size_t copies_of_each = 1;
  std::vector<EnvelopePtr> expanded;
  std::vector<EnvelopePtr> rest;
};

/// Keeps what was buried.
class KeptDeadLetters final : public DeadLetterSink {
 public:
  struct Letter {
    EnvelopePtr envelope;
    std::string target;
    DeadReason reason;
    std::string why;
  };
  void bury(EnvelopePtr envelope, const core::Address& target, DeadReason reason, std::string_view why) noexcept override {
    all.push_back({std::move(envelope), target.text(), reason, std::string(why)});
  }
  std::vector<Letter> all;
};

inline ActorRef make_actor(std::string_view address, Scheduler& scheduler) {
  return core::make_counted<ActorCell>(core::ActorSpec{.address = core::make_checked_address(address)},
                                       std::make_unique<IdleBehaviour>(), scheduler);
}

}  // namespace airssys::actor::testing
