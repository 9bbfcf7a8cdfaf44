// On a send: asks the configured actor with the body. On the request "last": tells what became of it; "count": how many
// outcomes came; "cancel": forgets the open request.
#include <airssys/guest.hpp>
using namespace airssys::guest;

struct Requester {
  std::string to = config_or("to", "");
  std::chrono::milliseconds timeout{config_or("timeout_ms", 1000)};
  std::string last = "nothing";
  MessageId open = 0;
  int outcomes = 0;

  Result<Response> handle_message(const Message& message) {
    if (message.is_request()) return asked(message.text());
    const auto sent = request(to, body(message.codec(), message.text()), timeout, message.id());
    if (sent) {
      open = *sent;
      last = "waiting";
    } else {
      last = "not sent: " + std::string(name_of(sent.error().code));
    }
    return done();
  }

  void handle_reply(const Outcome& outcome) {
    ++outcomes;
    if (outcome.id() == open) open = 0;
    last = outcome.ok() ? "ok: " + std::string(outcome.text()) : described(outcome.error());
  }

  Response asked(std::string_view what) {
    if (what == "count") return reply(std::to_string(outcomes));
    if (what == "cancel") return reply(cancel(open) ? "forgotten" : "too late");
    return reply(last);
  }

  static std::string described(const RequestError& error) {
    std::string text = "failed: " + std::string(name_of(error.code));
    if (error.failure) text += " " + std::to_string(error.failure->kind) + " ";
    return text + std::string(error.text());
  }
};
AIRSSYS_ACTOR(Requester)
