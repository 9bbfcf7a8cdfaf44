#include "ring.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "airssys/actor/native_actor.hpp"

namespace airssys::bench {
namespace {

constexpr std::string_view kBegin = "begin";
constexpr std::size_t kBody = 64;
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
    AIRSSYS_TRY(world_.spawn(guest(place), "forwarder", {{"to", place == shape_.guests ? gate() : guest(place + 1)}}, {},
                             shape_.profile));
  }
  return world_.spawn_native(gate(), [this] { return std::make_unique<Gate>(*this); });
}

core::Result<void> Ring::begin(std::uint64_t rounds) {
  rounds_ = rounds;
  return world_.tell(gate(), kBegin);
}

}  // namespace airssys::bench
