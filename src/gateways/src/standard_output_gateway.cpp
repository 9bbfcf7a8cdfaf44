#include "airssys/gateways/standard_output_gateway.hpp"

#include <string>

#include "airssys/core/printable.hpp"

namespace airssys::gateways {

core::Result<core::Response> StandardOutputGateway::handle_message(actor::Turn&, const core::MessageView& message) {
  if (auto written = print(message.text()); !written) {
    // `rejected`, not the error itself: a reader that has gone is no fault of this actor, and a restart would not help.
    return std::unexpected(core::Error(core::ErrorCode::rejected, "gateways", written.error().to_string()));
  }
  return core::done();
}

core::Result<void> StandardOutputGateway::print(std::string_view body) {
  std::string line = form_ == Form::exact ? std::string(body) : core::printable(body, core::LineEnds::kept);
  line += '\n';
  return sink_->write(line);
}

}  // namespace airssys::gateways
