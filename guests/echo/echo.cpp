// Answers every message with its own body, and its own codec.
#include <airssys/guest.hpp>
using namespace airssys::guest;

struct Echo {
  Result<Response> handle_message(const Message& message) { return body(message.codec(), message.text()); }
};
AIRSSYS_ACTOR(Echo)
