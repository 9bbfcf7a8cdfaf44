#include <nlohmann/json.hpp>

#include "airssys/config/codec_name.hpp"
#include "airssys/control/control_client.hpp"
#include "airssys/core/actor_counts.hpp"
#include "airssys/core/plural.hpp"
#include "airssys/core/units.hpp"
#include "airssys/prelude.hpp"
#include "connection.hpp"
#include "json_text.hpp"
#include "place.hpp"
#include "reply.hpp"

namespace airssys::cli {
namespace {

using Json = nlohmann::ordered_json;

/// Instead of a codec's name: the multicodec form of a payload, as `airssys dead show --multicodec` writes it.
constexpr std::string_view kSelfDescribing = "multicodec";

struct Letter {
  core::Address to;
  core::Payload payload;
};

/// Nothing: the data begins with it.
core::Result<std::optional<core::Codec>> read_codec(std::string_view name) {
  if (name == kSelfDescribing) return std::nullopt;
  return config::parse_codec(name);
}

core::Result<core::Payload> payload_of(std::optional<core::Codec> codec, std::string_view data) {
  if (codec) return core::Payload{.codec = *codec, .body = core::Body::copy_of(data)};
  AIRSSYS_TRY(const PayloadView view, MulticodecCodec::decode(data));
  return core::Payload{.codec = view.codec, .body = core::Body::copy_of(view.body)};
}

/// What there is to send, checked before anybody is called.
std::expected<Letter, ExitCode> write_letter(const MessageArguments& arguments, Console& console) {
  auto to = core::Address::parse(arguments.address);
  if (!to) return std::unexpected(console.fail(ExitCode::usage, "usage", to.error().to_string()));
  const auto codec = read_codec(arguments.codec);
  if (!codec) return std::unexpected(console.fail(ExitCode::usage, "usage", "--codec: " + codec.error().message()));
  const auto data = read_data(arguments.data, console);
  if (!data) return std::unexpected(data.error());
  auto payload = payload_of(*codec, *data);
  if (!payload) return std::unexpected(console.fail(ExitCode::usage, "usage", payload.error().message()));
  return Letter{.to = std::move(*to), .payload = std::move(*payload)};
}

std::string line_of(std::string_view key, const std::string& value) {
  return fmt::format("{:<11} {}\n", key, value);
}

void add_end(std::string& text, const control::ActorInfo& actor) {
  if (actor.stopped_ms == 0) return;
  text += line_of("why", printable(actor.why));
  text += line_of("when", local_time(actor.stopped_ms));
  text += line_of("unhandled", core::plural(actor.unhandled, "message") + " of others");
}

void add_books(std::string& text, const control::ActorDetails& details) {
  if (!details.books) {
    if (details.actor.stopped_ms == 0) text += line_of("books", "not shown: it is in the middle of a long turn");
    return;
  }
  const control::BooksStatus& books = *details.books;
  text += line_of("requests", fmt::format("{} open, {} owed", books.open_requests, core::plural(books.answers_owed, "answer")));
  text += line_of("timers", std::to_string(books.timers));
  text += line_of("targets", fmt::format("{} known", books.targets_known));
  for (const control::TargetStatus& target : books.targets) {
    text += line_of("", fmt::format("{}: {} sent or tried, {} waiting ({}), {} refused", target.address, target.taken,
                                    target.waiting, human_bytes(target.waiting_bytes), target.refused));
  }
}

/// Behind the counters, of which the last says how many there are.
void add_denials(std::string& text, const control::ActorDetails& details) {
  for (const control::DenialStatus& denial : details.denials) {
    text += line_of("", fmt::format("{} {}: {}, the last at {}", denial.verb, printable(denial.target), denial.count,
                                    local_time(denial.last_ms)));
  }
}

std::string info_text(const control::ActorDetails& details) {
  const control::ActorInfo& actor = details.actor;
  std::string text = line_of("address", actor.address);
  text += line_of("state", actor.state);
  text += line_of("component", printable(actor.component));
  add_end(text, actor);
  if (!actor.profile.empty()) text += line_of("profile", actor.profile);
  text += line_of("supervisor", actor.supervisor.empty() ? "none named" : actor.supervisor);
  text += line_of("mailbox", fmt::format("{} of {}, {} of {}", actor.mailbox_messages,
                                         core::plural(actor.limits.mailbox_messages, "message"),
                                         human_bytes(actor.mailbox_bytes), human_bytes(actor.limits.mailbox_bytes)));
  text += line_of("memory", fmt::format("{} of {}", human_bytes(actor.memory_bytes), human_bytes(actor.limits.memory)));
  text += line_of("body", fmt::format("at most {}", human_bytes(actor.limits.body_bytes)));
  text += line_of("turn", fmt::format("at most {} CPU, {} in all", core::duration_to_string(actor.limits.turn_cpu),
                                      core::duration_to_string(actor.limits.turn_wall)));
  for (const core::ActorCounter& counter : core::kActorCounters) {
    text += line_of(counter.name, fmt::format("{} {}", core::plural(actor.counts.*counter.value, counter.unit), counter.what));
  }
  add_denials(text, details);
  if (!details.last_crash.empty()) text += line_of("last crash", fmt::format("airssys crash show {}", details.last_crash));
  add_books(text, details);
  return text;
}

Table list_table() {
  using Align = Table::Align;
  return Table({{"ADDRESS", Align::left},
                {"STATE", Align::left},
                {"MAILBOX", Align::right},
                {"HANDLED", Align::right},
                {"RESTARTS", Align::right},
                {"MEMORY", Align::right},
                {"COMPONENT", Align::left}});
}

void add_row(Table& table, const control::ActorInfo& actor) {
  table.add({actor.address, actor.state, std::to_string(actor.mailbox_messages), std::to_string(actor.counts.handled),
             std::to_string(actor.counts.restarts), human_bytes(actor.memory_bytes), printable(actor.component)});
}

/// Hands `show` each page of what there is to list, in order. Returns how many were left out by the limit.
template <typename Show>
core::Result<std::uint64_t> for_each_page(control::ControlClient& client, const ListArguments& arguments, const Show& show) {
  control::ActorQuery query{.after = {}, .pattern = arguments.pattern, .most = 0};
  std::uint64_t shown = 0;
  while (true) {
    query.most = arguments.limit == 0 ? control::kActorsPerPage : std::min(control::kActorsPerPage, arguments.limit - shown);
    AIRSSYS_TRY(const control::ActorPage page, client.list(query));
    show(page.actors);
    shown += page.actors.size();
    const std::uint64_t left = page.matching - std::min<std::uint64_t>(page.matching, page.actors.size());
    if (page.actors.empty() || left == 0 || shown == arguments.limit) return left;
    query.after = page.actors.back().address;
  }
}

core::Result<std::uint64_t> print_list(control::ControlClient& client, const ListArguments& arguments, Console& console) {
  Table table = list_table();
  bool is_empty = true;
  auto left = for_each_page(client, arguments, [&](const std::vector<control::ActorInfo>& actors) {
    if (actors.empty()) return;
    for (const control::ActorInfo& actor : actors) add_row(table, actor);
    console.print(table.next_part());
    is_empty = false;
  });
  if (left && is_empty) console.note(arguments.pattern.empty() ? "no actors" : "no actor matches " + arguments.pattern);
  return left;
}

/// All of it at the end: so it is whole, or an error.
core::Result<std::uint64_t> print_list_json(control::ControlClient& client, const ListArguments& arguments, Console& console) {
  std::string rows;
  AIRSSYS_TRY(const std::uint64_t left, for_each_page(client, arguments, [&](const std::vector<control::ActorInfo>& actors) {
                for (const control::ActorInfo& actor : actors) rows += (rows.empty() ? "" : ",") + control::to_json(actor);
              }));
  console.print_json("[" + rows + "]");
  return left;
}

using Order = core::Result<void> (control::ControlClient::*)(const core::Address&);

/// What an order does, in a word for programs, and what it means, for people.
struct Done {
  std::string_view word;
  std::string_view meaning;
};

ExitCode give_order(const Place& place, const std::string& address, Order order, const Done& done, Console& console) {
  const auto parsed = core::Address::parse(address);
  if (!parsed) return console.fail(ExitCode::usage, "usage", parsed.error().to_string());
  const auto client = connect(place, console);
  if (!client) return client.error();
  const auto given = ((**client).*order)(*parsed);
  if (!given) return console.fail(ExitCode::general, given.error());
  if (console.json()) {
    console.print_json(json_text({{"address", parsed->text()}, {"ordered", done.word}}));
  } else {
    console.note(fmt::format("{}: {}{}", parsed->text(), done.word, done.meaning));
  }
  return ExitCode::ok;
}

}  // namespace

ExitCode send_message(const MessageArguments& arguments, Console& console) {
  const auto letter = write_letter(arguments, console);
  if (!letter) return letter.error();
  const auto client = connect(arguments.place, console);
  if (!client) return client.error();
  const auto id = (*client)->send(letter->to, letter->payload, arguments.key);
  if (!id) return console.fail(ExitCode::general, id.error());
  const std::uint64_t number = core::to_number(*id);
  if (console.json()) {
    console.print_json(json_text({{"id", number}}));
  } else {
    console.print(fmt::format("{}\n", number));
  }
  return ExitCode::ok;
}

ExitCode request_reply(const MessageArguments& arguments, Console& console) {
  const auto letter = write_letter(arguments, console);
  if (!letter) return letter.error();
  const auto client = connect(arguments.place, console);
  if (!client) return client.error();
  const control::RequestResult result = (*client)->request(letter->to, letter->payload, arguments.timeout);
  if (!result.reply) return console.fail_request(result.reply.error(), result.id);
  print_reply(*result.reply, result.id, console);
  return ExitCode::ok;
}

ExitCode list_actors(const ListArguments& arguments, Console& console) {
  if (!arguments.pattern.empty()) {
    const auto pattern = core::AddressPattern::parse(arguments.pattern);
    if (!pattern) return console.fail(ExitCode::usage, "usage", pattern.error().to_string());
  }
  const auto client = connect(arguments.place, console);
  if (!client) return client.error();
  const auto left = console.json() ? print_list_json(**client, arguments, console) : print_list(**client, arguments, console);
  if (!left) return console.fail(ExitCode::general, left.error());
  if (*left > 0) console.note(fmt::format("{} more: raise --limit to see them", *left));
  return ExitCode::ok;
}

ExitCode show_actor(const Place& place, const std::string& address, Console& console) {
  const auto parsed = core::Address::parse(address);
  if (!parsed) return console.fail(ExitCode::usage, "usage", parsed.error().to_string());
  const auto client = connect(place, console);
  if (!client) return client.error();
  const auto details = (*client)->info(*parsed);
  if (!details) return console.fail(ExitCode::general, details.error());
  if (console.json()) {
    console.print_json(control::to_json(*details));
  } else {
    console.print(info_text(*details));
  }
  return ExitCode::ok;
}

ExitCode stop_actor(const Place& place, const std::string& address, Console& console) {
  return give_order(place, address, &control::ControlClient::stop_actor, {"stops", "; `airssys restart` starts it again"},
                    console);
}

ExitCode restart_actor(const Place& place, const std::string& address, Console& console) {
  return give_order(place, address, &control::ControlClient::restart_actor, {"restarts", ""}, console);
}

ExitCode remove_actor(const Place& place, const std::string& address, Console& console) {
  return give_order(place, address, &control::ControlClient::remove_actor,
                    {"is forgotten", " for good: `airssys restart` can't bring it back, only the next start of the system"},
                    console);
}

}  // namespace airssys::cli
