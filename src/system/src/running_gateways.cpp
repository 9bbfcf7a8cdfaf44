#include "airssys/system/running_gateways.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "airssys/gateways/standard_output_gateway.hpp"
#include "real_world.hpp"

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
  gateways::LinesGateway::Options options{
      .path = entry.path,
      .targets = {},
      .spread = spread_of(entry.spread),
      .key = key_of(entry),
      .codec = entry.codec,
      .line_bytes_max = 0,
      .load = [&system](const core::Address& address) -> std::size_t {
        const auto info = system.info(address.text());
        return info ? info->mailbox_messages : 0;
      },
      // One that is listed, though it has stopped, can be restarted.
      .may_return = [&system](const core::Address& address) { return system.info(address.text()).has_value(); }};
  const auto add = [&](const core::Address& address, core::Bytes body_bytes) {
    if (!entry.to->matches(address)) return;
    options.targets.push_back(address);
    options.line_bytes_max = std::max(options.line_bytes_max, body_bytes);
  };
  for (const GuestSpec& guest : plan.actors) add(guest.actor.address, guest.actor.limits->body_bytes);
  for (const config::GatewayEntry& gateway : plan.file.gateways) {
    if (gateway.kind == config::GatewayKind::standard_output) add(gateway.address, core::Limits{}.body_bytes);
  }
  return options;
}

core::Result<void> grant_all(System& system, const Plan& plan) {
  for (const config::GrantEntry& entry : plan.file.grants) AIRSSYS_TRY(system.grant(entry.grant));
  for (const config::GatewayEntry& gateway : plan.file.gateways) {
    if (!gateway.to) continue;
    AIRSSYS_TRY(
        system.grant({.from = core::AddressPattern(gateway.address), .to = *gateway.to, .allow = {security::Verb::send}}));
  }
  return {};
}

}  // namespace

RunningGateways::RunningGateways(GatewayOptions options)
    : options_(std::move(options)),
      clock_(std::make_unique<RealClock>()),
      output_(std::make_shared<gateways::DescriptorSink>(options_.output)) {}

core::Result<void> RunningGateways::start_outlets(System& system, const Plan& plan) {
  using Form = gateways::StandardOutputGateway::Form;
  const Form form = isatty(options_.output) == 1 ? Form::printable : Form::exact;
  for (const config::GatewayEntry& entry : plan.file.gateways) {
    if (entry.kind != config::GatewayKind::standard_output) continue;
    AIRSSYS_TRY(system.spawn_native<gateways::StandardOutputGateway>(entry.address, output_, form));
  }
  return {};
}

core::Result<void> RunningGateways::plan_sources(System& system, const Plan& plan) {
  for (const config::GatewayEntry& entry : plan.file.gateways) {
    if (entry.kind != config::GatewayKind::lines) continue;
    AIRSSYS_TRY(Client sender, system.client(entry.address));
    gateways::LinesGateway::Options options = lines_options(system, plan, entry);
    options.patience = options_.patience;
    options.on_finished = options_.on_finished;
    sources_.push_back({.sender = std::move(sender), .options = std::move(options)});
  }
  return {};
}

core::Result<void> RunningGateways::open_sources() {
  for (Source& source : sources_) {
    AIRSSYS_TRY(auto gateway, gateways::LinesGateway::start(source.options, source.sender.sender(), options_.log, *clock_));
    lines_.push_back(std::move(gateway));
  }
  return {};
}

core::Result<std::unique_ptr<RunningGateways>> deploy(System& system, const Plan& plan, GatewayOptions options) {
  AIRSSYS_TRY(grant_all(system, plan));
  // Before the actors: an event that one of them publishes at its start finds its subscribers.
  for (const config::SubscriptionEntry& entry : plan.file.subscriptions) {
    system.subscribe({.topic = entry.topic, .actors = entry.actor, .group = entry.group});
  }
  std::unique_ptr<RunningGateways> gateways(new RunningGateways(std::move(options)));
  AIRSSYS_TRY(gateways->start_outlets(system, plan));
  AIRSSYS_TRY(gateways->plan_sources(system, plan));
  AIRSSYS_TRY(system.spawn_all(plan.actors));
  return gateways;
}

bool RunningGateways::sources_have_ended() const noexcept {
  return std::ranges::all_of(lines_, [](const auto& gateway) { return gateway->finished(); });
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

bool RunningGateways::output_failed() const {
  return output_->trouble().has_value();
}

}  // namespace airssys::system
