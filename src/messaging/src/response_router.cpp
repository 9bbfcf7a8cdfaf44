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

actor::ReplySlot::Destination ResponseRouter::route(OpenRequest& request, actor::Envelope& outcome) {
  using Way = actor::ReplySlot::Way;
  actor::ActorCell& requester = request.requester();
  if (requester.stopped() || !request.answer()) {
    metrics_.response_orphaned();
    return {.requester = &requester, .way = Way::orphan};
  }
  const core::Bytes bytes = outcome.body.size();
  const core::Bytes before = requester.waiting_reply_bytes().fetch_add(bytes, std::memory_order_relaxed);
  // One without a body always fits: others may be adding theirs, to take them back at once.
  if (bytes != 0 && before + bytes > requester.limits().reply_bytes) {
    requester.waiting_reply_bytes().fetch_sub(bytes, std::memory_order_relaxed);
    outcome.body = {};
    outcome.extra = core::make_counted<actor::Extra>(
        core::RequestError{.kind = core::RequestErrorKind::reply_refused, .failure = {}, .text = {}});
    metrics_.reply_refused();
  }
  return {.requester = &requester, .way = Way::mailbox};
}

}  // namespace airssys::messaging
