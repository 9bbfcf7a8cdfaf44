#include <memory>
#include <nlohmann/json.hpp>

#include "airssys/control/control_client.hpp"
#include "airssys/control/control_server.hpp"
#include "airssys/core/units.hpp"
#include "place.hpp"

namespace airssys::cli {
namespace {

using Json = nlohmann::ordered_json;
using Connected = std::expected<std::unique_ptr<control::ControlClient>, ExitCode>;

Connected connect(const Place& place, Console& console) {
  const auto data = find_data(place, console);
  if (!data) return std::unexpected(data.error());
  auto client = control::ControlClient::connect(*data / control::kSocketName);
  if (client) return std::move(*client);
  const bool foreign = client.error().code() == core::ErrorCode::denied;
  return std::unexpected(console.fail(foreign ? ExitCode::authentication : ExitCode::network, client.error()));
}

struct Letter {
  core::Address to;
  core::Payload payload;
};

/// What there is to send, checked before anybody is called.
std::expected<Letter, ExitCode> write_letter(const MessageArguments& arguments, Console& console) {
  auto to = core::Address::parse(arguments.address);
  if (!to) return std::unexpected(console.fail(ExitCode::usage, "usage", to.error().to_string()));
  const auto codec = core::codec_from_name(arguments.codec);
  if (!codec) {
    return std::unexpected(console.fail(ExitCode::usage, "usage",
                                        fmt::format("unknown codec \"{}\"; expected raw, json, cbor, messagepack, protobuf, "
                                                    "dag-cbor, dag-json, identity or a multicodec number like 0x55",
                                                    printable(arguments.codec))));
  }
  auto data = read_data(arguments.data, console);
  if (!data) return std::unexpected(data.error());
  return Letter{.to = std::move(*to), .payload = {.codec = *codec, .body = core::Body::copy_of(*data)}};
}

bool is_utf8(std::string_view text) {
  try {
    std::ignore = Json(text).dump();
    return true;
  } catch (const Json::exception&) {
    return false;
  }
}

std::string to_hex(std::string_view bytes) {
  std::string hex;
  for (const char byte : bytes) hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return hex;
}

void print_reply(const core::Payload& reply, Console& console) {
  if (console.json()) {
    Json report{{"codec", core::to_string(reply.codec)}};
    if (is_utf8(reply.text())) {
      report["body"] = reply.text();
    } else {
      report["body_hex"] = to_hex(reply.text());
    }
    return console.print(report.dump() + "\n");
  }
  console.print(reply.text());
  if (console.output_is_terminal() && !reply.text().ends_with('\n')) console.print("\n");
}

std::string info_text(const control::ActorStatus& actor) {
  const auto line = [](std::string_view key, const std::string& value) { return fmt::format("{:<11} {}\n", key, value); };
  std::string text = line("address", actor.address);
  text += line("state", actor.state);
  text += line("component", printable(actor.component));
  text += line("supervisor", actor.supervisor.empty() ? "(root)" : actor.supervisor);
  text += line("mailbox", fmt::format("{} of {} messages, {} of {}", actor.mailbox_messages, actor.mailbox_messages_limit,
                                      human_bytes(actor.mailbox_bytes), human_bytes(actor.mailbox_bytes_limit)));
  text += line("memory", fmt::format("{} of {}", human_bytes(actor.memory_bytes), human_bytes(actor.memory_limit)));
  text += line("body", fmt::format("at most {}", human_bytes(actor.body_bytes_limit)));
  text += line("turn", fmt::format("at most {} CPU, {} in all", core::duration_to_string(actor.turn_cpu_limit),
                                   core::duration_to_string(actor.turn_wall_limit)));
  text += line("turns", fmt::format("{} done, {} failed, {} put off", actor.handled, actor.failed, actor.busy));
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
  const auto id = (*client)->send(letter->to, letter->payload);
  if (!id) return console.fail(ExitCode::general, id.error());
  if (console.json()) console.print(Json{{"id", core::to_number(*id)}}.dump() + "\n");
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
  console.print(rows.dump() + "\n");
  return ExitCode::ok;
}

ExitCode show_actor(const Place& place, const std::string& address, Console& console) {
  const auto parsed = core::Address::parse(address);
  if (!parsed) return console.fail(ExitCode::usage, "usage", parsed.error().to_string());
  const auto client = connect(place, console);
  if (!client) return client.error();
  const auto actor = (*client)->info(*parsed);
  if (!actor) return console.fail(ExitCode::general, actor.error());
  console.print(console.json() ? control::to_json(*actor) + "\n" : info_text(*actor));
  return ExitCode::ok;
}

}  // namespace airssys::cli
