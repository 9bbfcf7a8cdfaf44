#include "airssys/system/assembly.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>

#include "airssys/actor/component_behaviour.hpp"

namespace airssys::system {
namespace {

/// The host's end of a conversation has an address and a mailbox like any actor's, but nobody may send to it.
class Nobody final : public actor::NativeActor {
 public:
  core::Result<core::Response> handle_message(actor::Turn& turn, const core::MessageView&) override {
    return std::unexpected(core::Error(core::ErrorCode::rejected, "system", turn.self().text() + " takes no messages"));
  }
};

/// Who sends a body that the guest's memory can't take is told `too-large`; else the guest would die of it.
core::Limits fitting(core::Limits limits, const runtime::Component& code) noexcept {
  limits.body_bytes = std::min(limits.body_bytes, code.room_for_a_body(limits.memory));
  return limits;
}

core::Error to_error(const config::Problems& problems) {
  return {core::ErrorCode::invalid, "config", config::to_string(problems)};
}

/// `path`: the component's folder, or the `component.toml` in it.
core::Error not_built(const std::filesystem::path& wasm, const std::filesystem::path& path) {
  const bool is_manifest = path.extension() == ".toml";
  const std::string folder = (is_manifest ? path.parent_path() : path).lexically_normal().string();
  return {core::ErrorCode::not_found, "system",
          wasm.string() + ": there is no such file: the component is not built yet; run `airssys build " +
              (folder.empty() ? std::string(".") : folder) + "`"};
}

}  // namespace

core::Result<std::unique_ptr<Assembly>> Assembly::create(const Environment& environment, Options options) {
  const core::Profile usual = options.engine.profile;
  std::unique_ptr<Assembly> assembly(new Assembly(environment, std::move(options)));
  // Made at once, so that options which the engine refuses are known now and not at the first load.
  AIRSSYS_TRY(assembly->engines_.loader(usual));
  return assembly;
}

Assembly::Assembly(const Environment& environment, Options options)
    : environment_(environment),
      usual_profile_(options.engine.profile),
      usual_limits_(options.limits),
      usual_restart_(options.restart),
      actors_(environment.scheduler),
      messaging_(actors_.registry(), grants_, options.first_message_id, std::move(options.more_message_ids)),
      turn_ports_(environment.log, std::move(options.system_id), actors_.ending()),
      ports_{.messaging = messaging_,
             .context = turn_ports_,
             .timers = turn_ports_,
             .log = turn_ports_,
             .config = turn_ports_,
             .budget = turn_ports_},
      engines_(options.engine, ports_, environment.hash, std::move(options.loader)) {
  messaging_.dead_letters().use(environment_.clock);
  messaging_.use(environment_.log);
  messaging_.use(actors_.stopped());
  actors_.use([this](actor::ActorCell& owner) { return messaging_.make_correspondence(owner); });
}

Assembly::~Assembly() {
  // Actors hold each other through what is in their mailboxes; stopping them, here and now, lets them go.
  const auto runner = make_runner();
  const std::vector<actor::ActorRef> all = actors_.registry().all();
  for (const actor::ActorRef& actor : all) actor->take_over();
  for (const actor::ActorRef& actor : all) runner->retire(*actor, "the system ended");
  // Once more: the last messages of one may have come to another that had stopped before.
  for (const actor::ActorRef& actor : all) runner->retire(*actor, "the system ended");
  actors_.alarms().clear();
  actors_.stopped().clear();
  messaging_.dead_letters().clear();
}

template <typename Holds>
bool Assembly::holds_of_all(const Holds& holds) const {
  // One look at all actors takes a while, and a message may pass from one that was not looked at to one that was. Then a turn
  // has handled it meanwhile, or the turn of an outcome sent it; each of these was counted before anything of it could be seen.
  const auto turns = [this] {
    const messaging::MessagingStats stats = messaging_.metrics().stats();
    return stats.reception.handled + stats.responses.routed + stats.service.timeouts;
  };
  const std::uint64_t before = turns();
  if (messaging_.responses().host_requests() != 0 || !holds()) return false;
  // Each look at an actor acquires, so that these counts are read after it.
  return turns() == before;
}

bool Assembly::idle() const {
  return holds_of_all([this] { return actors_.idle(); });
}

bool Assembly::owes_nothing() const {
  return holds_of_all([this] { return actors_.owes_nothing(); });
}

bool Assembly::done() const {
  return holds_of_all([this] { return actors_.done(); });
}

core::Result<ComponentRef> Assembly::load(const std::filesystem::path& path, std::optional<core::Profile> profile) {
  auto manifest = config::load_component(path);
  if (!manifest) return std::unexpected(to_error(manifest.error()));
  if (const auto problems = config::unsupported(*manifest); !problems.empty()) return std::unexpected(to_error(problems));
  AIRSSYS_TRY(runtime::ComponentLoader* const loader, engines_.loader(profile.value_or(usual_profile_)));
  auto code = loader->load_file(manifest->wasm);
  if (!code && code.error().code() == core::ErrorCode::not_found && !manifest->any_config) {
    return std::unexpected(not_built(manifest->wasm, path));
  }
  if (!code) return std::unexpected(std::move(code).error());
  tell_of_cache_trouble();
  return std::make_shared<const LoadedComponent>(LoadedComponent{.code = *std::move(code), .manifest = std::move(*manifest)});
}

void Assembly::tell_of_cache_trouble() {
  const auto trouble = engines_.cache_trouble();
  if (!trouble || cache_trouble_told_.exchange(true)) return;
  const bool kept = engines_.stats().unwritten == 0;
  environment_.log.write("runtime", core::LogLevel::warn,
                         fmt::format("{}: {}",
                                     kept ? "compiled code was not believed, and is made anew"
                                          : "compiled code can't be kept, so that each start compiles anew until this is "
                                            "mended",
                                     trouble->to_string()),
                         {});
}

core::ActorSpec Assembly::completed(core::ActorSpec actor) const {
  if (!actor.limits) actor.limits = usual_limits_;
  if (!actor.restart) actor.restart = usual_restart_;
  return actor;
}

core::Result<core::Address> Assembly::spawn(GuestSpec guest) {
  AIRSSYS_TRY(const actor::ActorRef actor, place(std::move(guest)));
  actor::ActorSystem::start(*actor);
  return actor->address();
}

core::Result<actor::ActorRef> Assembly::place(GuestSpec guest) {
  const LoadedComponent& component = *guest.component;
  core::ActorSpec actor = completed(std::move(guest.actor));
  actor.limits = fitting(*actor.limits, *component.code);
  auto behaviour = std::make_unique<actor::ComponentBehaviour>(
      stores_, actor::ComponentBehaviour::Options{
                   .component = component.code, .limits = *actor.limits, .accepts = component.manifest.accepts});
  return actors_.place(std::move(actor), std::move(behaviour));
}

core::Result<core::Address> Assembly::spawn_native(NativeSpec native) {
  AIRSSYS_TRY(const actor::ActorRef actor, actors_.spawn(completed(std::move(native.actor)),
                                                         std::make_unique<actor::NativeBehaviour>(std::move(native.make))));
  return actor->address();
}

core::Result<std::unique_ptr<messaging::HostSender>> Assembly::open_sender(const core::Address& address) {
  // Without the limits of the system, which are for its actors.
  AIRSSYS_TRY(
      actor::ActorRef self,
      actors_.spawn({.address = address}, std::make_unique<actor::NativeBehaviour>([] { return std::make_unique<Nobody>(); })));
  return std::make_unique<messaging::HostSender>(std::move(self), messaging_, environment_.clock, environment_.random);
}

std::unique_ptr<actor::TurnRunner> Assembly::make_runner() {
  return std::make_unique<actor::TurnRunner>(actor::RunnerServices{.ports = ports_,
                                                                   .clock = environment_.clock,
                                                                   .random = environment_.random,
                                                                   .door = messaging_.door(),
                                                                   .events = environment_.events,
                                                                   .registry = actors_.registry(),
                                                                   .alarms = actors_.alarms(),
                                                                   .traces = environment_.traces,
                                                                   .scheduler = environment_.scheduler,
                                                                   .stopped = actors_.stopped(),
                                                                   .inspections = actors_.inspections(),
                                                                   .ending = actors_.ending(),
                                                                   .ticks = environment_.ticks});
}

}  // namespace airssys::system
