#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "airssys/control/operator_desk.hpp"

namespace airssys::control::testing {

/// A desk that answers by the name it is asked for, and can be made to take its time.
class FakeDesk final : public OperatorDesk {
 public:
  core::Result<core::MessageId> send(const core::Address& to, const core::Payload& payload) override {
    const std::lock_guard lock(mutex_);
    sent_.push_back(to.text() + " " + core::to_string(payload.codec) + " " + std::string(payload.text()));
    if (to.name() == "full")
      return std::unexpected(core::Error(core::ErrorCode::mailbox_full, "messaging", "no room at demo/full/1"));
    return core::MessageId{sent_.size()};
  }

  core::Result<core::Payload> request(const core::Address& to, const core::Payload& payload,
                                      std::chrono::milliseconds timeout) override {
    if (to.name() == "slow") hold();
    if (to.name() == "silent") {
      return std::unexpected(
          core::Error(core::ErrorCode::timeout, "messaging", "no answer within " + std::to_string(timeout.count()) + " ms"));
    }
    return payload;
  }

  core::Result<std::vector<ActorStatus>> list() override { return actors; }

  core::Result<ActorStatus> info(const core::Address& address) override {
    for (const ActorStatus& actor : actors) {
      if (actor.address == address.text()) return actor;
    }
    return std::unexpected(core::Error(core::ErrorCode::not_found, "system", "no actor " + address.text()));
  }

  core::Result<SystemStatus> status() override {
    SystemStatus status;
    status.name = "demo";
    status.version = "1";
    status.process = 4711;
    status.actors = actors.size();
    return status;
  }

  core::Result<void> stop() override {
    stops.fetch_add(1);
    return {};
  }

  std::vector<std::string> sent() const {
    const std::lock_guard lock(mutex_);
    return sent_;
  }
  /// Lets requests to `slow` go.
  void release() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    released_.notify_all();
  }
  int held() const noexcept { return waiting_.load(); }

  std::vector<ActorStatus> actors;
  std::atomic<int> stops{0};

 private:
  void hold() {
    std::unique_lock lock(mutex_);
    waiting_.fetch_add(1);
    released_.wait(lock, [this] { return !held_; });
  }

  mutable std::mutex mutex_;
  std::condition_variable released_;
  bool held_ = true;
  std::atomic<int> waiting_{0};
  std::vector<std::string> sent_;
};

inline ActorStatus an_actor(std::string address) {
  ActorStatus actor;
  actor.address = std::move(address);
  actor.state = "running";
  actor.component = "counter 0123456789ab";
  actor.supervisor = "pipeline";
  actor.mailbox_messages = 3;
  actor.mailbox_bytes = 300;
  actor.memory_bytes = 1 << 20;
  actor.handled = 42;
  actor.failed = 1;
  actor.trapped = 2;
  actor.restarts = 2;
  actor.busy = 5;
  actor.sent = 17;
  actor.memory_limit = 4 << 20;
  actor.mailbox_messages_limit = 1024;
  actor.mailbox_bytes_limit = 4 << 20;
  actor.body_bytes_limit = 1 << 20;
  actor.turn_cpu_limit = std::chrono::seconds(1);
  actor.turn_wall_limit = std::chrono::seconds(30);
  return actor;
}

}  // namespace airssys::control::testing
