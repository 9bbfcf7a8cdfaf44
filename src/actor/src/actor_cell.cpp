#include "airssys/actor/actor_cell.hpp"

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

/// The same for all that this thread makes with these limits, one after the other.
core::IntrusivePtr<const SharedLimits> share(const core::Limits& limits) {
  thread_local core::IntrusivePtr<const SharedLimits> last;
  if (!last || last->values != limits) last = core::make_counted<const SharedLimits>(limits);
  return last;
}

}  // namespace

ActorCell::ActorCell(Options options, std::unique_ptr<Behaviour> behaviour, Scheduler& scheduler)
    : address_(std::move(options.address)),
      number_(options.number),
      limits_(share(options.limits)),
      scheduler_(scheduler),
      behaviour_(std::move(behaviour)),
      config_(options.config.empty() ? nullptr : std::make_unique<const ConfigValues>(std::move(options.config))),
      supervisor_(std::move(options.supervisor)),
      mailbox_(options.limits.mailbox_messages, options.limits.mailbox_bytes),
      history_(options.restart) {}

ActorCell::~ActorCell() = default;

const ConfigValues& ActorCell::config() const noexcept {
  static const ConfigValues none;
  return config_ == nullptr ? none : *config_;
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
