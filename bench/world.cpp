#include "world.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "airssys/actor/native_actor.hpp"
#include "airssys/core/assert.hpp"

namespace airssys::bench {
namespace {

using namespace literals;

constexpr std::string_view kErrands = "floor/errands/1";

/// Does on the worker what it was made for, once per message.
class Errands final : public actor::NativeActor {
 public:
  explicit Errands(std::function<void()> work) : work_(std::move(work)) {}

  core::Result<core::Response> handle_message(actor::Turn&, const core::MessageView&) override {
    work_();
    return core::done();
  }

 private:
  std::function<void()> work_;
};

core::Error error_of(std::string message) {
  return {core::ErrorCode::internal, "bench", std::move(message)};
}

}  // namespace

core::Result<std::unique_ptr<World>> World::create(const std::filesystem::path& guests, Options options) {
  std::unique_ptr<World> world(new World(guests, std::move(options)));
  system::SystemOptions system;
  system.name = "bench";
  system.workers = world->options_.workers;
  system.events = &world->restarts_;
  AIRSSYS_TRY(world->system_, system::System::start(std::move(system)));
  AIRSSYS_TRY(const security::TopicPattern topic, security::TopicPattern::parse("bench.#"));
  AIRSSYS_TRY(world->system_->grant(
      {.from = "bench/*/*"_pattern, .to = "bench/*/*"_pattern, .allow = {security::Verb::send, security::Verb::request}}));
  AIRSSYS_TRY(world->system_->grant({.from = "metered/*/*"_pattern,
                                     .to = "metered/*/*"_pattern,
                                     .allow = {security::Verb::send},
                                     .rate = core::Rate{1'000'000'000}}));
  AIRSSYS_TRY(world->system_->grant({.from = "bench/publisher/*"_pattern, .to = topic, .allow = {security::Verb::publish}}));
  world->system_->subscribe({.topic = topic, .actors = "bench/leaf/*"_pattern});
  AIRSSYS_TRY(world->spawn_native(kErrands, [&world = *world] {
    return std::make_unique<Errands>([&world] {
      world.errand_watch_.start();
      world.errand_();
      world.errand_watch_.lap();
      world.errand_watch_.finish();
    });
  }));
  return world;
}

core::Result<Floor*> World::floor() {
  if (floor_ == nullptr) {
    AIRSSYS_TRY(floor_, Floor::create(guests_));
  }
  return floor_.get();
}

core::Result<Taken> World::on_worker(std::function<void()> work) {
  errand_ = std::move(work);
  AIRSSYS_TRY(tell(kErrands, "go"));
  return errand_watch_.wait();
}

core::Result<system::ComponentRef> World::guest(std::string_view name, core::Profile profile) {
  std::string key = fmt::format("{} {}", name, core::name_of(profile));
  if (const auto known = loaded_.find(key); known != loaded_.end()) return known->second;
  AIRSSYS_TRY(system::ComponentRef component, system_->load(guests_ / name, profile));
  return loaded_.emplace(std::move(key), std::move(component)).first->second;
}

core::Result<void> World::spawn(std::string_view address, std::string_view guest_name, core::ConfigValues config,
                                core::RestartPolicy restart, core::Profile profile) {
  AIRSSYS_TRY(const system::ComponentRef component, guest(guest_name, profile));
  AIRSSYS_TRY(const core::Address parsed, core::Address::parse(address));
  AIRSSYS_TRY(system_->spawn(component, {.address = parsed, .config = std::move(config), .restart = restart}));
  return {};
}

core::Result<void> World::spawn_native(std::string_view address, actor::NativeFactory factory) {
  AIRSSYS_TRY(const core::Address parsed, core::Address::parse(address));
  AIRSSYS_TRY(system_->spawn_native(parsed, std::move(factory)));
  return {};
}

core::Result<void> World::tell(std::string_view address, std::string_view text) {
  AIRSSYS_TRY(const core::Address parsed, core::Address::parse(address));
  AIRSSYS_TRY(system_->operator_client().send(parsed, core::raw(text)));
  return {};
}

std::uint64_t World::handled(std::string_view address) const {
  const auto info = system_->info(address);
  AIRSSYS_ASSERT(info.has_value());
  return info->counts.handled;
}

core::Result<void> World::settle() {
  constexpr std::chrono::seconds kPatience{10};
  if (!system_->wait_until_idle(kPatience)) return std::unexpected(error_of("the actors of a row did not come to rest"));
  std::optional<core::Error> unsteady;
  for (const system::ActorInfo& info : system_->list()) {
    if (!info.address.starts_with("bench/") && !info.address.starts_with("metered/")) continue;
    if (info.counts.busy != 0 || info.counts.failed != info.counts.trapped) {
      unsteady.emplace(core::ErrorCode::busy, "bench",
                       fmt::format("{}: {} turns undone, {} put off: not a steady flow", info.address, info.counts.failed,
                                   info.counts.busy));
    }
    AIRSSYS_TRY(const core::Address address, core::Address::parse(info.address));
    AIRSSYS_TRY(system_->stop_actor(address));
  }
  if (!system_->wait_until_idle(kPatience)) return std::unexpected(error_of("the actors of a row did not stop"));
  if (unsteady) return std::unexpected(std::move(*unsteady));
  return {};
}

}  // namespace airssys::bench
