// Starts as its configuration says: well, with a failure, a trap or a loop, always or only the first time. Tells why it was
// started.
#include <airssys/guest.hpp>
using namespace airssys::guest;

struct Starter {
  std::string reason;

  Result<void> initialize(const StartReason& start) {
    reason = start.kind == StartReason::restarted ? "restarted " + std::to_string(start.restarts) : "first";
    std::string mode = config_or("mode", "ok");
    if (mode.ends_with("-first")) {
      if (start.kind != StartReason::first) return {};
      mode.resize(mode.size() - std::string_view("-first").size());
    }
    if (mode == "fail") return internal("told to fail");
    if (mode == "trap") __builtin_trap();
    for (volatile int i = 0; mode == "spin";) i = i + 1;
    return {};
  }

  Result<Response> handle_message(const Message&) { return reply(reason); }
};
AIRSSYS_ACTOR(Starter)
