#include "desk_calls.hpp"

#include <fmt/format.h>

#include <utility>

#include "airssys/core/quoted.hpp"
#include "wire.hpp"

namespace airssys::control {
namespace {

core::Result<Json> call_send(OperatorDesk& desk, const Json& call) {
  AIRSSYS_TRY(const core::Address to, core::Address::parse(call.at("to").get<std::string>()));
  AIRSSYS_TRY(const core::Payload payload, payload_from(call));
  AIRSSYS_TRY(const core::MessageId id, desk.send(to, payload));
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
  if (op == "stop") {
    AIRSSYS_TRY(desk.stop());
    return Json::object();
  }
  return std::unexpected(core::Error(core::ErrorCode::invalid, "control",
                                     fmt::format("the operator protocol has no operation {}", core::quoted(op))));
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
