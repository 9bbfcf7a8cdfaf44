// On "16 1000 text": asks the configured actor 16 times with the text, once more for each reply, and when 1000 replies have
// come tells whoever is configured to hear it.
#include <airssys/guest.hpp>
using namespace airssys::guest;

struct Asker {
  static constexpr std::chrono::minutes kPatience{10};

  std::string to = config_or("to", "");
  std::string report = config_or("report", "");
  std::uint64_t to_ask = 0;
  std::uint64_t to_hear = 0;

  Result<Response> handle_message(const Message& message) {
    std::string_view text = message.text();
    const auto at_once = next_number(text);
    const auto replies = next_number(text);
    if (!at_once || !replies || *at_once > *replies) return invalid("expected how many at once, how many in all, the text");
    to_hear = *replies;
    to_ask = *replies - *at_once;
    for (std::uint64_t i = 0; i < *at_once; ++i) AIRSSYS_TRY(request(to, raw(text), kPatience));
    return done();
  }

  Result<void> handle_reply(const Outcome& outcome) {
    if (!outcome.ok()) return internal("a request got no reply");
    if (--to_hear == 0 && !report.empty()) AIRSSYS_TRY(send(report, raw("done")));
    if (to_ask == 0) return {};
    --to_ask;
    AIRSSYS_TRY(request(to, body(outcome.codec(), outcome.text()), kPatience));
    return {};
  }

  static std::optional<std::uint64_t> next_number(std::string_view& text) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const auto found = number<std::uint64_t>(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    return found;
  }
};
AIRSSYS_ACTOR(Asker)
