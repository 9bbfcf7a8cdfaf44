// "publish <topic> <text>", "subscribe <pattern>", "unsubscribe <pattern>", "seen": the events so far, one `topic text` a line.
#include <airssys/guest.hpp>
using namespace airssys::guest;

struct TopicUser {
  std::string seen;

  Result<Response> handle_message(const Message& message) {
    if (message.kind() == Kind::event) {
      seen += std::string(message.topic()) + " " + std::string(message.text()) + "\n";
      return done();
    }
    const auto [verb, rest] = cut(message.text());
    if (verb == "seen") return reply(seen);
    if (verb == "unsubscribe") return reply(unsubscribe(rest) ? "ok" : "was not subscribed");
    if (verb == "subscribe") return reply(outcome(subscribe(rest)));
    const auto [topic, text] = cut(rest);
    return reply(outcome(publish(topic, raw(text))));
  }

  static std::string outcome(const SendResult<void>& result) {
    return result ? "ok" : std::string(name_of(result.error().code));
  }
  static std::pair<std::string_view, std::string_view> cut(std::string_view text) {
    const std::size_t space = std::min(text.find(' '), text.size());
    return {text.substr(0, space), text.substr(std::min(space + 1, text.size()))};
  }
};
AIRSSYS_ACTOR(TopicUser)
