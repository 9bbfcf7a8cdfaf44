#include "airssys/actor/component_behaviour.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "airssys/actor/turn.hpp"
#include "airssys/actor/turn_ports.hpp"
#include "airssys/core/assert.hpp"

namespace airssys::actor {
namespace {

TurnResult trapped() {
  TurnResult result{};
  result.kind = TurnResult::Kind::trapped;
  return result;
}

TurnResult failed(std::string text) {
  TurnResult result{};
  result.kind = TurnResult::Kind::failed;
  result.failure = {core::FailureKind::internal, std::move(text)};
  return result;
}

}  // namespace

ComponentBehaviour::ComponentBehaviour(runtime::StoreManager& stores, Options options)
    : stores_(stores), options_(std::move(options)) {
  // One more than asked for: the first tick may come at once.
  slice_ticks_ = static_cast<std::uint64_t>(std::max<std::int64_t>(1, TurnPorts::first_look(options_.limits) / kTick)) + 1;
}

ComponentBehaviour::~ComponentBehaviour() = default;

TurnResult ComponentBehaviour::start(Turn& turn, const core::Start& start) {
  drop();
  auto instance = stores_.create(options_.component, options_.limits, turn.token(), slice_ticks_);
  if (!instance) {
    if (!instance.error().trap) return failed(instance.error().error.to_string());
    start_trap_ = std::move(instance.error().trap);
    return trapped();
  }
  instance_ = std::move(*instance);
  TurnResult result = instance_->initialize(turn.token(), start, slice_ticks_);
  // Whatever an initialize fails with, the instance is of no use.
  if (result.kind == TurnResult::Kind::failed && result.failure.kind != core::FailureKind::internal) {
    result.failure = {core::FailureKind::internal,
                      std::string(core::name_of(result.failure.kind)) + ": " + result.failure.text};
  }
  return result;
}

TurnResult ComponentBehaviour::handle_message(Turn& turn, const core::MessageView& message) {
  return instance_->handle_message(turn.token(), message, slice_ticks_);
}

TurnResult ComponentBehaviour::handle_reply(Turn& turn, const core::OutcomeView& outcome) {
  return instance_->handle_reply(turn.token(), outcome, slice_ticks_);
}

TurnResult ComponentBehaviour::handle_timer(Turn& turn, const Firing& firing) {
  return instance_->handle_timer(turn.token(), firing.tag, firing.due_ms, firing.missed, slice_ticks_);
}

TurnResult ComponentBehaviour::stop(Turn& turn) {
  if (!options_.component->has(runtime::Export::shutdown)) return {};
  return instance_->stop(turn.token(), slice_ticks_);
}

void ComponentBehaviour::drop() noexcept {
  instance_.reset();
  start_trap_.reset();
}

bool ComponentBehaviour::handles_replies() const noexcept {
  return options_.component->has(runtime::Export::reply_handler);
}

bool ComponentBehaviour::handles_timers() const noexcept {
  return options_.component->has(runtime::Export::timer_handler);
}

bool ComponentBehaviour::accepts(core::Codec codec) const noexcept {
  return options_.accepts.empty() || std::ranges::find(options_.accepts, codec) != options_.accepts.end();
}

std::unique_ptr<Behaviour> ComponentBehaviour::another() const {
  return std::make_unique<ComponentBehaviour>(stores_, options_);
}

std::string ComponentBehaviour::describe() const {
  return options_.component->name() + " " + options_.component->digest().substr(0, 12);
}

std::optional<core::Profile> ComponentBehaviour::profile() const noexcept {
  return options_.component->profile();
}

core::Bytes ComponentBehaviour::memory_bytes() const noexcept {
  return instance_ == nullptr ? 0 : instance_->memory_bytes();
}

core::Result<std::vector<core::SourceLocation>> ComponentBehaviour::locate(std::span<const core::Frame> frames) const {
  return options_.component->locate(frames);
}

const core::Trap* ComponentBehaviour::trap() const noexcept {
  if (start_trap_) return &*start_trap_;
  return instance_ == nullptr ? nullptr : instance_->trap();
}

}  // namespace airssys::actor
