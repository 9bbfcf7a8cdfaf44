// Answers a request later: passes the question on to the configured actor and, when that has answered, passes on the answer.
#include <airssys/guest.hpp>
using namespace airssys::guest;

struct Deferred {
  std::string to = config_or("to", "");
  std::chrono::milliseconds timeout{config_or("timeout_ms", 1000)};

  Result<Response> handle_message(const Message& message) {
    if (!message.is_request()) return done();
    AIRSSYS_TRY(request(to, body(message.codec(), message.text()), timeout, message.id()));
    return later();
  }

  Result<void> handle_reply(const Outcome& outcome) {
    AIRSSYS_TRY(answer(outcome.tag(), outcome));
    return {};
  }
};
AIRSSYS_ACTOR(Deferred)
