#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "airssys/actor/actor_system.hpp"
#include "airssys/actor/native_actor.hpp"
#include "airssys/messaging/host_sender.hpp"
#include "airssys/messaging/messaging_service.hpp"
#include "airssys/security/grant_table.hpp"

namespace airssys::gateways::testing {

class SteadyClock final : public core::ClockPort {
 public:
  core::MonotonicTime monotonic() const noexcept override { return std::chrono::steady_clock::now().time_since_epoch(); }
  std::uint64_t wall_ms() const noexcept override { return 0; }
  core::MonotonicTime thread_cpu() const noexcept override { return {}; }
};

/// Stands until it is moved.
class ManualClock final : public core::ClockPort {
 public:
  core::MonotonicTime monotonic() const noexcept override { return core::MonotonicTime(now_.load()); }
  std::uint64_t wall_ms() const noexcept override { return 0; }
  core::MonotonicTime thread_cpu() const noexcept override { return {}; }
  void advance(core::MonotonicTime time) noexcept { now_ += time.count(); }

 private:
  std::atomic<std::int64_t> now_{0};
};

class CountingRandom final : public core::RandomPort {
 public:
  std::uint64_t next_u64() noexcept override { return ++count_; }

 private:
  std::atomic<std::uint64_t> count_{0};
};

class MemoryLog final : public core::LogPort {
 public:
  void write(std::string_view, core::LogLevel, std::string_view text, std::span<const core::LogField>) noexcept override {
    const std::lock_guard lock(mutex_);
    lines_.emplace_back(text);
  }
  bool enabled(core::LogLevel level) const noexcept override { return level >= least_.load(); }
  /// From here on it takes debugging lines, too.
  void take_all() noexcept { least_ = core::LogLevel::trace; }
  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  std::atomic<core::LogLevel> least_{core::LogLevel::info};
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

/// Nobody runs: messages stay in mailboxes until a test takes them.
class NoScheduler final : public actor::Scheduler {
 public:
  void schedule(actor::ActorRef) noexcept override {}
};

/// Real messaging, and actors that the test plays: it takes their messages by hand.
class Rig {
 public:
  Rig() {
    actors_.use([this](actor::ActorCell& owner) { return messaging_.make_correspondence(owner); });
    const auto self = spawn("airssys/lines/1", {});
    sender_ = std::make_unique<messaging::HostSender>(self, messaging_, clock_, random_);
  }

  /// What is still in mailboxes holds its ends.
  ~Rig() {
    sender_.reset();
    for (const actor::ActorRef& actor : all_) {
      actor->take_over();
      take(actor);
      actor->correspondence().close();
    }
  }
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  actor::ActorRef spawn(std::string_view address, const core::Limits& limits) {
    auto actor = actors_.spawn({.address = core::make_checked_address(address), .limits = limits},
                               std::make_unique<actor::NativeBehaviour>([] { return nullptr; }));
    return all_.emplace_back(*actor);
  }
  void remove(const actor::ActorRef& actor) { actors_.registry().erase(*actor); }
  void grant(std::string_view to, std::optional<core::Rate> rate = {}) {
    security::Grant grant{.from = core::make_checked_pattern("airssys/lines/1"),
                          .to = core::make_checked_pattern(to),
                          .allow = {security::Verb::send}};
    grant.rate = rate;
    EXPECT_TRUE(grants_.add(grant));
  }
  /// The bodies that wait there now; their room is free again.
  static std::vector<std::string> take(const actor::ActorRef& actor) {
    actor::EnvelopeQueue queue;
    std::vector<std::string> bodies;
    actor->mailbox().take_into(queue);
    while (actor::EnvelopePtr envelope = queue.pop_front()) {
      bodies.emplace_back(envelope->body.text());
    }
    return bodies;
  }
  messaging::HostSender& sender() { return *sender_; }

 private:
  SteadyClock clock_;
  CountingRandom random_;
  NoScheduler scheduler_;
  security::GrantTable grants_;
  actor::ActorSystem actors_{scheduler_};
  messaging::MessagingService messaging_{actors_.registry(), grants_, 1};
  std::unique_ptr<messaging::HostSender> sender_;
  std::vector<actor::ActorRef> all_;
};

/// Until `holds`, or for ten seconds. Whether it did.
template <typename Condition>
bool eventually(Condition holds) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace airssys::gateways::testing
