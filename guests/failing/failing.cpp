// Returns the failure that the first word names, with the rest as its text; `busy 2` is busy twice, then well. Before that it
// sends the body to the configured actor, who must never see it unless the turn ended well. Its memory counts what came.
#include <airssys/guest.hpp>
using namespace airssys::guest;

struct Failing {
  std::string to = config_or("to", "");
  int seen = 0;
  int refused = 0;

  Result<Response> handle_message(const Message& message) {
    ++seen;
    if (!to.empty()) AIRSSYS_TRY(send(to, raw(message.text())));
    const std::string_view text = message.text();
    const std::string_view word = text.substr(0, text.find(' '));
    const std::string rest(text.substr(std::min(word.size() + 1, text.size())));
    if (word == "rejected") return rejected(rest);
    if (word == "invalid") return invalid(rest);
    if (word == "internal") return internal(rest);
    if (word == "busy") return busy_for(number<int>(rest).value_or(1'000'000));
    return reply(std::to_string(seen));
  }

  Result<Response> busy_for(int times) {
    if (refused++ < times) return busy();
    refused = 0;
    return reply(std::to_string(seen));
  }
};
AIRSSYS_ACTOR(Failing)
