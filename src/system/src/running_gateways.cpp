#include "airssys/system/running_gateways.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "airssys/gateways/standard_output_gateway.hpp"

namespace airssys::system {
namespace {

gateways::Spread spread_of(config::Spread spread) {
  switch (spread) {
    case config::Spread::round_robin:
      return gateways::Spread::round_robin;
    case config::Spread::least_loaded:
      return gateways::Spread::least_loaded;
    case config::Spread::hash:
      return gateways::Spread::hash;
  }
  return gateways::Spread::round_robin;
}

gateways::LineKey key_of(const config::GatewayEntry& entry) {
  if (!entry.key) return {};
  if (const auto* field = std::get_if<config::FieldKey>(&*entry.key)) {
    return gateways::FieldKey{.number = field->number, .separator = field->separator};
  }
  return gateways::PointerKey{.pointer = std::get<config::PointerKey>(*entry.key).pointer};
}

gateways::LinesGateway::Options lines_options(System& system, const Plan& plan, const config::GatewayEntry& entry) {
  gateways::LinesGateway::Options options{.path = entry.path,
                                          .targets = {},
                                          .spread = spread_of(entry.spread),
                                          .key = key_of(entry),
                                          .codec = entry.codec,
                                          .line_bytes_max = 0,
                                          .load = [&system](const core::Address& address) -> std::size_t {
                                            const auto info = system.info(address.text());
                                            return info ? info->mailbox_messages : 0;
                                          }};
  const auto add = [&](const core::Address& address, core::Bytes body_bytes) {
    if (!entry.to->matches(address)) return;
    options.targets.push_back(address);
    options.line_bytes_max = std::max(options.line_bytes_max, body_bytes);
  };
  for (const Plan::Actor& actor : plan.actors) add(actor.address, actor.limits.body_bytes);
  for (const config::GatewayEntry& gateway : plan.file.gateways) {
    if (gateway.kind == config::GatewayKind::standard_output) add(gateway.address, core::Limits{}.body_bytes);
  }
  return options;
}

}  // namespace

core::Result<std::unique_ptr<RunningGateways>> RunningGateways::start(System& system, const Plan& plan, core::LogPort& log,
                                                                      int output, const std::function<void()>& on_finished) {
  using Form = gateways::StandardOutputGateway::Form;
  std::unique_ptr<RunningGateways> running(new RunningGateways(output));
  const Form form = isatty(output) == 1 ? Form::printable : Form::exact;
  for (const config::GatewayEntry& entry : plan.file.gateways) {
    if (entry.kind != config::GatewayKind::standard_output) continue;
    AIRSSYS_TRY(system.spawn_native<gateways::StandardOutputGateway>(entry.address, running->output_, form));
  }
  for (const config::GatewayEntry& entry : plan.file.gateways) {
    if (entry.kind != config::GatewayKind::lines) continue;
    AIRSSYS_TRY(Client sender, system.client(entry.address));
    running->senders_.push_back(sender);
    gateways::LinesGateway::Options options = lines_options(system, plan, entry);
    options.on_finished = on_finished;
    AIRSSYS_TRY(auto gateway, gateways::LinesGateway::start(std::move(options), sender.sender(), log));
    running->lines_.push_back(std::move(gateway));
  }
  return running;
}

bool RunningGateways::finished() const noexcept {
  return std::ranges::all_of(lines_, [](const auto& gateway) { return gateway->finished(); }) && output_->flush({});
}

void RunningGateways::stop() {
  for (const auto& gateway : lines_) gateway->stop();
}

bool RunningGateways::flush_output(std::chrono::milliseconds patience) {
  return output_->flush(patience);
}

std::size_t RunningGateways::finish_output(std::chrono::milliseconds patience) {
  return output_->finish(patience);
}

gateways::LinesStats RunningGateways::stats() const noexcept {
  gateways::LinesStats total;
  for (const auto& gateway : lines_) {
    const gateways::LinesStats stats = gateway->stats();
    total.lines += stats.lines;
    total.sent += stats.sent;
    total.bytes += stats.bytes;
    total.refused += stats.refused;
    total.waited += stats.waited;
    total.unkeyed += stats.unkeyed;
  }
  return total;
}

std::optional<core::Error> RunningGateways::trouble() const {
  for (const auto& gateway : lines_) {
    if (auto trouble = gateway->trouble()) return trouble;
  }
  return output_->trouble();
}

}  // namespace airssys::system
