#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "airssys/core/ports/log_port.hpp"
#include "airssys/gateways/lines_gateway.hpp"
#include "airssys/gateways/output_sink.hpp"
#include "airssys/system/deployment.hpp"
#include "airssys/system/system.hpp"

namespace airssys::system {

/// How the gateways of a plan run.
struct GatewayOptions {
  core::LogPort& log;  ///< Borrowed, outlives them.
  int output = 1;      ///< The file descriptor that standard-output gateways print to.
  /// How long a line waits for one of its targets to be restarted while all of them have stopped.
  std::chrono::milliseconds patience = gateways::LinesGateway::Options{}.patience;
  /// Called when a source has come to its end, on a thread that must not be blocked; may be empty.
  std::function<void()> on_finished{};
};

/// The gateways of a deployed plan. Any thread.
class RunningGateways {
 public:
  /// Begins to take in what comes, once. Until then nothing is read. `system` is that of `deploy`.
  core::Result<void> open_sources();

  /// No source has anything left, and what they had is in mailboxes.
  bool sources_have_ended() const noexcept;
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
  /// Nothing can be printed any more, and `trouble` says why if no source has any.
  bool output_failed() const;

 private:
  friend core::Result<std::unique_ptr<RunningGateways>> deploy(System& system, const Plan& plan, GatewayOptions options);

  /// A source that is not open yet.
  struct Source {
    Client sender;
    gateways::LinesGateway::Options options;
  };
  explicit RunningGateways(GatewayOptions options);
  core::Result<void> start_outlets(System& system, const Plan& plan);
  core::Result<void> plan_sources(System& system, const Plan& plan);

  GatewayOptions options_;
  std::unique_ptr<core::ClockPort> clock_;
  std::shared_ptr<gateways::DescriptorSink> output_;
  std::vector<Source> sources_;
  std::vector<std::unique_ptr<gateways::LinesGateway>> lines_;
};

/// Starts what the plan says, in the order in which nothing is lost: grants and subscriptions, then what takes output, then the
/// actors. What comes in waits for `open_sources`. The first thing that fails is the error. `system` is borrowed and outlives
/// what is returned.
core::Result<std::unique_ptr<RunningGateways>> deploy(System& system, const Plan& plan, GatewayOptions options);

}  // namespace airssys::system
