#include "airssys/actor/native_actor.hpp"

#include <exception>
#include <utility>

namespace airssys::actor {
namespace {

TurnResult failed(core::Failure failure) {
  TurnResult result{};
  result.kind = TurnResult::Kind::failed;
  result.failure = std::move(failure);
  return result;
}

TurnResult to_turn_result(core::Result<core::Response> response) {
  if (!response) return failed(core::failure_of(response.error()));
  TurnResult result{};
  result.response = std::move(*response);
  return result;
}

TurnResult to_turn_result(core::Result<void> done) {
  if (!done) return failed(core::failure_of(done.error()));
  return {};
}

/// Exceptions of the host's own code end here, as the actor's fault.
template <typename Call>
TurnResult guarded(const Call& call) {
  try {
    return to_turn_result(call());
  } catch (const std::exception& thrown) {
    return failed({core::FailureKind::internal, std::string("exception: ") + thrown.what()});
  } catch (...) {
    return failed({core::FailureKind::internal, "an exception that is no std::exception"});
  }
}

}  // namespace

core::Result<void> NativeActor::initialize(Turn&, const core::Start&) {
  return {};
}

core::Result<void> NativeActor::handle_reply(Turn&, const core::OutcomeView&) {
  return {};
}

core::Result<void> NativeActor::handle_timer(Turn&, const Firing&) {
  return {};
}

void NativeActor::stop(Turn&) {}

TurnResult NativeBehaviour::start(Turn& turn, const core::Start& start) {
  TurnResult result = guarded([&]() -> core::Result<void> {
    actor_ = factory_();
    return actor_->initialize(turn, start);
  });
  if (result.kind == TurnResult::Kind::failed) result.failure.kind = core::FailureKind::internal;
  return result;
}

TurnResult NativeBehaviour::handle_message(Turn& turn, const core::MessageView& message) {
  return guarded([&] { return actor_->handle_message(turn, message); });
}

TurnResult NativeBehaviour::handle_reply(Turn& turn, const core::OutcomeView& outcome) {
  return guarded([&] { return actor_->handle_reply(turn, outcome); });
}

TurnResult NativeBehaviour::handle_timer(Turn& turn, const Firing& firing) {
  return guarded([&] { return actor_->handle_timer(turn, firing); });
}

TurnResult NativeBehaviour::stop(Turn& turn) {
  return guarded([&]() -> core::Result<void> {
    actor_->stop(turn);
    return {};
  });
}

}  // namespace airssys::actor
