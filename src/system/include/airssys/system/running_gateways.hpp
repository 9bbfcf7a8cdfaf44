#pragma once

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
  static core::Result<std::unique_ptr<RunningGateways>> start(System& system, const Plan& plan, core::LogPort& log, int output);

  /// No source has anything left.
  bool finished() const noexcept;
  /// Takes in no more.
  void stop();
  /// Prints no more: ends a wait for a slow reader. What is not printed yet is rejected.
  void interrupt_output() noexcept;
  /// What the incoming ones have done together.
  gateways::LinesStats stats() const noexcept;
  /// Why the first of those ended that ended before their source did.
  std::optional<core::Error> trouble() const;

 private:
  explicit RunningGateways(int output) : output_(std::make_shared<gateways::DescriptorSink>(output)) {}

  std::shared_ptr<gateways::DescriptorSink> output_;
  std::vector<Client> senders_;
  std::vector<std::unique_ptr<gateways::LinesGateway>> lines_;
};

}  // namespace airssys::system
