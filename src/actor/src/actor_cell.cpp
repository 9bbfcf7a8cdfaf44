#include "airssys/actor/actor_cell.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <mutex>
#include <utility>

#include "airssys/actor/scheduler.hpp"

namespace airssys::actor {

std::string_view name_of(ActorState state) noexcept {
  switch (state) {
    case ActorState::starting:
      return "starting";
    case ActorState::running:
      return "running";
    case ActorState::stopped:
      return "stopped";
  }
  return "unknown";
}

namespace {

/// The sets that are shared. Never destroyed: actors may end after the statics have.
class KnownLimits {
 public:
  /// Null: it is none of them, and there is no room for more.
  const core::Limits* find_or_add(const core::Limits& limits) noexcept {
    const std::lock_guard lock(mutex_);
    const auto end = sets_.begin() + size_;
    if (const auto known = std::find(sets_.begin(), end, limits); known != end) return &*known;
    if (end == sets_.end()) return nullptr;
    ++size_;
    return &(*end = limits);
  }
  /// Without the lock: a set that is here stays as it is.
  bool has(const core::Limits* limits) const noexcept {
    return !std::less{}(limits, sets_.data()) && std::less{}(limits, sets_.data() + sets_.size());
  }

 private:
  std::mutex mutex_;
  std::array<core::Limits, SharedLimits::kShared> sets_;
  std::ptrdiff_t size_ = 0;
};

KnownLimits& known_limits() noexcept {
  static KnownLimits& only = *new KnownLimits;
  return only;
}

}  // namespace

SharedLimits::SharedLimits(const core::Limits& limits) {
  // Mostly the same as those of the actor before.
  thread_local const core::Limits* last = nullptr;
  if (last == nullptr || *last != limits) last = known_limits().find_or_add(limits);
  values_ = last == nullptr ? new core::Limits(limits) : last;
}

SharedLimits::~SharedLimits() {
  if (!known_limits().has(values_)) delete values_;
}

namespace {

/// A count and the number that it is read into.
struct Counted {
  Count ActorCounters::* count;
  std::uint64_t core::ActorCounts::* number;
};

constexpr std::array kCounted{
    Counted{&ActorCounters::handled, &core::ActorCounts::handled},
    Counted{&ActorCounters::messages, &core::ActorCounts::messages},
    Counted{&ActorCounters::refused, &core::ActorCounts::refused},
    Counted{&ActorCounters::failed, &core::ActorCounts::failed},
    Counted{&ActorCounters::trapped, &core::ActorCounts::trapped},
    Counted{&ActorCounters::restarts, &core::ActorCounts::restarts},
    Counted{&ActorCounters::busy, &core::ActorCounts::busy},
    Counted{&ActorCounters::sent, &core::ActorCounts::sent},
};
static_assert(sizeof(ActorCounters) == kCounted.size() * sizeof(Count), "a count that nobody reads");

}  // namespace

core::ActorCounts ActorCounters::read() const noexcept {
  core::ActorCounts counts;
  for (const Counted& counted : kCounted) counts.*counted.number = (this->*counted.count).read();
  return counts;
}

ActorCell::ActorCell(core::ActorSpec spec, std::unique_ptr<Behaviour> behaviour, Scheduler& scheduler, std::uint64_t number)
    : address_(std::move(spec.address)),
      number_(number),
      limits_(spec.limits.value_or(core::Limits{})),
      scheduler_(scheduler),
      behaviour_(std::move(behaviour)),
      config_(spec.config.empty() ? nullptr : std::make_unique<const core::ConfigValues>(std::move(spec.config))),
      mailbox_(limits_->mailbox_messages, limits_->mailbox_bytes) {}

ActorCell::~ActorCell() = default;

const core::ConfigValues& ActorCell::config() const noexcept {
  static const core::ConfigValues none;
  return config_ == nullptr ? none : *config_;
}

core::ActorSpec ActorCell::spec() const {
  return {.address = address_,
          .limits = *limits_,
          .config = config(),
          .restart = supervisor_->policy(),
          .supervisor = supervisor_->name()};
}

void ActorCell::deliver(EnvelopeChain&& chain) {
  if (mailbox_.push(std::move(chain))) scheduler_.schedule(ActorRef(this));
}

void ActorCell::signal(Signal signal) noexcept {
  signals_.fetch_or(static_cast<std::uint32_t>(signal), std::memory_order_seq_cst);
  // Whoever finds it asleep or suspended, and only one does, schedules it; a running actor looks at its signals before it
  // lies down.
  if (mailbox_.wake() || suspended_.exchange(false, std::memory_order_seq_cst)) scheduler_.schedule(ActorRef(this));
}

}  // namespace airssys::actor
