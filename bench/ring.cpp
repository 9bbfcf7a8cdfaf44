#include "ring.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

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

class Ring::Gate final : public actor::NativeActor {
 public:
  explicit Gate(Ring& ring) : ring_(ring), first_(core::make_checked_address(ring.guest(1))) {}

  core::Result<core::Response> handle_message(actor::Turn& turn, const core::MessageView& message) override {
    if (message.text() == kBegin) {
      returned_ = 0;
      launched_ = 0;
      ring_.watch_.start();
      for (const std::uint64_t first = std::min(ring_.shape_.at_once, ring_.rounds_); launched_ < first;) {
        AIRSSYS_TRY(launch(turn));
      }
    } else if (++returned_ == ring_.rounds_) {
      ring_.watch_.lap();
      ring_.watch_.finish();
    } else if (launched_ < ring_.rounds_) {
      AIRSSYS_TRY(launch(turn));
    }
    return core::done();
  }

 private:
  core::Result<void> launch(actor::Turn& turn) {
    ++launched_;
    return turn.send(first_, payload_);
  }

  Ring& ring_;
  const core::Address first_;
  const core::Payload payload_ = core::raw(std::string(kBody, 'x'));
  std::uint64_t returned_ = 0;
  std::uint64_t launched_ = 0;
};

std::string Ring::guest(std::uint64_t place) const {
  return fmt::format("bench/ring{}/{}", shape_.number, place);
}

std::string Ring::gate() const {
  return fmt::format("bench/gate/{}", shape_.number);
}

core::Result<void> Ring::spawn() {
  for (std::uint64_t place = 1; place <= shape_.guests; ++place) {
    AIRSSYS_TRY(world_.spawn(guest(place), "forwarder", {{"to", place == shape_.guests ? gate() : guest(place + 1)}}));
  }
  return world_.spawn_native(gate(), [this] { return std::make_unique<Gate>(*this); });
}

core::Result<void> Ring::begin(std::uint64_t rounds) {
  rounds_ = rounds;
  return world_.tell(gate(), kBegin);
}

class FanOut::Source final : public actor::NativeActor {
 public:
  explicit Source(FanOut& all) : all_(all) {
    for (std::uint64_t place = 1; place <= all.guests_; ++place) {
      leaves_.push_back(core::make_checked_address(leaf_address(place)));
    }
  }

  core::Result<core::Response> handle_message(actor::Turn& turn, const core::MessageView& message) override {
    if (message.text() == kBegin) {
      sent_ = 0;
      before_ = all_.handled();
      all_.watch_.start();
    }
    if (sent_ == all_.rounds_) {
      if (is_over()) return core::done();
    } else {
      for (const core::Address& leaf : leaves_) AIRSSYS_TRY(turn.send(leaf, payload_));
      ++sent_;
    }
    AIRSSYS_TRY(turn.send(relay_, nothing_));
    return core::done();
  }

 private:
  bool is_over() {
    all_.watch_.lap();
    if (all_.handled() - before_ < all_.rounds_ * all_.guests_) return false;
    all_.watch_.finish();
    return true;
  }

  FanOut& all_;
  std::vector<core::Address> leaves_;
  const core::Address relay_ = "bench/relay/1"_address;
  const core::Payload payload_ = core::raw(std::string(kBody, 'x'));
  const core::Payload nothing_{};
  std::uint64_t sent_ = 0;
  std::uint64_t before_ = 0;
};

class FanOut::Relay final : public actor::NativeActor {
 public:
  core::Result<core::Response> handle_message(actor::Turn& turn, const core::MessageView&) override {
    AIRSSYS_TRY(turn.send(source_, nothing_));
    return core::done();
  }

 private:
  const core::Address source_ = "bench/source/1"_address;
  const core::Payload nothing_{};
};

core::Result<void> FanOut::spawn() {
  for (std::uint64_t place = 1; place <= guests_; ++place) AIRSSYS_TRY(world_.spawn(leaf_address(place), "forwarder"));
  AIRSSYS_TRY(world_.spawn_native("bench/relay/1", [] { return std::make_unique<Relay>(); }));
  return world_.spawn_native("bench/source/1", [this] { return std::make_unique<Source>(*this); });
}

core::Result<double> FanOut::run(std::uint64_t deliveries) {
  rounds_ = std::max<std::uint64_t>(1, deliveries / guests_);
  AIRSSYS_TRY(world_.tell("bench/source/1", kBegin));
  AIRSSYS_TRY(const Taken taken, watch_.wait());
  return taken.nanoseconds / static_cast<double>(rounds_ * guests_);
}

std::uint64_t FanOut::handled() const {
  std::uint64_t sum = 0;
  for (std::uint64_t place = 1; place <= guests_; ++place) sum += world_.handled(leaf_address(place));
  return sum;
}

}  // namespace airssys::bench
