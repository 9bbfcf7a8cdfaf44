// Arms timer 1 when it starts, counts its firings and sends "tick <count>" to the configured actor. Requests: "count", "arm
// <ms>", "disarm"; all tell the count and how the last arming went.
#include <airssys/guest.hpp>
using namespace airssys::guest;

struct TimerUser {
  std::string to = config_or("to", "");
  std::string armed = "never armed";
  int firings = 0;

  void initialize() {
    const int period = config_or("period_ms", 0);
    arm_in(config_or("delay_ms", 100), period > 0 ? std::optional(std::chrono::milliseconds(period)) : std::nullopt);
  }

  Result<Response> handle_message(const Message& message) {
    const std::string_view text = message.text();
    if (text.starts_with("arm ")) arm_in(number<int>(text.substr(4)).value_or(0), {});
    if (text == "disarm") armed = disarm(1) ? "disarmed" : "was not armed";
    return reply(std::to_string(firings) + ", " + armed);
  }

  Result<void> handle_timer(const Firing& firing) {
    firings += 1 + static_cast<int>(firing.missed);
    if (!to.empty()) AIRSSYS_TRY(send(to, raw("tick " + std::to_string(firings))));
    return {};
  }

  void arm_in(int delay_ms, std::optional<std::chrono::milliseconds> period) {
    const auto result = arm(1, std::chrono::milliseconds(delay_ms), period);
    armed = result ? "armed" : std::string(name_of(result.error().code));
  }
};
AIRSSYS_ACTOR(TimerUser)
