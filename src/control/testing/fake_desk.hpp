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
  core::Result<core::MessageId> send(const core::Address& to, const core::Payload& payload, std::string_view key) override {
    const std::lock_guard lock(mutex_);
    sent_.push_back(to.text() + " " + core::to_string(payload.codec) + " " + std::string(payload.text()) +
                    (key.empty() ? "" : " once for ") + std::string(key));
    if (to.name() == "full")
      return std::unexpected(core::Error(core::ErrorCode::mailbox_full, "messaging", "no room at demo/full/1"));
    return core::MessageId{sent_.size()};
  }

  RequestResult request(const core::Address& to, const core::Payload& payload, std::chrono::milliseconds timeout) override {
    if (to.name() == "slow") hold();
    if (to.name() == "silent") {
      return {.id = core::MessageId{4711},
              .reply = std::unexpected(core::Error(core::ErrorCode::timeout, "messaging",
                                                   "no answer within " + std::to_string(timeout.count()) + " ms"))};
    }
    return {.id = core::MessageId{17}, .reply = payload};
  }

  core::Result<ActorPage> list(const ActorQuery& query) override {
    std::optional<core::AddressPattern> pattern;
    if (!query.pattern.empty()) {
      AIRSSYS_TRY(pattern, core::AddressPattern::parse(query.pattern));
    }
    ActorPage page{};
    for (const ActorInfo& actor : actors) {
      if (actor.address <= query.after || (pattern && !pattern->matches(actor.address))) continue;
      ++page.matching;
      if (page.actors.size() < query.most) page.actors.push_back(actor);
    }
    return page;
  }

  core::Result<ActorDetails> info(const core::Address& address) override {
    for (const ActorInfo& actor : actors) {
      if (actor.address == address.text()) return details_of(actor);
    }
    return std::unexpected(core::Error(core::ErrorCode::not_found, "system", "no actor " + address.text()));
  }
  ActorDetails details_of(const ActorInfo& actor) const {
    return {.actor = actor,
            .books =
                BooksStatus{.open_requests = 3,
                            .answers_owed = 2,
                            .timers = 1,
                            .targets_known = 9,
                            .targets = {{.address = "demo/b/1", .waiting = 4, .waiting_bytes = 40, .taken = 44, .refused = 7}}},
            .denials = {{.verb = "send", .target = "demo/c/1", .count = 12, .last_ms = 1'700'000'000'000}},
            .last_crash = "7"};
  }

  core::Result<void> stop_actor(const core::Address& address) override { return ordered("stop", address); }
  core::Result<void> restart_actor(const core::Address& address) override { return ordered("restart", address); }
  core::Result<void> remove_actor(const core::Address& address) override { return ordered("remove", address); }

  core::Result<SystemStatus> status() override {
    SystemStatus status;
    status.name = "demo";
    status.version = "1";
    status.process = 4711;
    status.actors = actors.size();
    return status;
  }

  core::Result<DeadLetterList> dead_letters(const DeadLetterQuery& query) override {
    const std::lock_guard lock(mutex_);
    DeadLetterList list{.letters = {}, .forgotten = 2, .by_reason = {{"rejected", 5}, {"crashed", 0}}};
    for (const DeadLetterInFull& dead : dead_) {
      if (dead.letter.number > query.after && list.letters.size() < query.most) list.letters.push_back(dead.letter);
    }
    return list;
  }

  core::Result<DeadLetterInFull> dead_letter(std::uint64_t number) override {
    const std::lock_guard lock(mutex_);
    for (const DeadLetterInFull& dead : dead_) {
      if (dead.letter.number == number) return dead;
    }
    return std::unexpected(no_letter(number));
  }

  core::Result<void> retry_dead_letter(std::uint64_t number) override { return remove(number, "retried"); }
  core::Result<void> drop_dead_letter(std::uint64_t number) override { return remove(number, "dropped"); }

  core::Result<std::string> trace(const std::string& id) override {
    if (id != "17") return std::unexpected(core::Error(core::ErrorCode::not_found, "monitoring", "nothing of " + id));
    return std::string(R"({"version":1,"trace":"0a","turns":[{"span":"01"}]})");
  }

  core::Result<std::string> traces(std::uint64_t most) override {
    return R"({"version":1,"traces":[],"most":)" + std::to_string(most) + "}";
  }

  core::Result<void> stop() override {
    stops.fetch_add(1);
    return {};
  }

  std::vector<std::string> sent() const {
    const std::lock_guard lock(mutex_);
    return sent_;
  }
  void bury(DeadLetterInFull letter) {
    const std::lock_guard lock(mutex_);
    dead_.push_back(std::move(letter));
  }
  /// "retried 3", "dropped 4" ...
  std::vector<std::string> orders() const {
    const std::lock_guard lock(mutex_);
    return orders_;
  }
  /// Lets requests to `slow` go.
  void release() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    released_.notify_all();
  }
  int held() const noexcept { return waiting_.load(); }

  std::vector<ActorInfo> actors;
  std::atomic<int> stops{0};

 private:
  static core::Error no_letter(std::uint64_t number) {
    return {core::ErrorCode::not_found, "messaging", "there is no dead letter " + std::to_string(number)};
  }
  core::Result<void> remove(std::uint64_t number, const std::string& what) {
    const std::lock_guard lock(mutex_);
    if (std::erase_if(dead_, [&](const DeadLetterInFull& dead) { return dead.letter.number == number; }) == 0) {
      return std::unexpected(no_letter(number));
    }
    orders_.push_back(what + " " + std::to_string(number));
    return {};
  }

  core::Result<void> ordered(const std::string& what, const core::Address& address) {
    const std::lock_guard lock(mutex_);
    if (address.name() == "nobody") {
      return std::unexpected(core::Error(core::ErrorCode::not_found, "system", "no actor " + address.text()));
    }
    orders_.push_back(what + " " + address.text());
    return {};
  }

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
  std::vector<DeadLetterInFull> dead_;
  std::vector<std::string> orders_;
};

inline DeadLetterInFull a_dead_letter(std::uint64_t number) {
  return {.letter = {.number = number,
                     .time_ms = 1'700'000'000'000,
                     .reason = "rejected",
                     .why = "not \"this\" one",
                     .kind = "event",
                     .sender = "demo/a/1",
                     .target = "demo/b/1",
                     .topic = "words.new",
                     .id = 17,
                     .attempt = 3,
                     .trace = "00000000000000010000000000000002",
                     .codec = "cbor",
                     .bytes = 2},
          .payload = {.codec = core::Codec::cbor, .body = core::Body::copy_of(std::string_view("\xff\x00", 2))}};
}

inline ActorInfo an_actor(std::string address) {
  ActorInfo actor;
  actor.address = std::move(address);
  actor.state = "running";
  actor.component = "counter 0123456789ab";
  actor.profile = "dense";
  actor.supervisor = "pipeline";
  actor.mailbox_messages = 3;
  actor.mailbox_bytes = 300;
  actor.memory_bytes = 1 << 20;
  actor.counts = {.handled = 42,
                  .messages = 40,
                  .refused = 3,
                  .failed = 1,
                  .trapped = 2,
                  .restarts = 4,
                  .busy = 5,
                  .sent = 17,
                  .denied = 12};
  actor.why = "it died";
  actor.stopped_ms = 1'700'000'000'000;
  actor.unhandled = 46;
  actor.limits.memory = 4 << 20;
  actor.limits.timers = 17;
  actor.limits.turn_cpu = std::chrono::milliseconds(250);
  return actor;
}

}  // namespace airssys::control::testing
