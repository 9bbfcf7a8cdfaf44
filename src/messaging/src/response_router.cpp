#include "airssys/messaging/response_router.hpp"

#include <memory>
#include <utility>

namespace airssys::messaging {

bool OpenRequest::defer(actor::ActorCell&, core::MessageId) {
  Step step = Step::waiting;
  return state_.compare_exchange_strong(step, Step::deferred, std::memory_order_acq_rel);
}

bool OpenRequest::withdraw(core::MessageId request) {
  const Step before = state_.exchange(Step::closed, std::memory_order_acq_rel);
  if (before == Step::deferred) {
    asked().correspondence().withdraw(request);
    asked().signal(actor::Signal::withdrawn);
  }
  return before == Step::answered;
}

void ResponseRouter::route(OpenRequest& request, actor::EnvelopePtr outcome, actor::ActorCell& author) {
  actor::ActorCell& requester = request.requester();
  if (requester.stopped() || !request.answer()) {
    orphaned(std::move(outcome), author, requester.address());
    return;
  }
  const core::Bytes bytes = outcome->body.size();
  const core::Bytes before = requester.waiting_reply_bytes().fetch_add(bytes, std::memory_order_relaxed);
  // One without a body always fits: others may be adding theirs, to take them back at once.
  if (bytes != 0 && before + bytes > requester.limits().reply_bytes) {
    requester.waiting_reply_bytes().fetch_sub(bytes, std::memory_order_relaxed);
    outcome->body = {};
    outcome->extra = core::make_counted<actor::Extra>(
        core::RequestError{.kind = core::RequestErrorKind::reply_refused, .failure = {}, .text = {}});
    metrics_.reply_refused();
  }
  requester.deliver(std::move(outcome));
}

void ResponseRouter::orphaned(actor::EnvelopePtr outcome, actor::ActorCell& author, const core::Address& requester) {
  metrics_.response_orphaned();
  outcome->author = actor::ActorRef(&author);
  dead_letters_.bury(std::move(outcome), requester, actor::DeadReason::orphaned_reply);
}

}  // namespace airssys::messaging
