#pragma once

#include "airssys/core/ports/config_port.hpp"
#include "airssys/core/ports/context_port.hpp"
#include "airssys/core/ports/messaging_port.hpp"
#include "airssys/core/ports/timer_port.hpp"
#include "airssys/core/ports/turn_log_port.hpp"

namespace airssys::core {

/// Everything that serves a guest's imports, plugged in by `system`. Borrowed: outlives every instance.
struct HostPorts {
  MessagingPort& messaging;
  ContextPort& context;
  TimerPort& timers;
  TurnLogPort& log;
  ConfigPort& config;
  BudgetPort& budget;
};

}  // namespace airssys::core
