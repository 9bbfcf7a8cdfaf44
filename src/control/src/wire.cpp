#include "wire.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "airssys/config/limit_keys.hpp"
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

namespace {

void add_counts(Json& json, const core::ActorCounts& counts) {
  for (const core::ActorCounter& counter : core::kActorCounters) json[std::string(counter.name)] = counts.*counter.value;
}

/// Of a counter that the other end does not know yet it has counted nothing.
core::ActorCounts counts_from(const Json& json) {
  core::ActorCounts counts;
  for (const core::ActorCounter& counter : core::kActorCounters) {
    if (const auto found = json.find(counter.name); found != json.end()) counts.*counter.value = found->get<std::uint64_t>();
  }
  return counts;
}

/// "memory_limit", "turn_cpu_limit_ms".
std::string key_of(const config::LimitKey& limit) {
  return fmt::format("{}_limit{}", limit.name, limit.form == config::LimitForm::duration ? "_ms" : "");
}

void add_limits(Json& json, const core::Limits& limits) {
  const config::LimitsPatch patch = config::as_patch(limits);
  for (const config::LimitKey& limit : config::limit_keys()) {
    if (const auto value = config::get(patch, limit)) json[key_of(limit)] = *value;
  }
}

/// A limit that the other end does not know yet is the product's.
core::Limits limits_from(const Json& json) {
  config::LimitsPatch patch;
  for (const config::LimitKey& limit : config::limit_keys()) {
    if (const auto found = json.find(key_of(limit)); found != json.end())
      config::set(patch, limit, found->get<std::uint64_t>());
  }
  return config::apply(patch, {});
}

}  // namespace

Json json_of(const ActorInfo& actor) {
  Json json{{"address", actor.address},
            {"state", actor.state},
            {"component", actor.component},
            {"profile", actor.profile},
            {"supervisor", actor.supervisor},
            {"mailbox_messages", actor.mailbox_messages},
            {"mailbox_bytes", actor.mailbox_bytes},
            {"memory_bytes", actor.memory_bytes}};
  add_counts(json, actor.counts);
  json["why"] = actor.why;
  json["stopped_ms"] = actor.stopped_ms;
  json["unhandled"] = actor.unhandled;
  add_limits(json, actor.limits);
  return json;
}

ActorInfo actor_from(const Json& json) {
  const auto number = [&](const char* key) { return json.at(key).get<std::uint64_t>(); };
  const auto text = [&](const char* key) { return json.at(key).get<std::string>(); };
  return {.address = text("address"),
          .state = text("state"),
          .component = text("component"),
          .profile = text("profile"),
          .supervisor = text("supervisor"),
          .mailbox_messages = static_cast<std::uint32_t>(number("mailbox_messages")),
          .mailbox_bytes = number("mailbox_bytes"),
          .memory_bytes = number("memory_bytes"),
          .limits = limits_from(json),
          .counts = counts_from(json),
          .why = text("why"),
          .stopped_ms = number("stopped_ms"),
          .unhandled = number("unhandled")};
}

namespace {

Json json_of(const DenialStatus& denial) {
  return {{"verb", denial.verb}, {"target", denial.target}, {"count", denial.count}, {"last_ms", denial.last_ms}};
}

DenialStatus denial_from(const Json& json) {
  return {.verb = json.at("verb").get<std::string>(),
          .target = json.at("target").get<std::string>(),
          .count = json.at("count").get<std::uint64_t>(),
          .last_ms = json.at("last_ms").get<std::uint64_t>()};
}

Json json_of(const TargetStatus& target) {
  return {{"address", target.address},
          {"waiting", target.waiting},
          {"waiting_bytes", target.waiting_bytes},
          {"taken", target.taken},
          {"refused", target.refused}};
}

TargetStatus target_from(const Json& json) {
  const auto number = [&](const char* key) { return json.at(key).get<std::uint64_t>(); };
  return {.address = json.at("address").get<std::string>(),
          .waiting = number("waiting"),
          .waiting_bytes = number("waiting_bytes"),
          .taken = number("taken"),
          .refused = number("refused")};
}

Json json_of(const BooksStatus& books) {
  Json targets = Json::array();
  for (const TargetStatus& target : books.targets) targets.push_back(json_of(target));
  return {{"open_requests", books.open_requests},
          {"answers_owed", books.answers_owed},
          {"timers", books.timers},
          {"targets_known", books.targets_known},
          {"targets", targets}};
}

BooksStatus books_from(const Json& json) {
  const auto number = [&](const char* key) { return json.at(key).get<std::uint64_t>(); };
  BooksStatus books{.open_requests = number("open_requests"),
                    .answers_owed = number("answers_owed"),
                    .timers = number("timers"),
                    .targets_known = number("targets_known")};
  for (const Json& target : json.at("targets")) books.targets.push_back(target_from(target));
  return books;
}

}  // namespace

Json json_of(const ActorDetails& details) {
  Json json = json_of(details.actor);
  json["books"] = details.books ? json_of(*details.books) : Json();
  Json denials = Json::array();
  for (const DenialStatus& denial : details.denials) denials.push_back(json_of(denial));
  json["denials"] = std::move(denials);
  json["last_crash"] = details.last_crash;
  return json;
}

ActorDetails details_from(const Json& json) {
  ActorDetails details{.actor = actor_from(json)};
  if (const Json& books = json.at("books"); !books.is_null()) details.books = books_from(books);
  for (const Json& denial : json.at("denials")) details.denials.push_back(denial_from(denial));
  details.last_crash = json.at("last_crash").get<std::string>();
  return details;
}

Json json_of(const ActorPage& page) {
  Json actors = Json::array();
  for (const ActorInfo& actor : page.actors) actors.push_back(json_of(actor));
  return {{"actors", std::move(actors)}, {"matching", page.matching}};
}

ActorPage page_from(const Json& json) {
  ActorPage page{.actors = {}, .matching = json.at("matching").get<std::uint64_t>()};
  for (const Json& actor : json.at("actors")) page.actors.push_back(actor_from(actor));
  return page;
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

std::string to_json(const core::Payload& payload, core::MessageId id) {
  Json json{{"codec", core::to_string(payload.codec)}};
  add_body(json, payload.text());
  json["id"] = core::to_number(id);
  return dump(json);
}

std::string to_json(const ActorDetails& details) {
  return dump(json_of(details));
}

std::string to_json(const ActorInfo& actor) {
  return dump(json_of(actor));
}

std::string to_json(const SystemStatus& system) {
  return dump(json_of(system));
}

}  // namespace airssys::control
