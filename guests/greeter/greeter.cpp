// Says "hello" to the configured actor when it starts, and "goodbye" when it stops; logs what was refused.
#include <airssys/guest.hpp>
using namespace airssys::guest;

struct Greeter {
  std::string to = config_or("to", "");

  void initialize() { say("hello"); }
  Result<Response> handle_message(const Message&) { return done(); }
  void stop() { say("goodbye"); }

  void say(std::string_view word) {
    if (const auto sent = send(to, raw(word)); !sent)
      log::warn(std::string(word) + " was refused: " + std::string(name_of(sent.error().code)));
  }
};
AIRSSYS_ACTOR(Greeter)
