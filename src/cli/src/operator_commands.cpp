#include <nlohmann/json.hpp>

#include "airssys/config/codec_name.hpp"
#include "airssys/control/control_client.hpp"
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

std::string info_text(const control::ActorStatus& actor) {
  const auto line = [](std::string_view key, const std::string& value) { return fmt::format("{:<11} {}\n", key, value); };
  std::string text = line("address", actor.address);
  text += line("state", actor.state);
  text += line("component", printable(actor.component));
  if (!actor.profile.empty()) text += line("profile", actor.profile);
  text += line("supervisor", actor.supervisor.empty() ? "none named" : actor.supervisor);
  text += line("mailbox", fmt::format("{} of {} messages, {} of {}", actor.mailbox_messages, actor.mailbox_messages_limit,
                                      human_bytes(actor.mailbox_bytes), human_bytes(actor.mailbox_bytes_limit)));
  text += line("memory", fmt::format("{} of {}", human_bytes(actor.memory_bytes), human_bytes(actor.memory_limit)));
  text += line("body", fmt::format("at most {}", human_bytes(actor.body_bytes_limit)));
  text += line("turn", fmt::format("at most {} CPU, {} in all", core::duration_to_string(actor.turn_cpu_limit),
                                   core::duration_to_string(actor.turn_wall_limit)));
  text += line("turns", fmt::format("{} done, {} failed, {} busy and tried again", actor.handled, actor.failed, actor.busy));
  text += line("crashes", fmt::format("{}, {} restarts", actor.trapped, actor.restarts));
  text += line("sent", fmt::format("{} messages", actor.sent));
  return text;
}

std::string list_text(const std::vector<control::ActorStatus>& actors) {
  using Align = Table::Align;
  Table table({{"ADDRESS", Align::left},
               {"STATE", Align::left},
               {"MAILBOX", Align::right},
               {"HANDLED", Align::right},
               {"RESTARTS", Align::right},
               {"MEMORY", Align::right},
               {"COMPONENT", Align::left}});
  for (const control::ActorStatus& actor : actors) {
    table.add({actor.address, actor.state, std::to_string(actor.mailbox_messages), std::to_string(actor.handled),
               std::to_string(actor.restarts), human_bytes(actor.memory_bytes), printable(actor.component)});
  }
  return table.text();
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
  const auto reply = (*client)->request(letter->to, letter->payload, arguments.timeout);
  if (!reply) return console.fail(ExitCode::general, reply.error());
  print_reply(*reply, console);
  return ExitCode::ok;
}

ExitCode list_actors(const Place& place, Console& console) {
  const auto client = connect(place, console);
  if (!client) return client.error();
  const auto actors = (*client)->list();
  if (!actors) return console.fail(ExitCode::general, actors.error());
  if (!console.json()) {
    console.print(list_text(*actors));
    return ExitCode::ok;
  }
  Json rows = Json::array();
  for (const control::ActorStatus& actor : *actors) rows.push_back(Json::parse(control::to_json(actor)));
  console.print_json(json_text(rows));
  return ExitCode::ok;
}

ExitCode show_actor(const Place& place, const std::string& address, Console& console) {
  const auto parsed = core::Address::parse(address);
  if (!parsed) return console.fail(ExitCode::usage, "usage", parsed.error().to_string());
  const auto client = connect(place, console);
  if (!client) return client.error();
  const auto actor = (*client)->info(*parsed);
  if (!actor) return console.fail(ExitCode::general, actor.error());
  if (console.json()) {
    console.print_json(control::to_json(*actor));
  } else {
    console.print(info_text(*actor));
  }
  return ExitCode::ok;
}

}  // namespace airssys::cli
