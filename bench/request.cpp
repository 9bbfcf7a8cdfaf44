#include <fmt/format.h>

#include <memory>

#include "airssys/actor/native_actor.hpp"
#include "measure.hpp"
#include "row.hpp"

namespace airssys::bench {
namespace {

using namespace literals;

// listener (native) --one order a round--> asker (guest) <--requests, replies--> echo (guest)
//    ^---------------- when the last reply was handled ----------+

constexpr std::string_view kAsker = "bench/asker/1";
constexpr std::string_view kEcho = "bench/echo/1";
constexpr std::string_view kListener = "bench/listener/1";
constexpr std::string_view kBegin = "begin";
constexpr std::uint64_t kAtOnce = 64;
constexpr std::uint64_t kRequests = 8'192;
constexpr std::size_t kBody = 64;

struct Dialogue {
  World& world;
  std::uint64_t handled_before = 0;
  StopWatch watch{};
  bool short_of_replies = false;
};

class Listener final : public actor::NativeActor {
 public:
  explicit Listener(Dialogue& dialogue) : dialogue_(dialogue) {}

  core::Result<core::Response> handle_message(actor::Turn& turn, const core::MessageView& message) override {
    if (message.text() == kBegin) {
      dialogue_.handled_before = dialogue_.world.handled(kAsker);
      dialogue_.watch.start();
      AIRSSYS_TRY(turn.send("bench/asker/1"_address, order_));
      return core::done();
    }
    dialogue_.watch.lap();
    dialogue_.short_of_replies = dialogue_.world.handled(kAsker) - dialogue_.handled_before < kRequests + 1;
    dialogue_.watch.finish();
    return core::done();
  }

 private:
  Dialogue& dialogue_;
  const core::Payload order_ = core::raw(fmt::format("{} {} {}", kAtOnce, kRequests, std::string(kBody, 'x')));
};

core::Result<double> run_batch(World& world, Dialogue& dialogue) {
  AIRSSYS_TRY(world.tell(kListener, kBegin));
  AIRSSYS_TRY(const Taken taken, dialogue.watch.wait());
  if (dialogue.short_of_replies) {
    return std::unexpected(
        core::Error(core::ErrorCode::internal, "bench", "the asker handled fewer replies than were counted"));
  }
  return taken.nanoseconds / static_cast<double>(kRequests);
}

core::Result<Row> run(World& world) {
  Dialogue dialogue{.world = world};
  AIRSSYS_TRY(world.spawn(kEcho, "echo"));
  AIRSSYS_TRY(world.spawn(kAsker, "asker", {{"to", std::string(kEcho)}, {"report", std::string(kListener)}}));
  AIRSSYS_TRY(world.spawn_native(kListener, [&dialogue] { return std::make_unique<Listener>(dialogue); }));
  AIRSSYS_TRY(const Medians medians,
              alternate([&] { return run_batch(world, dialogue); },
                        [&]() -> core::Result<double> {
                          AIRSSYS_TRY(const Taken taken, world.on_worker([&] { world.floor().requests(kBody, kRequests); }));
                          return taken.nanoseconds / static_cast<double>(kRequests);
                        }));
  AIRSSYS_TRY(world.settle());
  return Row{.row = "request/64",
             .value = medians.value,
             .unit = "ns",
             .reference = "its two bare entries",
             .reference_value = medians.reference,
             .ratio = medians.value / medians.reference,
             .target = 1.5};
}

}  // namespace

std::vector<Bench> request_benches() {
  return {{"request/64",
           "a request of 64 bytes from guest to guest, replied to, the reply handled, which makes the next; 64 under way",
           run}};
}

}  // namespace airssys::bench
