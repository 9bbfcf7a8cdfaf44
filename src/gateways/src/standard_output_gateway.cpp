#include "airssys/gateways/standard_output_gateway.hpp"

#include <string>

#include "airssys/actor/transaction.hpp"
#include "airssys/core/printable.hpp"

namespace airssys::gateways {

core::Result<core::Response> StandardOutputGateway::handle_message(actor::Turn& turn, const core::MessageView& message) {
  auto printed = print(message.text());
  if (printed) return core::done();
  if (printed.error().code() == core::ErrorCode::busy) {
    // Once, though a message that is put off comes again by time, too: what waits must not grow while nobody reads.
    if (!waits_->exchange(true)) {
      sink_->when_room([self = actor::ActorRef(&actor::Transaction::of(turn).cell()), waits = waits_] {
        waits->store(false);
        self->room_available();
      });
    }
    return std::unexpected(std::move(printed).error());
  }
  // `rejected`, not the error itself: a reader that has gone is no fault of this actor, and a restart would not help.
  return std::unexpected(core::Error(core::ErrorCode::rejected, "gateways", printed.error().to_string()));
}

core::Result<void> StandardOutputGateway::print(std::string_view body) {
  std::string line = form_ == Form::exact ? std::string(body) : core::printable(body, core::LineEnds::kept);
  line += '\n';
  return sink_->write(line);
}

}  // namespace airssys::gateways
