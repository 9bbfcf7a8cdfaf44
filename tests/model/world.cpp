#include "world.hpp"

#include <algorithm>
#include <stdexcept>
#include <thread>
#include <utility>

#include "testing/tested_profile.hpp"

namespace airssys::model {
namespace {

std::unique_ptr<system::Assembly> assemble(const system::Environment& environment, system::Assembly::Options options) {
  auto assembly = system::Assembly::create(environment, std::move(options));
  if (!assembly) throw std::runtime_error(assembly.error().to_string());
  const core::AddressPattern all = core::make_checked_pattern("*/*/*");
  if (!(*assembly)->grants().add({.from = all, .to = all, .allow = {security::Verb::send, security::Verb::request}})) {
    throw std::runtime_error("the grant was refused");
  }
  const security::TopicPattern topics = *security::TopicPattern::parse("#");
  if (!(*assembly)->grants().add({.from = all, .to = topics, .allow = {security::Verb::publish, security::Verb::subscribe}})) {
    throw std::runtime_error("the grant of topics was refused");
  }
  return std::move(*assembly);
}

}  // namespace

std::uint64_t SeededRandom::next_u64() noexcept {
  // SplitMix64 (Steele, Lea, Flood 2014).
  constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15ULL;
  std::uint64_t z = state_.fetch_add(kStep, std::memory_order_relaxed) + kStep;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

system::Assembly::Options World::assembly_options() {
  system::Assembly::Options options{.engine = {}, .loader = {}, .system_id = std::string(32, '0'), .first_message_id = 1};
  options.engine.profile = runtime::testing::tested_profile();
  options.loader.cache = std::filesystem::path(AIRSSYS_GUESTS) / "artifacts";
#if defined(__SANITIZE_THREAD__)
  options.engine.signal_traps = false;
#endif
  return options;
}

// ---- by hand ----------------------------------------------------------------------------------------------------------

HandWorld::HandWorld(std::uint64_t seed) : random_(seed), scheduler_(seed) {
  assembly_ = assemble({.clock = clock_,
                        .random = random_,
                        .log = journal_,
                        .hash = hash_,
                        .scheduler = scheduler_,
                        .events = events_,
                        .traces = traces_},
                       assembly_options());
  assembly_->messaging().door().use(commits_);
  runner_ = assembly_->make_runner();
  scheduler_.use(*runner_);
}

HandWorld::~HandWorld() {
  assembly_.reset();
}

void HandWorld::run(unsigned batches) {
  while (batches-- > 0 && scheduler_.run_one()) {
  }
}

bool HandWorld::settle() {
  constexpr std::size_t kEntriesMost = 20'000;
  constexpr int kBatchesMost = 100'000;
  for (int batches = 0; scheduler_.run_one(); ++batches) {
    if (batches == kBatchesMost || journal_.size() > kEntriesMost) return false;
  }
  return true;
}

bool HandWorld::advance(std::chrono::milliseconds time) {
  constexpr int kAlarmsAtOneMoment = 10'000;
  const core::MonotonicTime until = clock_.now + core::MonotonicTime(time);
  if (!settle()) return false;
  actor::TimerQueue& alarms = assembly_->actors().alarms();
  int at_this_moment = 0;
  for (auto next = alarms.next(); next && *next <= until; next = alarms.next()) {
    at_this_moment = *next <= clock_.now ? at_this_moment + 1 : 0;
    if (at_this_moment == kAlarmsAtOneMoment) return false;
    clock_.now = std::max(*next, clock_.now);
    alarms.fire(clock_.now);
    if (!settle()) return false;
  }
  clock_.now = until;
  return true;
}

bool HandWorld::come_to_rest() {
  constexpr int kLooks = 1000;
  for (int look = 0; look < kLooks; ++look) {
    if (!advance(std::chrono::minutes(2))) return false;
    if (!assembly_->actors().alarms().next()) return true;
  }
  return false;
}

// ---- on threads -------------------------------------------------------------------------------------------------------

ThreadWorld::ThreadWorld(std::uint64_t seed, unsigned workers)
    : random_(seed), scheduler_({.workers = workers, .tick = [this] { assembly_->engines().tick(); }}) {
  assembly_ = assemble({.clock = clock_,
                        .random = random_,
                        .log = journal_,
                        .hash = hash_,
                        .scheduler = scheduler_,
                        .events = events_,
                        .traces = traces_,
                        .ticks = &scheduler_.ticks()},
                       assembly_options());
  assembly_->messaging().door().use(commits_);
  scheduler_.start([this] { return assembly_->make_runner(); }, assembly_->actors().alarms(), clock_);
}

ThreadWorld::~ThreadWorld() {
  scheduler_.stop();
  assembly_.reset();
}

bool ThreadWorld::advance(std::chrono::milliseconds time) {
  std::this_thread::sleep_for(std::min(time, std::chrono::milliseconds(3)));
  return true;
}

bool ThreadWorld::quiet() const {
  return scheduler_.quiet() && !assembly_->actors().alarms().next() &&
         std::ranges::all_of(assembly_->actors().registry().all(),
                             [](const actor::ActorRef& actor) { return actor->mailbox().asleep(); });
}

bool ThreadWorld::come_to_rest() {
  constexpr std::chrono::milliseconds kLook{1};
  constexpr int kQuietLooks = 20;  // With something owed: an alarm that was just taken may be about to wake its actor.
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  int quiet_looks = 0;
  while (std::chrono::steady_clock::now() < until) {
    const std::uint64_t batches = scheduler_.batches();
    quiet_looks = quiet() && scheduler_.batches() == batches ? quiet_looks + 1 : 0;
    if (quiet_looks == kQuietLooks || (quiet_looks == 2 && assembly_->actors().idle())) return true;
    std::this_thread::sleep_for(kLook);
  }
  return false;
}

}  // namespace airssys::model
