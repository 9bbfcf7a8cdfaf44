// On "100": sends a hundred messages, numbered from 0, to the configured actor in one turn. On "100 1024": of so many bytes.
// Tells how many were accepted and why the first was not. A "!" in front: fails then, so that none of them may arrive.
#include <airssys/guest.hpp>
using namespace airssys::guest;

struct Chatty {
  std::string to = config_or("to", "");

  Result<Response> handle_message(const Message& message) {
    std::string_view text = message.text();
    const bool then_fail = text.starts_with('!');
    if (then_fail) text.remove_prefix(1);
    const std::size_t space = std::min(text.find(' '), text.size());
    const auto count = number<int>(text.substr(0, space));
    const auto size = number<std::size_t>(text.substr(std::min(space + 1, text.size()))).value_or(0);
    if (!count) return invalid("expected a count, perhaps a size: " + std::string(text));
    std::string report = send_many(*count, size);
    if (then_fail) return rejected(std::move(report));
    return reply(std::move(report));
  }

  std::string send_many(int count, std::size_t size) {
    for (int i = 0; i < count; ++i) {
      std::string numbered = std::to_string(i);
      if (size > numbered.size()) numbered.resize(size, ' ');
      if (const auto sent = send(to, raw(numbered)); !sent) {
        return std::to_string(i) + " sent, then " + std::string(name_of(sent.error().code));
      }
    }
    return std::to_string(count) + " sent";
  }
};
AIRSSYS_ACTOR(Chatty)
