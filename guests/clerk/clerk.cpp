#include <airssys/guest.hpp>
#include <map>
#include <string>
#include <vector>
using namespace airssys::guest;
using namespace std::chrono_literals;  // 250ms, 1s

struct Clerk {
  static constexpr std::uint64_t kTick = 1;
  const std::string store = config_or("store", "demo/store/1");
  const std::string watchers = config_or("watchers", "");
  std::map<std::uint64_t, MessageId> waiting;  // Who waits for an answer, by the tag of the request made for it.
  std::uint64_t asked = 0;

  Result<void> initialize() {
    AIRSSYS_TRY(arm(kTick, 1s, 1s));
    return {};
  }

  Result<Response> handle_message(const Message& message) {
    if (message.kind() != Kind::request) return done();
    const std::uint64_t tag = asked + 1;
    const auto sent = request(store, raw(message.text()), 250ms, tag);
    if (!sent && sent.error() == SendError::mailbox_full) return busy();  // The message comes again.
    if (!sent) return rejected("the store is not to be had: " + std::string(name_of(sent.error().code)));
    asked = tag;
    waiting.emplace(tag, message.id());  // The message itself is gone when this returns.
    return later();
  }

  Result<void> handle_reply(const Outcome& outcome) {
    const auto who = waiting.find(outcome.tag());
    if (who == waiting.end()) return {};
    if (outcome.ok()) {
      AIRSSYS_TRY(answer(who->second, raw(outcome.text())));
    } else {
      AIRSSYS_TRY(answer(who->second, rejected("the store: " + why(outcome.error()))));
    }
    waiting.erase(who);  // Last: what was changed before a turn failed stays changed.
    return {};
  }

  static std::string why(const RequestError& error) {
    // The words of who refused or failed. Of a timeout and of a target that is gone there are none: the code says it.
    return std::string(error.text().empty() ? name_of(error.code) : error.text());
  }

  Result<void> handle_timer(const Firing& firing) {
    if (firing.tag != kTick) return {};
    if (firing.missed > 0) log::warn("late", {{"missed", firing.missed}});
    std::vector<std::string_view> targets;
    for (std::string_view watcher : split(watchers, ' ')) targets.push_back(watcher);
    const auto refused = broadcast(targets, raw("asked " + std::to_string(asked) + " times"));
    if (!refused) return failed(refused.error());  // Nobody gets it.
    for (const Refusal& refusal : *refused) {      // These do not, the others do.
      log::info("not told", {{"who", targets[refusal.index]}, {"why", name_of(refusal.error.code)}});
    }
    return {};
  }
};
AIRSSYS_ACTOR(Clerk)
