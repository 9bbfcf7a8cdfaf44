#pragma once

#include <memory>
#include <utility>

#include "airssys/actor/native_actor.hpp"
#include "airssys/gateways/output_sink.hpp"

namespace airssys::gateways {

/// Prints the body of each message and a line end. What can't be printed is rejected: a request fails with the reason, a send
/// goes to the dead letters. A reader that is slow holds up the worker which runs this actor.
class StandardOutputGateway final : public actor::NativeActor {
 public:
  /// Several actors may share a sink that stands being called by several threads.
  explicit StandardOutputGateway(std::shared_ptr<OutputSink> sink) : sink_(std::move(sink)) {}

  core::Result<core::Response> handle_message(actor::Turn& turn, const core::MessageView& message) override;

 private:
  std::shared_ptr<OutputSink> sink_;
};

}  // namespace airssys::gateways
