#include "airssys/system/system.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "airssys/actor/threaded_scheduler.hpp"
#include "airssys/core/assert.hpp"
#include "airssys/core/plural.hpp"
#include "airssys/messaging/actor_correspondence.hpp"
#include "airssys/monitoring/crash_recorder.hpp"
#include "airssys/monitoring/trace_ring.hpp"
#include "airssys/trust/sodium_hash.hpp"
#include "data_directory.hpp"
#include "real_world.hpp"

namespace airssys::system {
namespace {

/// Tells those who wait that the system may be at rest. Notified on the worker that comes to rest last, and by the clock thread
/// while workers are awake; a system at rest notifies nobody. Without anybody who waits it costs one look.
class RestSignal {
 public:
  void notify() noexcept {
    // Sequentially consistent with `wait`: either this sees who waits, or he sees the workers at rest.
    if (!watched_.load(std::memory_order_seq_cst)) return;
    const std::lock_guard lock(mutex_);
    ++rests_;
    came_.notify_all();
    if (watcher_) watcher_();
  }
  void watch(std::function<void()> watcher) {
    const std::lock_guard lock(mutex_);
    watcher_ = std::move(watcher);
    note_watched();
  }
  /// Until `holds` says so, which is asked at once and after each rest. False: the time is over.
  template <typename Holds>
  bool wait(std::chrono::milliseconds patience, const Holds& holds) {
    const auto until = std::chrono::steady_clock::now() + patience;
    std::unique_lock lock(mutex_);
    ++waiting_;
    note_watched();
    bool in_time = true;
    bool held = false;
    while (!held && in_time) {
      const std::uint64_t seen = rests_;
      lock.unlock();
      held = holds();
      lock.lock();
      if (!held) in_time = came_.wait_until(lock, until, [&] { return rests_ != seen; });
    }
    --waiting_;
    note_watched();
    return held;
  }

 private:
  void note_watched() noexcept { watched_.store(waiting_ > 0 || watcher_ != nullptr, std::memory_order_seq_cst); }

  std::mutex mutex_;
  std::condition_variable came_;
  std::function<void()> watcher_;
  std::uint64_t rests_ = 0;
  unsigned waiting_ = 0;
  std::atomic<bool> watched_{false};
};

/// Who waits for a system that is at work is told so often, in ticks: it may be done with all but timers, and never at rest.
constexpr unsigned kTicksPerLook = 16;

/// For hearing what guests send in their last turns, when the time for draining is over.
constexpr std::chrono::milliseconds kLastWords{100};

/// Of a worker, beside what a guest may use.
constexpr core::Bytes kStackOfTheHost = core::Bytes{3} << 19;

unsigned worker_count(unsigned asked) noexcept {
  if (asked != 0) return asked;
  return std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

/// Members are destroyed from the last to the first: threads end before what they run, and the world comes last.
struct System::Parts {
  SystemOptions options;
  RealClock clock;
  RealRandom random;
  SilentLog silence;
  trust::SodiumHash hash;
  std::optional<DataDirectory> data;
  monitoring::TraceRing traces;
  std::unique_ptr<monitoring::CrashRecorder> crashes;
  std::unique_ptr<Assembly> assembly;
  RestSignal rest;
  unsigned ticks = 0;  ///< Of the clock thread.
  std::unique_ptr<actor::ThreadedScheduler> scheduler;
  std::mutex senders_mutex;
  std::map<std::string, std::shared_ptr<messaging::HostSender>, std::less<>> senders;
  bool stopped = false;

  /// `invalid`: a client has the address.
  core::Result<void> check_is_actor(const core::Address& address);
  /// Two looks that saw the same number of batches and nobody running in between saw one quiet moment.
  template <typename Holds>
  bool in_one_quiet_moment(const Holds& holds) const {
    const std::uint64_t batches = scheduler->batches();
    return scheduler->quiet() && holds() && scheduler->quiet() && scheduler->batches() == batches;
  }

  ~Parts() {
    // What still runs is cut short, if nobody has told it to end before.
    if (assembly) assembly->actors().ending().order(clock.monotonic());
    // The threads first, then the actors that they ran; the scheduler itself stays, since actors know it.
    scheduler->stop();
    for (const auto& [address, sender] : senders) sender->close();
    senders.clear();
    assembly.reset();
  }
};

core::Result<void> System::start_workers(Parts& parts) try {
  parts.scheduler->start([&parts] { return parts.assembly->make_runner(); }, parts.assembly->actors().alarms(), parts.clock);
  return {};
} catch (const std::system_error& failure) {
  return std::unexpected(
      core::Error(core::ErrorCode::resources, "system",
                  fmt::format("can't start {}: {}; raise the limit on processes (RLIMIT_NPROC, "
                              "`ulimit -u`), or ask for fewer workers",
                              core::plural(worker_count(parts.options.workers), "worker thread"), failure.code().message())));
}

core::Result<Client> System::client(const core::Address& address) {
  const std::lock_guard lock(parts_->senders_mutex);
  auto found = parts_->senders.find(address.text());
  if (found == parts_->senders.end()) {
    AIRSSYS_TRY(std::shared_ptr<messaging::HostSender> sender, parts_->assembly->open_sender(address));
    found = parts_->senders.emplace(address.text(), std::move(sender)).first;
  }
  return Client(found->second, *this);
}

Client System::operator_client() {
  auto client = this->client(core::operator_address());
  AIRSSYS_ASSERT(client.has_value());
  return std::move(*client);
}

core::Result<std::unique_ptr<System>> System::start(SystemOptions options) {
  AIRSSYS_TRY(RealRandom::check());
  auto parts = std::make_unique<Parts>();
  parts->options = std::move(options);
  const unsigned workers = worker_count(parts->options.workers);
  parts->scheduler = std::make_unique<actor::ThreadedScheduler>(
      actor::ThreadedScheduler::Options{.workers = workers,
                                        .tick =
                                            [&parts = *parts] {
                                              parts.assembly->engines().tick();
                                              if (++parts.ticks % kTicksPerLook == 0) parts.rest.notify();
                                            },
                                        .at_rest = [&rest = parts->rest] { rest.notify(); },
                                        .worker_stack = parts->options.engine.guest_stack + kStackOfTheHost});
  Assembly::Options assembly{.engine = parts->options.engine,
                             .loader = {},
                             .limits = parts->options.limits,
                             .restart = parts->options.restart,
                             .system_id = {},
                             .first_message_id = 1};
  std::filesystem::path crashes;
  if (parts->options.data.empty()) {
    assembly.system_id = draw_system_id(parts->random);
  } else {
    AIRSSYS_TRY(auto data, DataDirectory::open(parts->options.data, parts->random));
    parts->data.emplace(std::move(data));
    assembly.system_id = parts->data->system_id();
    assembly.first_message_id = parts->data->first_message_id();
    assembly.more_message_ids = [&data = *parts->data] { return data.reserve_message_ids().has_value(); };
    assembly.loader.cache = parts->data->path() / "artifacts";
    crashes = parts->data->path() / "crashes";
  }
  assembly.loader.compiler = parts->options.compiler;
  if (!parts->options.artifacts.empty()) assembly.loader.cache = parts->options.artifacts;
  parts->crashes = std::make_unique<monitoring::CrashRecorder>(crashes, parts->options.events, parts->options.log);
  const Environment environment{.clock = parts->clock,
                                .random = parts->random,
                                .log = parts->options.log != nullptr ? *parts->options.log : parts->silence,
                                .hash = parts->hash,
                                .scheduler = *parts->scheduler,
                                .events = *parts->crashes,
                                .traces = parts->traces,
                                .ticks = &parts->scheduler->ticks()};
  AIRSSYS_TRY(parts->assembly, Assembly::create(environment, std::move(assembly)));
  AIRSSYS_TRY(start_workers(*parts));
  std::unique_ptr<System> system(new System(std::move(parts)));
  AIRSSYS_TRY(system->client(core::operator_address()));
  return system;
}

System::System(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

System::~System() = default;

core::Result<ComponentRef> System::load(const std::filesystem::path& path, std::optional<core::Profile> profile) {
  return parts_->assembly->load(path, profile);
}

core::Result<core::Address> System::spawn(ComponentRef component, core::ActorSpec actor) {
  return parts_->assembly->spawn({.actor = std::move(actor), .component = std::move(component)});
}

core::Result<void> System::spawn_all(std::span<const GuestSpec> all) {
  std::vector<actor::ActorRef> placed;
  for (const GuestSpec& guest : all) {
    auto actor = parts_->assembly->place(guest);
    if (!actor) {
      for (const actor::ActorRef& other : placed) other->signal(actor::Signal::stop);
      return std::unexpected(std::move(actor).error());
    }
    placed.push_back(std::move(*actor));
  }
  for (const actor::ActorRef& actor : placed) actor::ActorSystem::start(*actor);
  return {};
}

core::Result<core::Address> System::spawn_native(core::ActorSpec actor, actor::NativeFactory factory) {
  return parts_->assembly->spawn_native({.actor = std::move(actor), .make = std::move(factory)});
}

core::Result<void> System::Parts::check_is_actor(const core::Address& address) {
  const std::lock_guard lock(senders_mutex);
  if (!senders.contains(address.text())) return {};
  return std::unexpected(
      core::Error(core::ErrorCode::invalid, "system",
                  address.text() + " sends for the host: it is no actor that could be stopped or restarted"));
}

core::Result<void> System::stop_actor(const core::Address& address) {
  AIRSSYS_TRY(parts_->check_is_actor(address));
  return parts_->assembly->actors().stop(address.text());
}

core::Result<void> System::restart_actor(const core::Address& address) {
  AIRSSYS_TRY(parts_->check_is_actor(address));
  return parts_->assembly->actors().restart(address.text());
}

core::Result<void> System::remove_actor(const core::Address& address) {
  return parts_->assembly->actors().remove(address.text());
}

core::Result<security::GrantId> System::grant(security::Grant grant) {
  return parts_->assembly->grants().add(std::move(grant));
}

void System::subscribe(messaging::DeclaredSubscription subscription) {
  parts_->assembly->messaging().declare(std::move(subscription));
}

bool System::revoke(security::GrantId id) {
  return parts_->assembly->grants().revoke(id);
}

std::vector<ActorInfo> System::list() const {
  std::vector<ActorInfo> infos;
  for (const actor::ActorRef& actor : parts_->assembly->actors().registry().all()) infos.push_back(info_of(*actor));
  return infos;
}

ActorPage System::list(std::string_view after, const core::AddressPattern* pattern, std::size_t most) const {
  const actor::ActorSystem& actors = parts_->assembly->actors();
  // The stopped ones first: one that stops between the two looks is in the registry or was here already.
  const std::vector<actor::StoppedActor> stopped = actors.stopped().all();
  const actor::Registry::Page running = actors.registry().page(after, pattern, most);
  ActorPage page{.actors = {}, .matching = running.matching};
  for (const actor::ActorRef& actor : running.actors) page.actors.push_back(info_of(*actor));
  for (const actor::StoppedActor& one : stopped) {
    const core::Address& address = one.actor->address();
    if (address.text() <= after || (pattern != nullptr && !pattern->matches(address))) continue;
    if (actors.registry().find(address.text())) continue;
    ++page.matching;
    page.actors.push_back(info_of(one));
  }
  std::ranges::sort(page.actors, {}, &ActorInfo::address);
  if (page.actors.size() > most) page.actors.resize(most);
  return page;
}

std::vector<ActorInfo> System::stopped() const {
  std::vector<ActorInfo> infos;
  for (const actor::StoppedActor& one : parts_->assembly->actors().stopped().all()) infos.push_back(info_of(one));
  return infos;
}

std::optional<ActorInfo> System::info(std::string_view address) const {
  const actor::ActorSystem& actors = parts_->assembly->actors();
  if (const actor::ActorRef actor = actors.registry().find(address)) return info_of(*actor);
  if (const auto stopped = actors.stopped().find(address)) return info_of(*stopped);
  return std::nullopt;
}

std::optional<ActorDetails> System::details(std::string_view address, std::chrono::milliseconds patience) const {
  AIRSSYS_ASSERT(!on_worker());
  auto info = this->info(address);
  if (!info) return std::nullopt;
  ActorDetails details{.info = std::move(*info)};
  details.last_crash = last_crash_of(address);
  actor::ActorSystem& actors = parts_->assembly->actors();
  actor::ActorRef actor = actors.registry().find(address);
  if (actor) details.books = actors.inspections().look(*actor, patience);
  if (const auto stopped = actor ? std::nullopt : actors.stopped().find(address)) actor = stopped->actor;
  if (!actor) return details;
  const messaging::Denials* const denials = messaging::ActorCorrespondence::of(std::as_const(*actor)).denials();
  if (denials != nullptr) details.denials = denials->last();
  return details;
}

SystemStats System::stats() const {
  const runtime::LoaderStats loaded = parts_->assembly->engines().stats();
  SystemStats stats{.actors = 0,
                    .messages_waiting = 0,
                    .messaging = parts_->assembly->messaging().metrics().stats(),
                    .dead_letters = parts_->assembly->messaging().dead_letters().counts(),
                    .components_compiled = loaded.compiled,
                    .components_cached = loaded.cached};
  for (const actor::ActorRef& actor : parts_->assembly->actors().registry().all()) {
    ++stats.actors;
    stats.messages_waiting += actor->mailbox().messages();
  }
  return stats;
}

std::vector<messaging::DeadLetter> System::dead_letters() const {
  return parts_->assembly->messaging().dead_letters().letters();
}

const messaging::DeadLetters& System::dead_letter_box() const {
  return parts_->assembly->messaging().dead_letters();
}

core::Result<void> System::retry_dead_letter(std::uint64_t number) {
  return parts_->assembly->messaging().dead_letters().retry(number, parts_->assembly->actors().registry(),
                                                            parts_->assembly->messaging().door());
}

core::Result<void> System::drop_dead_letter(std::uint64_t number) {
  return parts_->assembly->messaging().dead_letters().drop(number);
}

core::Result<monitoring::Trace> System::trace(std::string_view id) const {
  return parts_->traces.find(id);
}

std::vector<monitoring::TraceSummary> System::traces(std::size_t most) const {
  return parts_->traces.latest(most);
}

std::string System::crash_of(core::MessageId message) const {
  return parts_->crashes->report_of(message);
}

std::string System::last_crash_of(std::string_view address) const {
  return parts_->crashes->last_report_of(address);
}

bool System::idle() const {
  return parts_->in_one_quiet_moment([&] { return parts_->assembly->idle(); });
}

bool System::drained() const {
  return parts_->assembly->owes_nothing();
}

bool System::done() const {
  return parts_->in_one_quiet_moment([&] { return parts_->assembly->done(); });
}

bool System::wait_until_idle(std::chrono::milliseconds patience) const {
  AIRSSYS_ASSERT(!on_worker());
  return parts_->rest.wait(patience, [this] { return idle(); });
}

bool System::wait_until_done(std::chrono::milliseconds patience) const {
  AIRSSYS_ASSERT(!on_worker());
  return parts_->rest.wait(patience, [this] { return done(); });
}

void System::when_at_rest(std::function<void()> notify) {
  parts_->rest.watch(std::move(notify));
}

void System::begin_end() noexcept {
  parts_->assembly->actors().ending().begin();
}

void System::order_stop_of_guests() {
  begin_end();
  // First the order, then the time: whoever is cut short is told to stop already.
  parts_->assembly->actors().stop_guests();
  parts_->assembly->actors().ending().order(parts_->clock.monotonic());
}

bool System::guests_have_ended() const {
  // In this order: what a guest sends in its last turn is in a mailbox before the guest is gone.
  return !parts_->assembly->actors().has_guests() && parts_->assembly->owes_nothing();
}

void System::order_stop() {
  begin_end();
  parts_->assembly->actors().stop_all();
  parts_->assembly->actors().ending().order(parts_->clock.monotonic());
}

bool System::stop(std::chrono::milliseconds drain) {
  if (std::exchange(parts_->stopped, true)) return true;
  begin_end();
  const bool finished = parts_->rest.wait(drain, [this] { return drained(); });
  // A little more, for what is cut short to be done with.
  constexpr std::chrono::milliseconds kLastTurns = actor::Ending::kLastTurns + std::chrono::milliseconds(500);
  if (parts_->assembly->actors().has_guests()) {
    order_stop_of_guests();
    parts_->rest.wait(kLastTurns, [this] { return !parts_->assembly->actors().has_guests(); });
    // What native actors did not get done in time is not done now either, but for what comes from these last turns.
    parts_->rest.wait(finished ? kLastTurns : kLastWords, [this] { return guests_have_ended(); });
  }
  order_stop();
  return wait_until_idle(kLastTurns) && finished;
}

Unhandled System::unhandled() const {
  Unhandled left = parts_->assembly->actors().ending().left();
  for (const actor::ActorRef& actor : parts_->assembly->actors().registry().all()) left.accepted += actor->mailbox().messages();
  return left;
}

const std::string& System::name() const noexcept {
  return parts_->options.name;
}

const std::filesystem::path& System::data() const noexcept {
  return parts_->options.data;
}

bool System::on_worker() const noexcept {
  return parts_->scheduler->on_worker();
}

core::Result<core::MessageId> Client::send(const core::Address& to, const core::Payload& payload) {
  auto sent = sender_->send(to.text(), payload);
  if (!sent) return std::unexpected(core::to_error(sent.error(), to.text()));
  return *sent;
}

core::Result<core::MessageId> Client::send(const core::Address& to, const core::Payload& payload,
                                           std::chrono::milliseconds patience) {
  AIRSSYS_ASSERT(!system_->on_worker());
  auto sent = sender_->send_within(to.text(), payload, patience);
  if (!sent) return std::unexpected(core::to_error(sent.error(), to.text()));
  return *sent;
}

core::Result<core::MessageId> Client::send_once(std::string_view key, const core::Address& to, const core::Payload& payload) {
  auto sent = sender_->send_once(key, to.text(), payload);
  if (!sent) return std::unexpected(core::to_error(sent.error(), to.text()));
  return *sent;
}

core::Result<core::MessageId> Client::publish(std::string_view topic, const core::Payload& payload) {
  auto published = sender_->publish(topic, payload);
  if (!published) return std::unexpected(core::to_error(published.error(), topic, "publish on"));
  return *published;
}

Client::Answer Client::ask(const core::Address& to, const core::Payload& payload, std::chrono::milliseconds timeout) {
  AIRSSYS_ASSERT(!system_->on_worker());
  auto request = sender_->request(to.text(), payload, timeout);
  if (!request) return {.id = {}, .reply = std::unexpected(core::to_error(request.error(), to.text()))};
  core::Outcome outcome = (*request)->wait(timeout);
  const core::MessageId id = (*request)->id();
  if (!outcome) return {.id = id, .reply = std::unexpected(core::to_error(outcome.error()))};
  return {.id = id, .reply = std::move(*outcome)};
}

core::Result<core::Payload> Client::request(const core::Address& to, const core::Payload& payload,
                                            std::chrono::milliseconds timeout) {
  return ask(to, payload, timeout).reply;
}

}  // namespace airssys::system
