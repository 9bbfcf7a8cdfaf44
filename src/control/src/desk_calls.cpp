#include "desk_calls.hpp"

#include <fmt/format.h>

#include <utility>

#include "airssys/core/quoted.hpp"
#include "dead_letter_wire.hpp"
#include "wire.hpp"

namespace airssys::control {
namespace {

core::Error unknown(std::string_view op) {
  return {core::ErrorCode::invalid, "control", fmt::format("the operator protocol has no operation {}", core::quoted(op))};
}

core::Result<Json> call_send(OperatorDesk& desk, const Json& call) {
  AIRSSYS_TRY(const core::Address to, core::Address::parse(call.at("to").get<std::string>()));
  AIRSSYS_TRY(const core::Payload payload, payload_from(call));
  AIRSSYS_TRY(const core::MessageId id, desk.send(to, payload, call.value("key", std::string())));
  return Json{{"id", core::to_number(id)}};
}

core::Result<Json> call_request(OperatorDesk& desk, const Json& call) {
  AIRSSYS_TRY(const core::Address to, core::Address::parse(call.at("to").get<std::string>()));
  AIRSSYS_TRY(const core::Payload payload, payload_from(call));
  const std::chrono::milliseconds timeout(call.at("timeout_ms").get<std::int64_t>());
  AIRSSYS_TRY(const core::Payload reply, desk.request(to, payload, timeout));
  return json_of(reply);
}

core::Result<Json> call_list(OperatorDesk& desk) {
  AIRSSYS_TRY(const std::vector<ActorStatus> actors, desk.list());
  Json rows = Json::array();
  for (const ActorStatus& actor : actors) rows.push_back(json_of(actor));
  return rows;
}

core::Result<Json> call_info(OperatorDesk& desk, const Json& call) {
  AIRSSYS_TRY(const core::Address address, core::Address::parse(call.at("address").get<std::string>()));
  AIRSSYS_TRY(const ActorStatus actor, desk.info(address));
  return json_of(actor);
}

core::Result<Json> call_dead_letter(OperatorDesk& desk, std::uint64_t number) {
  AIRSSYS_TRY(const DeadLetterInFull found, desk.dead_letter(number));
  Json json = json_of(found.letter);
  json["payload"] = json_of(found.payload);
  return json;
}

core::Result<Json> done(core::Result<void> result) {
  AIRSSYS_TRY(std::move(result));
  return Json::object();
}

core::Result<Json> call_dead(OperatorDesk& desk, std::string_view op, const Json& call) {
  if (op == "dead-letters") {
    AIRSSYS_TRY(const DeadLetterList list, desk.dead_letters());
    return json_of(list);
  }
  const auto number = call.at("number").get<std::uint64_t>();
  if (op == "dead-letter") return call_dead_letter(desk, number);
  if (op == "dead-letter-retry") return done(desk.retry_dead_letter(number));
  if (op == "dead-letter-drop") return done(desk.drop_dead_letter(number));
  return std::unexpected(unknown(op));
}

core::Result<Json> call_trace(OperatorDesk& desk, const Json& call) {
  AIRSSYS_TRY(const std::string trace, desk.trace(call.at("id").get<std::string>()));
  return Json::parse(trace);
}

core::Result<Json> dispatch(OperatorDesk& desk, const Json& call) {
  const auto op = call.at("op").get<std::string>();
  if (op == "send") return call_send(desk, call);
  if (op == "request") return call_request(desk, call);
  if (op == "list") return call_list(desk);
  if (op == "info") return call_info(desk, call);
  if (op == "status") {
    AIRSSYS_TRY(const SystemStatus status, desk.status());
    return json_of(status);
  }
  if (op == "trace") return call_trace(desk, call);
  if (op == "stop") return done(desk.stop());
  if (op.starts_with("dead-letter")) return call_dead(desk, op, call);
  return std::unexpected(unknown(op));
}

core::Result<Json> answer(OperatorDesk& desk, std::string_view text) try {
  AIRSSYS_TRY(const Json call, parse_message(text));
  return dispatch(desk, call);
} catch (const Json::exception& problem) {
  return std::unexpected(
      core::Error(core::ErrorCode::invalid, "control", fmt::format("a malformed message: {}", problem.what())));
}

}  // namespace

std::string error_response(const core::Error& error) {
  return dump({{"v", kProtocolVersion}, {"error", json_of(error)}});
}

std::string answer_call(OperatorDesk& desk, std::string_view text) {
  auto result = answer(desk, text);
  if (!result) return error_response(result.error());
  return dump({{"v", kProtocolVersion}, {"ok", std::move(*result)}});
}

}  // namespace airssys::control
