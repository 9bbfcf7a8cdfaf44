// "set <key> <value>", "get <key>", "delete <key>", "keys <prefix>", "usage". It imports get-usage, which has no way to say
// that there is no storage: a host without storage answers 0.
#include <airssys/guest.hpp>
using namespace airssys::guest;

struct StorageUser {
  Result<Response> handle_message(const Message& message) {
    const auto [verb, rest] = cut(message.text());
    const auto [key, value] = cut(rest);
    if (verb == "set") return outcome(storage::set(key, value));
    if (verb == "delete") return outcome(storage::erase(key));
    if (verb == "usage") return reply(std::to_string(storage::usage().bytes));
    if (verb == "keys") return keys(key);
    const auto found = storage::get(key);
    if (!found) return reply(std::string(name_of(found.error().code)));
    return reply(found->value_or("none"));
  }

  Response keys(std::string_view prefix) {
    const auto page = storage::list_keys(prefix);
    if (!page) return reply(std::string(name_of(page.error().code)));
    std::string text;
    for (const std::string& key : page->keys) text += key + "\n";
    return reply(std::move(text));
  }

  template <typename T>
  static Response outcome(const T& result) {
    return reply(result ? "ok" : std::string(name_of(result.error().code)));
  }
  static std::pair<std::string_view, std::string_view> cut(std::string_view text) {
    const std::size_t space = std::min(text.find(' '), text.size());
    return {text.substr(0, space), text.substr(std::min(space + 1, text.size()))};
  }
};
AIRSSYS_ACTOR(StorageUser)
