#include "flow.hpp"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "airssys/actor/native_actor.hpp"

namespace airssys::bench {
namespace {

constexpr std::string_view kBegin = "begin";
constexpr std::size_t kLargeBody = 16 * 1024;

/// Half of what an actor handles in one go, so that one whose turn ended early, because others have the core, catches up.
std::uint64_t default_per_turn(std::size_t body_bytes) noexcept {
  return body_bytes < kLargeBody ? 128 : 16;
}

}  // namespace

class Flow::Source final : public actor::NativeActor {
 public:
  explicit Source(Flow& flow) : flow_(flow) {}

  core::Result<core::Response> handle_message(actor::Turn& turn, const core::MessageView& message) override {
    if (message.text() == kBegin) {
      flow_.sent_ = 0;
      flow_.handled_before_ = flow_.world_.handled(flow_.b_.text());
      flow_.watch_.start();
    }
    if (flow_.sent_ == flow_.total_ && flow_.is_over()) return core::done();
    for (std::uint64_t i = 0; i < flow_.shape_.per_turn && flow_.sent_ < flow_.total_; ++i, ++flow_.sent_) {
      const auto sent = turn.send(flow_.a_, flow_.payload_);
      // On a busy machine a may be behind: the rest goes with the next turn.
      if (!sent && sent.error().code() == core::ErrorCode::mailbox_full) break;
      AIRSSYS_TRY(sent);
    }
    AIRSSYS_TRY(turn.send(flow_.relay_, nothing_));
    return core::done();
  }

 private:
  Flow& flow_;
  const core::Payload nothing_{};
};

class Flow::Relay final : public actor::NativeActor {
 public:
  explicit Relay(Flow& flow) : flow_(flow) {}

  core::Result<core::Response> handle_message(actor::Turn& turn, const core::MessageView&) override {
    AIRSSYS_TRY(turn.send(flow_.source_, nothing_));
    return core::done();
  }

 private:
  Flow& flow_;
  const core::Payload nothing_{};
};

Flow::Flow(World& world, Shape shape)
    : world_(world),
      shape_{.body_bytes = shape.body_bytes,
             .pair = shape.pair,
             .per_turn = shape.per_turn == 0 ? default_per_turn(shape.body_bytes) : shape.per_turn,
             .space = shape.space},
      payload_(core::raw(std::string(shape.body_bytes, 'x'))),
      a_(core::make_checked_address(address("a"))),
      b_(core::make_checked_address(address("b"))),
      source_(core::make_checked_address(address("source"))),
      relay_(core::make_checked_address(address("relay"))) {}

std::string Flow::address(std::string_view role) const {
  return fmt::format("{}/{}/{}", shape_.space, role, shape_.pair);
}

std::uint64_t Flow::batch(std::size_t body_bytes, const Effort& effort) noexcept {
  return body_bytes < kLargeBody ? effort.of(16'384, 512) : effort.of(1'024, 32);
}

core::Result<void> Flow::spawn() {
  AIRSSYS_TRY(world_.spawn(b_.text(), "forwarder"));
  AIRSSYS_TRY(world_.spawn(a_.text(), "forwarder", {{"to", b_.text()}}));
  AIRSSYS_TRY(world_.spawn_native(relay_.text(), [this] { return std::make_unique<Relay>(*this); }));
  return world_.spawn_native(source_.text(), [this] { return std::make_unique<Source>(*this); });
}

core::Result<void> Flow::begin(std::uint64_t hops) {
  total_ = hops;
  return world_.tell(source_.text(), kBegin);
}

core::Result<Taken> Flow::run(std::uint64_t hops) {
  AIRSSYS_TRY(begin(hops));
  return wait();
}

/// The time is taken first, then compared with what b has handled: if something is missing, the next look takes it anew.
bool Flow::is_over() {
  watch_.lap();
  if (world_.handled(b_.text()) - handled_before_ < total_) return false;
  watch_.finish();
  return true;
}

}  // namespace airssys::bench
