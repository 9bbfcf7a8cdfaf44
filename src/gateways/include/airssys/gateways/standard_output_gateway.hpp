#pragma once

#include <atomic>
#include <memory>
#include <string_view>
#include <utility>

#include "airssys/actor/native_actor.hpp"
#include "airssys/gateways/output_sink.hpp"

namespace airssys::gateways {

/// Hands the body of each message and a line end to a sink. What can't be printed is rejected: a request fails with the reason,
/// a send goes to the dead letters. While the sink has no room it is `busy`, for as long as that takes: its mailbox fills, its
/// senders find no room, and no worker waits for the reader.
class StandardOutputGateway final : public actor::NativeActor {
 public:
  /// How bodies are printed: exactly, or, where people look at them, `core::printable`.
  enum class Form { exact, printable };

  /// Several actors may share a sink.
  explicit StandardOutputGateway(std::shared_ptr<OutputSink> sink, Form form = Form::exact)
      : sink_(std::move(sink)), form_(form) {}

  core::Result<core::Response> handle_message(actor::Turn& turn, const core::MessageView& message) override;
  core::MonotonicTime busy_time_max() const noexcept override { return core::MonotonicTime::max(); }
  /// A body and its line end.
  core::Result<void> print(std::string_view body);

 private:
  std::shared_ptr<OutputSink> sink_;
  Form form_;
  /// Whether the sink is to tell of room. Shared with who tells, who may outlive this.
  std::shared_ptr<std::atomic<bool>> waits_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace airssys::gateways
