// Sends each message's body on to the configured actor; its own answer is empty.
#include <airssys/guest.hpp>
using namespace airssys::guest;

struct Forwarder {
  std::string to = config_or("to", "");

  Result<Response> handle_message(const Message& message) {
    if (!to.empty()) AIRSSYS_TRY(send(to, body(message.codec(), message.text())));
    return done();
  }
};
AIRSSYS_ACTOR(Forwarder)
