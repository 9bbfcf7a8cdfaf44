#include "airssys/gateways/standard_output_gateway.hpp"

#include <string>

namespace airssys::gateways {

core::Result<core::Response> StandardOutputGateway::handle_message(actor::Turn&, const core::MessageView& message) {
  std::string line(message.text());
  line += '\n';
  if (auto written = sink_->write(line); !written) {
    // `rejected`, not the error itself: a reader that has gone is no fault of this actor, and a restart would not help.
    return std::unexpected(core::Error(core::ErrorCode::rejected, "gateways", written.error().to_string()));
  }
  return core::done();
}

}  // namespace airssys::gateways
