#include "fan_out.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>

#include "airssys/actor/native_actor.hpp"

namespace airssys::bench {
namespace {

using namespace literals;

constexpr std::string_view kBegin = "begin";
constexpr std::size_t kBody = 64;

std::string leaf_address(std::uint64_t place) {
  return fmt::format("bench/leaf/{}", place);
}

}  // namespace

class FanOut::Source final : public actor::NativeActor {
 public:
  explicit Source(FanOut& all) : all_(all) {}

  core::Result<core::Response> handle_message(actor::Turn& turn, const core::MessageView& message) override {
    if (message.text() == kBegin) {
      all_.due_ = all_.arrived_ = 0;
      before_ = all_.handled();
      all_.watch_.start();
    }
    if (all_.due_ == all_.events_) {
      if (!is_over()) AIRSSYS_TRY(turn.send(turn.self(), nothing_));
      return core::done();
    }
    for (std::uint64_t i = 0; i < all_.per_turn_ && all_.due_ < all_.events_; ++i, ++all_.due_) {
      AIRSSYS_TRY(turn.send(publisher_, payload_));
    }
    return core::done();
  }

 private:
  /// The time is taken first, then compared with what the leaves have handled: if something is missing, the next look takes
  /// it anew.
  bool is_over() {
    all_.watch_.lap();
    if (all_.handled() - before_ < all_.events_ * all_.leaves_) return false;
    all_.watch_.finish();
    return true;
  }

  FanOut& all_;
  const core::Address publisher_ = "bench/publisher/1"_address;
  const core::Payload payload_ = core::raw(std::string(kBody, 'x'));
  const core::Payload nothing_{};
  std::uint64_t before_ = 0;
};

class FanOut::Last final : public actor::NativeActor {
 public:
  explicit Last(FanOut& all) : all_(all) {}

  core::Result<core::Response> handle_message(actor::Turn& turn, const core::MessageView&) override {
    if (++all_.arrived_ == all_.due_) AIRSSYS_TRY(turn.send(source_, nothing_));
    return core::done();
  }

 private:
  FanOut& all_;
  const core::Address source_ = "bench/source/1"_address;
  const core::Payload nothing_{};
};

FanOut::FanOut(World& world, std::uint64_t leaves)
    : world_(world), leaves_(leaves), per_turn_(std::clamp<std::uint64_t>(8'192 / leaves, 8, 128)) {}

core::Result<void> FanOut::spawn() {
  for (std::uint64_t place = 1; place <= leaves_; ++place) AIRSSYS_TRY(world_.spawn(leaf_address(place), "forwarder"));
  AIRSSYS_TRY(world_.spawn_native("bench/leaf/last", [this] { return std::make_unique<Last>(*this); }));
  AIRSSYS_TRY(world_.spawn("bench/publisher/1", "publisher", {{"topic", std::string(kTopic)}}));
  return world_.spawn_native("bench/source/1", [this] { return std::make_unique<Source>(*this); });
}

core::Result<double> FanOut::run(std::uint64_t deliveries) {
  events_ = std::max<std::uint64_t>(1, deliveries / leaves_);
  AIRSSYS_TRY(world_.tell("bench/source/1", kBegin));
  AIRSSYS_TRY(const Taken taken, watch_.wait());
  return taken.nanoseconds / static_cast<double>(events_ * leaves_);
}

std::uint64_t FanOut::handled() const {
  std::uint64_t sum = 0;
  for (std::uint64_t place = 1; place <= leaves_; ++place) sum += world_.handled(leaf_address(place));
  return sum;
}

}  // namespace airssys::bench
