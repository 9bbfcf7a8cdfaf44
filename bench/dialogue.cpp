#include "dialogue.hpp"

#include <fmt/format.h>

#include <memory>
#include <string>

#include "airssys/actor/native_actor.hpp"

namespace airssys::bench {
namespace {

using namespace literals;

constexpr std::string_view kAsker = "bench/asker/1";
constexpr std::string_view kEcho = "bench/echo/1";
constexpr std::string_view kListener = "bench/listener/1";
constexpr std::string_view kBegin = "begin";
constexpr std::uint64_t kAtOnce = 64;

}  // namespace

class Dialogue::Listener final : public actor::NativeActor {
 public:
  explicit Listener(Dialogue& dialogue) : dialogue_(dialogue) {}

  core::Result<core::Response> handle_message(actor::Turn& turn, const core::MessageView& message) override {
    if (message.text() == kBegin) {
      dialogue_.handled_before_ = dialogue_.world_.handled(kAsker);
      dialogue_.watch_.start();
      AIRSSYS_TRY(turn.send("bench/asker/1"_address, order_));
      return core::done();
    }
    dialogue_.watch_.lap();
    dialogue_.short_of_replies_ = dialogue_.world_.handled(kAsker) - dialogue_.handled_before_ < dialogue_.requests_ + 1;
    dialogue_.watch_.finish();
    return core::done();
  }

 private:
  Dialogue& dialogue_;
  const core::Payload order_ = core::raw(fmt::format("{} {} {}", kAtOnce, dialogue_.requests_, std::string(kBody, 'x')));
};

core::Result<void> Dialogue::spawn() {
  AIRSSYS_TRY(world_.spawn(kEcho, "echo"));
  AIRSSYS_TRY(world_.spawn(kAsker, "asker", {{"to", std::string(kEcho)}, {"report", std::string(kListener)}}));
  return world_.spawn_native(kListener, [this] { return std::make_unique<Listener>(*this); });
}

core::Result<Taken> Dialogue::run() {
  AIRSSYS_TRY(world_.tell(kListener, kBegin));
  AIRSSYS_TRY(const Taken taken, watch_.wait());
  if (short_of_replies_) {
    return std::unexpected(
        core::Error(core::ErrorCode::internal, "bench", "the asker handled fewer replies than were counted"));
  }
  return taken;
}

}  // namespace airssys::bench
