#include <airssys/guest.hpp>
#include <map>
#include <string>
using namespace airssys::guest;

struct Counter {
  std::map<std::string, std::uint64_t, std::less<>> counts;

  Result<Response> handle_message(const Message& message) {
    if (message.kind() == Kind::request) {
      const auto found = counts.find(message.text());
      if (found == counts.end()) return rejected("never seen: " + std::string(message.text()));
      return reply(std::to_string(found->second));
    }
    for (std::string_view word : split(message.text(), ' ')) ++counts[std::string(word)];
    return done();
  }
};
AIRSSYS_ACTOR(Counter)
