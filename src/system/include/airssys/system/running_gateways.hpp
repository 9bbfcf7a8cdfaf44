#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "airssys/gateways/lines_gateway.hpp"
#include "airssys/gateways/output_sink.hpp"
#include "airssys/system/deployment.hpp"
#include "airssys/system/system.hpp"

namespace airssys::system {

/// The gateways of a deployed plan. Any thread.
class RunningGateways {
 public:
  /// First the outgoing ones, then the incoming ones, so that whatever comes in can go out. After `deploy`. `system`
  /// and `log` are borrowed and outlive this. `output`: the file descriptor that standard-output gateways print to.
  /// `on_finished`: called when a source has come to its end, on a thread that must not be blocked; may be empty.
  static core::Result<std::unique_ptr<RunningGateways>> start(System& system, const Plan& plan, core::LogPort& log, int output,
                                                              const std::function<void()>& on_finished = {});

  /// No source has anything left, nor has standard output anything to write.
  bool finished() const noexcept;
  /// Takes in no more.
  void stop();
  /// Waits until nothing that was taken for standard output is left to write. False: the time is over.
  bool flush_output(std::chrono::milliseconds patience);
  /// The same; then nothing more is taken, and what comes is rejected. Returns how many bytes of what was taken are lost.
  std::size_t finish_output(std::chrono::milliseconds patience);
  /// What the incoming ones have done together.
  gateways::LinesStats stats() const noexcept;
  /// Why the first of the incoming ones ended that ended before its source did, or why nothing can be printed any more.
  std::optional<core::Error> trouble() const;

 private:
  explicit RunningGateways(int output) : output_(std::make_shared<gateways::DescriptorSink>(output)) {}

  std::shared_ptr<gateways::DescriptorSink> output_;
  std::vector<Client> senders_;
  std::vector<std::unique_ptr<gateways::LinesGateway>> lines_;
};

}  // namespace airssys::system
