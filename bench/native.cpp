#include "native.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "airssys/actor/native_actor.hpp"
#include "benches.hpp"
#include "child.hpp"
#include "cpu_times.hpp"
#include "peers.hpp"

namespace airssys::bench {
namespace {

using namespace literals;

using Reply = core::Result<core::Response>;

constexpr std::string_view kBegin = "begin";

std::uint64_t sum_to(std::uint64_t count) noexcept {
  return count * (count + 1) / 2;
}

std::uint64_t same(std::uint64_t count) noexcept {
  return count;
}

// ---- native_pingpong: ping sends n, pong answers n + 1, ping adds it up and sends it back; 0 to `count`.

class Pong final : public actor::NativeActor {
 public:
  Reply handle_message(actor::Turn& turn, const core::MessageView& message) override {
    AIRSSYS_TRY(turn.send(ping_, number(number_in(message.text()) + 1)));
    return core::done();
  }

 private:
  const core::Address ping_ = "bench/first/1"_address;
};

class Ping final : public actor::NativeActor {
 public:
  Ping(Stage& stage, std::uint64_t count) : stage_(stage), count_(count) {}

  Reply handle_message(actor::Turn& turn, const core::MessageView& message) override {
    std::uint64_t heard = 0;
    if (message.text() == kBegin) {
      sum_ = 0;
      stage_.start();
    } else {
      heard = number_in(message.text());
      sum_ += heard;
    }
    if (heard == count_) {
      stage_.finish(sum_);
    } else {
      AIRSSYS_TRY(turn.send(pong_, number(heard)));
    }
    return core::done();
  }

 private:
  Stage& stage_;
  const std::uint64_t count_;
  const core::Address pong_ = "bench/pong/1"_address;
  std::uint64_t sum_ = 0;
};

core::Result<void> set_up_pingpong(Stage& stage, std::uint64_t count) {
  AIRSSYS_TRY(stage.spawn("bench/pong/1", [] { return std::make_unique<Pong>(); }));
  return stage.spawn("bench/first/1", [&stage, count] { return std::make_unique<Ping>(stage, count); });
}

// ---- native_mailbox_8to1: eight senders send 1 to `count` to one receiver, which adds them up. Its mailbox is bounded: a
// sender that is refused waits for room.

constexpr unsigned kSenders = 8;

class Sender final : public actor::NativeActor {
 public:
  explicit Sender(std::uint64_t count) : count_(count) {}

  Reply handle_message(actor::Turn& turn, const core::MessageView& message) override {
    if (message.text() == kBegin) sent_ = 0;
    const std::uint64_t before = sent_;
    while (sent_ < count_ && sent_ - before < kPerTurn) {
      if (auto sent = turn.send(receiver_, number(sent_ + 1)); !sent) {
        if (sent.error().code() != core::ErrorCode::mailbox_full) return std::unexpected(std::move(sent).error());
        break;
      }
      ++sent_;
    }
    if (sent_ == count_) return core::done();
    // Nothing was sent, so nothing is lost if this turn is put off until there is room.
    if (sent_ == before) return std::unexpected(core::Error(core::ErrorCode::busy, "bench", "the receiver has no room"));
    AIRSSYS_TRY(turn.send(turn.self(), core::Payload{}));
    return core::done();
  }

 private:
  static constexpr std::uint64_t kPerTurn = 256;

  const std::uint64_t count_;
  const core::Address receiver_ = "bench/first/1"_address;
  std::uint64_t sent_ = 0;
};

class Receiver final : public actor::NativeActor {
 public:
  Receiver(Stage& stage, std::uint64_t count) : stage_(stage), expected_(count * kSenders) {
    for (unsigned i = 1; i <= kSenders; ++i) senders_.push_back(core::make_checked_address(fmt::format("bench/sender/{}", i)));
  }

  Reply handle_message(actor::Turn& turn, const core::MessageView& message) override {
    if (message.text() == kBegin) {
      sum_ = 0;
      heard_ = 0;
      stage_.start();
      for (const core::Address& sender : senders_) AIRSSYS_TRY(turn.send(sender, begin_));
      return core::done();
    }
    sum_ += number_in(message.text());
    if (++heard_ == expected_) stage_.finish(sum_);
    return core::done();
  }

 private:
  Stage& stage_;
  const std::uint64_t expected_;
  const core::Payload begin_ = core::raw(kBegin);
  std::vector<core::Address> senders_;
  std::uint64_t sum_ = 0;
  std::uint64_t heard_ = 0;
};

core::Result<void> set_up_mailbox(Stage& stage, std::uint64_t count) {
  for (unsigned i = 1; i <= kSenders; ++i) {
    AIRSSYS_TRY(stage.spawn(fmt::format("bench/sender/{}", i), [count] { return std::make_unique<Sender>(count); }));
  }
  return stage.spawn("bench/first/1", [&stage, count] { return std::make_unique<Receiver>(stage, count); });
}

// ---- native_ring: 503 actors, each of which adds 1 to what it gets and passes it on, until it is `count`.

constexpr unsigned kRing = 503;

core::Address ring_address(unsigned place) {
  return core::make_checked_address(place == 0 ? "bench/first/1" : fmt::format("bench/ring/{}", place));
}

class RingNode final : public actor::NativeActor {
 public:
  RingNode(Stage& stage, std::uint64_t count, core::Address next) : stage_(stage), count_(count), next_(std::move(next)) {}

  Reply handle_message(actor::Turn& turn, const core::MessageView& message) override {
    if (message.text() == kBegin) stage_.start();
    const std::uint64_t hops = number_in(message.text());
    if (hops == count_) {
      stage_.finish(hops);
    } else {
      AIRSSYS_TRY(turn.send(next_, number(hops + 1)));
    }
    return core::done();
  }

 private:
  Stage& stage_;
  const std::uint64_t count_;
  const core::Address next_;
};

core::Result<void> set_up_ring(Stage& stage, std::uint64_t count) {
  for (unsigned place = kRing; place-- > 0;) {
    AIRSSYS_TRY(stage.spawn(ring_address(place).text(), [&stage, count, next = ring_address((place + 1) % kRing)] {
      return std::make_unique<RingNode>(stage, count, next);
    }));
  }
  return {};
}

// ---- native_spawn: a parent makes children, 256 at a time, and sends each a number; a child sends it back and is gone.

constexpr std::uint64_t kAtOnce = 256;

class Leaf final : public actor::NativeActor {
 public:
  Reply handle_message(actor::Turn& turn, const core::MessageView& message) override {
    AIRSSYS_TRY(turn.send(parent_, number(number_in(message.text()))));
    turn.stop_self();
    return core::done();
  }

 private:
  const core::Address parent_ = "bench/first/1"_address;
};

class Parent final : public actor::NativeActor {
 public:
  Parent(Stage& stage, std::uint64_t count) : stage_(stage), count_(count) {}

  Reply handle_message(actor::Turn& turn, const core::MessageView& message) override {
    if (message.text() == kBegin) {
      sum_ = heard_ = born_ = 0;
      gone_before_ = stage_.gone();
      stage_.start();
    } else if (const std::uint64_t heard = number_in(message.text()); heard != 0) {
      sum_ += heard;
      ++heard_;
    }
    if (heard_ == count_) return look_for_the_end(turn);
    if (heard_ == born_) return spawn_some(turn);
    return core::done();
  }

 private:
  Reply spawn_some(actor::Turn& turn) {
    for (const std::uint64_t until = std::min(count_, born_ + kAtOnce); born_ < until;) {
      const core::Address child = core::make_checked_address(fmt::format("bench/child/{}", ++born_));
      AIRSSYS_TRY(stage_.system().spawn_native(child, [] { return std::make_unique<Leaf>(); }));
      AIRSSYS_TRY(turn.send(child, number(born_)));
    }
    return core::done();
  }
  /// All have answered; the last may still be about to go.
  Reply look_for_the_end(actor::Turn& turn) {
    if (stage_.gone() - gone_before_ == count_) {
      stage_.finish(sum_);
    } else {
      AIRSSYS_TRY(turn.send(turn.self(), core::Payload{}));
    }
    return core::done();
  }

  Stage& stage_;
  const std::uint64_t count_;
  std::uint64_t sum_ = 0;
  std::uint64_t heard_ = 0;
  std::uint64_t born_ = 0;
  std::uint64_t gone_before_ = 0;
};

core::Result<void> set_up_spawn(Stage& stage, std::uint64_t count) {
  return stage.spawn("bench/first/1", [&stage, count] { return std::make_unique<Parent>(stage, count); });
}

// ---- native_skynet: an actor of more than one leaf makes ten children, each of a tenth of the leaves, and sends their sum to
// its parent; a leaf sends its number. Each is gone then; the clock stops at the sum of all.

constexpr std::uint64_t kTenth = 10;

class TreeNode final : public actor::NativeActor {
 public:
  TreeNode(Stage& stage, core::Address parent, std::uint64_t first, std::uint64_t leaves)
      : stage_(stage), parent_(std::move(parent)), first_(first), leaves_(leaves) {}

  core::Result<void> initialize(actor::Turn& turn, const core::Start&) override {
    if (leaves_ == 1) return end(turn, first_);
    const std::uint64_t leaves = leaves_ / kTenth;
    for (std::uint64_t i = 0; i < kTenth; ++i) {
      const std::uint64_t first = first_ + i * leaves;
      AIRSSYS_TRY(stage_.system().spawn_native(address(leaves, first), [&stage = stage_, self = turn.self(), first, leaves] {
        return std::make_unique<TreeNode>(stage, self, first, leaves);
      }));
    }
    return {};
  }
  Reply handle_message(actor::Turn& turn, const core::MessageView& message) override {
    sum_ += number_in(message.text());
    if (++heard_ == kTenth) AIRSSYS_TRY(end(turn, sum_));
    return core::done();
  }

  static core::Address address(std::uint64_t leaves, std::uint64_t first) {
    return core::make_checked_address(fmt::format("bench/of{}/{}", leaves, first));
  }

 private:
  core::Result<void> end(actor::Turn& turn, std::uint64_t sum) {
    AIRSSYS_TRY(turn.send(parent_, number(sum)));
    turn.stop_self();
    return {};
  }

  Stage& stage_;
  const core::Address parent_;
  const std::uint64_t first_;
  const std::uint64_t leaves_;
  std::uint64_t sum_ = 0;
  std::uint64_t heard_ = 0;
};

class Gardener final : public actor::NativeActor {
 public:
  Gardener(Stage& stage, std::uint64_t leaves) : stage_(stage), leaves_(leaves) {}

  Reply handle_message(actor::Turn& turn, const core::MessageView& message) override {
    if (message.text() != kBegin) {
      stage_.finish(number_in(message.text()));
      return core::done();
    }
    stage_.start();
    AIRSSYS_TRY(
        stage_.system().spawn_native(TreeNode::address(leaves_, 0), [&stage = stage_, self = turn.self(), leaves = leaves_] {
          return std::make_unique<TreeNode>(stage, self, 0, leaves);
        }));
    return core::done();
  }

 private:
  Stage& stage_;
  const std::uint64_t leaves_;
};

core::Result<void> set_up_skynet(Stage& stage, std::uint64_t leaves) {
  return stage.spawn("bench/first/1", [&stage, leaves] { return std::make_unique<Gardener>(stage, leaves); });
}

std::uint64_t sum_of_leaves(std::uint64_t leaves) noexcept {
  return sum_to(leaves - 1);
}

std::uint64_t nodes_of(std::uint64_t leaves) noexcept {
  std::uint64_t nodes = 0;
  for (; leaves > 0; leaves /= kTenth) nodes += leaves;
  return nodes;
}

// ---- native_request: a client asks with n and a timeout, the server replies n + 1, the client adds it up and asks with it.

class Server final : public actor::NativeActor {
 public:
  Reply handle_message(actor::Turn&, const core::MessageView& message) override {
    return core::reply(number(number_in(message.text()) + 1));
  }
};

class Asker final : public actor::NativeActor {
 public:
  Asker(Stage& stage, std::uint64_t count) : stage_(stage), count_(count) {}

  Reply handle_message(actor::Turn& turn, const core::MessageView&) override {
    sum_ = 0;
    stage_.start();
    AIRSSYS_TRY(ask(turn, 0));
    return core::done();
  }
  core::Result<void> handle_reply(actor::Turn& turn, const core::OutcomeView& outcome) override {
    if (!*outcome.outcome) return std::unexpected(core::to_error(outcome.outcome->error()));
    const std::uint64_t heard = number_in((*outcome.outcome)->text());
    sum_ += heard;
    if (heard < count_) return ask(turn, heard);
    stage_.finish(sum_);
    return {};
  }

 private:
  core::Result<void> ask(actor::Turn& turn, std::uint64_t value) {
    AIRSSYS_TRY(turn.request(server_, number(value), std::chrono::seconds(5), core::Tag{}));
    return {};
  }

  Stage& stage_;
  const std::uint64_t count_;
  const core::Address server_ = "bench/server/1"_address;
  std::uint64_t sum_ = 0;
};

core::Result<void> set_up_request(Stage& stage, std::uint64_t count) {
  AIRSSYS_TRY(stage.spawn("bench/server/1", [] { return std::make_unique<Server>(); }));
  return stage.spawn("bench/first/1", [&stage, count] { return std::make_unique<Asker>(stage, count); });
}

double per_count(double nanoseconds, std::uint64_t count) noexcept {
  return nanoseconds / static_cast<double>(count);
}

double per_message(double nanoseconds, std::uint64_t count) noexcept {
  return per_count(nanoseconds, count * kSenders);
}

double in_ms(double nanoseconds, std::uint64_t) noexcept {
  return nanoseconds / 1'000'000;
}

constexpr std::array kWorks{
    NativeWork{.row = "native_pingpong",
               .counts = "a round trip of a number between two native actors, one at a time, each answer added up",
               .unit = "ns",
               .count = 20'000,
               .count_if_tiny = 500,
               .rounds = Effort::kRounds,
               .in_unit = per_count,
               .result = sum_to,
               .set_up = set_up_pingpong,
               .actors_gone = nullptr},
    NativeWork{.row = "native_mailbox_8to1",
               .counts = "a number from one of eight native senders at work at once, added up by their one receiver",
               .unit = "ns",
               .count = 10'000,
               .count_if_tiny = 500,
               .rounds = Effort::kRounds,
               .in_unit = per_message,
               .result = [](std::uint64_t count) { return kSenders * sum_to(count); },
               .set_up = set_up_mailbox,
               .actors_gone = nullptr},
    NativeWork{.row = "native_ring",
               .counts = "a number passed on, plus one, by one of 503 native actors in a ring",
               .unit = "ns",
               .count = 50'000,
               .count_if_tiny = 1'006,
               .rounds = Effort::kRounds,
               .in_unit = per_count,
               .result = same,
               .set_up = set_up_ring,
               .actors_gone = nullptr},
    NativeWork{.row = "native_spawn",
               .counts = "a native actor: created, one number to it, handled and sent back, gone; 256 at a time",
               .unit = "ns",
               .count = 10'240,
               .count_if_tiny = 512,
               .rounds = 21,
               .in_unit = per_count,
               .result = sum_to,
               .set_up = set_up_spawn,
               .actors_gone = nullptr},
    NativeWork{.row = "native_skynet",
               .counts = "a tree of native actors, ten children each, that adds up its 1,000,000 leaves",
               .unit = "ms",
               .count = 1'000'000,
               .count_if_tiny = 1'000,
               .rounds = 5,
               .in_unit = in_ms,
               .result = sum_of_leaves,
               .set_up = set_up_skynet,
               .actors_gone = nodes_of},
    NativeWork{.row = "native_request",
               .counts = "a request with a timeout between two native actors, one at a time, each reply added up",
               .unit = "ns",
               .count = 20'000,
               .count_if_tiny = 500,
               .rounds = Effort::kRounds,
               .in_unit = per_count,
               .result = sum_to,
               .set_up = set_up_request,
               .actors_gone = nullptr}};

/// Batches of a work here and at the peers, each of which notes what CPU time it took.
class Contest {
 public:
  Contest(const NativeWork& work, std::uint64_t count) : work_(work), count_(count) {}
  Contest(const Contest&) = delete;
  Contest& operator=(const Contest&) = delete;

  void enter(Stage& stage) {
    enter("airssys", "self", [this, &stage] { return work_.run(stage, count_); });
  }
  core::Result<void> enter(const std::string& name, const std::vector<std::string>& command) {
    AIRSSYS_TRY(peers_.emplace_back(), Child::start(command));
    enter(name, std::to_string(peers_.back()->process()), [this, &peer = *peers_.back()]() -> core::Result<double> {
      AIRSSYS_TRY(const Child::Answer answer, peer.ask());
      if (answer.result == work_.result(count_)) return work_.in_unit(answer.value, count_);
      return std::unexpected(
          core::Error(core::ErrorCode::internal, "bench",
                      fmt::format("a peer's work came to {}, expected {}", answer.result, work_.result(count_))));
    });
    return {};
  }

  core::Result<std::vector<Row>> run(int rounds) {
    AIRSSYS_TRY(const auto medians, alternate(batches_, rounds));
    const std::string row(work_.row);
    const std::string unit(work_.unit);
    if (medians.size() == 1) return std::vector{Row{.row = row, .value = medians[0], .unit = unit}};
    std::vector<Row> rows;
    for (std::size_t i = 1; i < medians.size(); ++i) {
      rows.push_back(compared(row, medians[0], unit, names_[i], medians[i], 1));
      rows.push_back(compared(row, median(cpu_[0]), "CPU " + unit, names_[i] + ", CPU time", median(cpu_[i]), std::nullopt));
    }
    return rows;
  }

 private:
  void enter(std::string name, std::string process, Batch batch) {
    const std::size_t place = batches_.size();
    names_.push_back(std::move(name));
    cpu_.emplace_back();
    batches_.emplace_back([this, place, process = std::move(process), batch = std::move(batch)]() -> core::Result<double> {
      const CpuTimes before = cpu_times(process);
      AIRSSYS_TRY(const double value, batch());
      cpu_[place].push_back(work_.in_unit(all_used(before, cpu_times(process)), count_));
      return value;
    });
  }

  const NativeWork& work_;
  const std::uint64_t count_;
  std::vector<std::unique_ptr<Child>> peers_;
  std::vector<std::string> names_;
  std::vector<Batch> batches_;
  std::vector<std::vector<double>> cpu_;
};

core::Result<std::vector<Row>> run_row(World& world, const NativeWork& work) {
  const std::uint64_t count = world.effort().of(work.count, work.count_if_tiny);
  AIRSSYS_TRY(const auto stage, Stage::create());
  AIRSSYS_TRY(work.set_up(*stage, count));
  Contest contest(work, count);
  contest.enter(*stage);
  for (const auto& [name, command] : peer_commands(world.peers(), work.row, count)) {
    AIRSSYS_TRY(contest.enter(name, command));
  }
  return contest.run(world.effort().rounds(work.rounds));
}

}  // namespace

std::span<const NativeWork> native_works() {
  return kWorks;
}

const NativeWork* native_work(std::string_view row) {
  const auto found = std::ranges::find(kWorks, row, &NativeWork::row);
  return found == kWorks.end() ? nullptr : found;
}

core::Result<double> NativeWork::run(Stage& stage, std::uint64_t count_of_batch) const {
  const std::uint64_t gone = stage.gone();
  AIRSSYS_TRY(const double nanoseconds, stage.run(result(count_of_batch)));
  if (actors_gone != nullptr) AIRSSYS_TRY(stage.wait_until_gone(gone + actors_gone(count_of_batch)));
  return in_unit(nanoseconds, count_of_batch);
}

std::vector<Bench> native_benches() {
  std::vector<Bench> all;
  for (const NativeWork& work : kWorks) {
    all.push_back({std::string(work.row), std::string(work.counts), [&work](World& world) { return run_row(world, work); }});
  }
  return all;
}

}  // namespace airssys::bench
