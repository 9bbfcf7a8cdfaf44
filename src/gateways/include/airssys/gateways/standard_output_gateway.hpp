#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "airssys/actor/native_actor.hpp"
#include "airssys/gateways/output_sink.hpp"

namespace airssys::gateways {

/// Prints the body of each message and a line end. What can't be printed is rejected: a request fails with the reason, a send
/// goes to the dead letters. A reader that is slow holds up the worker which runs this actor.
class StandardOutputGateway final : public actor::NativeActor {
 public:
  /// How bodies are printed: exactly, or, where people look at them, `core::printable`.
  enum class Form { exact, printable };

  /// Several actors may share a sink that stands being called by several threads.
  explicit StandardOutputGateway(std::shared_ptr<OutputSink> sink, Form form = Form::exact)
      : sink_(std::move(sink)), form_(form) {}

  core::Result<core::Response> handle_message(actor::Turn& turn, const core::MessageView& message) override;
  /// A body and its line end.
  core::Result<void> print(std::string_view body);

 private:
  std::shared_ptr<OutputSink> sink_;
  Form form_;
};

}  // namespace airssys::gateways
