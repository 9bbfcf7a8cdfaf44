#include "wire.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "base64.hpp"

namespace airssys::control {
namespace {

core::Error invalid(std::string message) {
  return {core::ErrorCode::invalid, "control", std::move(message)};
}

/// The library's values are built and destroyed level by level; a message needs few.
bool is_too_deep(std::string_view text) {
  constexpr int kLevels = 32;
  int level = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++level > kLevels) return true;
    } else if (c == ']' || c == '}') {
      --level;
    }
  }
  return false;
}

core::ErrorCode code_from(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(core::ErrorCode::io); ++i) {
    const auto code = static_cast<core::ErrorCode>(i);
    if (core::name_of(code) == name) return code;
  }
  return core::ErrorCode::internal;
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
  hex.reserve(2 * bytes.size());
  for (const char byte : bytes) fmt::format_to(std::back_inserter(hex), "{:02x}", static_cast<unsigned char>(byte));
  return hex;
}

}  // namespace

core::Result<Json> parse_message(std::string_view text) {
  if (is_too_deep(text)) return std::unexpected(invalid("a message nested too deeply"));
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.is_object()) return std::unexpected(invalid("a message that is no JSON object"));
  if (json.value("v", Json()) != kProtocolVersion) {
    return std::unexpected(core::Error(core::ErrorCode::incompatible, "control",
                                       fmt::format("the other end speaks another version of the operator protocol than {}: use "
                                                   "the `airssys` that runs the system",
                                                   kProtocolVersion)));
  }
  return json;
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json json_of(const ActorStatus& actor) {
  return {{"address", actor.address},
          {"state", actor.state},
          {"component", actor.component},
          {"profile", actor.profile},
          {"supervisor", actor.supervisor},
          {"mailbox_messages", actor.mailbox_messages},
          {"mailbox_bytes", actor.mailbox_bytes},
          {"memory_bytes", actor.memory_bytes},
          {"handled", actor.handled},
          {"failed", actor.failed},
          {"trapped", actor.trapped},
          {"restarts", actor.restarts},
          {"busy", actor.busy},
          {"sent", actor.sent},
          {"memory_limit", actor.memory_limit},
          {"mailbox_messages_limit", actor.mailbox_messages_limit},
          {"mailbox_bytes_limit", actor.mailbox_bytes_limit},
          {"body_bytes_limit", actor.body_bytes_limit},
          {"turn_cpu_limit_ms", actor.turn_cpu_limit.count()},
          {"turn_wall_limit_ms", actor.turn_wall_limit.count()}};
}

ActorStatus actor_from(const Json& json) {
  const auto number = [&](const char* key) { return json.at(key).get<std::uint64_t>(); };
  const auto text = [&](const char* key) { return json.at(key).get<std::string>(); };
  const auto time = [&](const char* key) { return std::chrono::milliseconds(json.at(key).get<std::int64_t>()); };
  return {.address = text("address"),
          .state = text("state"),
          .component = text("component"),
          .profile = text("profile"),
          .supervisor = text("supervisor"),
          .mailbox_messages = static_cast<std::uint32_t>(number("mailbox_messages")),
          .mailbox_bytes = number("mailbox_bytes"),
          .memory_bytes = number("memory_bytes"),
          .handled = number("handled"),
          .failed = number("failed"),
          .trapped = number("trapped"),
          .restarts = number("restarts"),
          .busy = number("busy"),
          .sent = number("sent"),
          .memory_limit = number("memory_limit"),
          .mailbox_messages_limit = static_cast<std::uint32_t>(number("mailbox_messages_limit")),
          .mailbox_bytes_limit = number("mailbox_bytes_limit"),
          .body_bytes_limit = number("body_bytes_limit"),
          .turn_cpu_limit = time("turn_cpu_limit_ms"),
          .turn_wall_limit = time("turn_wall_limit_ms")};
}

Json json_of(const SystemStatus& system) {
  return {{"name", system.name},
          {"version", system.version},
          {"process", system.process},
          {"actors", system.actors},
          {"messages_waiting", system.messages_waiting},
          {"dead_letters", system.dead_letters},
          {"requests_opened", system.requests_opened},
          {"timeouts", system.timeouts},
          {"idle", system.idle}};
}

SystemStatus system_from(const Json& json) {
  const auto number = [&](const char* key) { return json.at(key).get<std::uint64_t>(); };
  return {.name = json.at("name").get<std::string>(),
          .version = json.at("version").get<std::string>(),
          .process = number("process"),
          .actors = number("actors"),
          .messages_waiting = number("messages_waiting"),
          .dead_letters = number("dead_letters"),
          .requests_opened = number("requests_opened"),
          .timeouts = number("timeouts"),
          .idle = json.at("idle").get<bool>()};
}

Json json_of(const core::Payload& payload) {
  return {{"codec", static_cast<std::uint32_t>(payload.codec)}, {"body", to_base64(payload.text())}};
}

core::Result<core::Payload> payload_from(const Json& json) {
  const auto body = from_base64(json.at("body").get_ref<const std::string&>());
  if (!body) return std::unexpected(invalid("a body that is no base64"));
  return core::Payload{.codec = static_cast<core::Codec>(json.at("codec").get<std::uint32_t>()),
                       .body = core::Body::copy_of(*body)};
}

Json json_of(const core::Error& error) {
  return {{"code", core::name_of(error.code())}, {"message", error.to_string()}};
}

core::Error error_from(const Json& json) {
  return {code_from(json.at("code").get<std::string>()), "control", json.at("message").get<std::string>()};
}

void add_body(Json& json, std::string_view body) {
  if (is_utf8(body)) {
    json["body"] = body;
  } else {
    json["body_hex"] = to_hex(body);
  }
}

std::string to_json(const core::Payload& payload) {
  Json json{{"codec", core::to_string(payload.codec)}};
  add_body(json, payload.text());
  return dump(json);
}

std::string to_json(const ActorStatus& actor) {
  return dump(json_of(actor));
}

std::string to_json(const SystemStatus& system) {
  return dump(json_of(system));
}

}  // namespace airssys::control
