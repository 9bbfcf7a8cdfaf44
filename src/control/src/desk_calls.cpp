#include "desk_calls.hpp"

#include <fmt/format.h>

#include <algorithm>
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

/// An error of a request that was sent says which it was.
core::Result<Json> call_request(OperatorDesk& desk, const Json& call, core::MessageId& id) {
  AIRSSYS_TRY(const core::Address to, core::Address::parse(call.at("to").get<std::string>()));
  AIRSSYS_TRY(const core::Payload payload, payload_from(call));
  const std::chrono::milliseconds timeout(call.at("timeout_ms").get<std::int64_t>());
  RequestResult result = desk.request(to, payload, timeout);
  id = result.id;
  AIRSSYS_TRY(const core::Payload reply, std::move(result.reply));
  Json json = json_of(reply);
  json["id"] = core::to_number(id);
  return json;
}

/// What is asked for, but no more than a page.
std::uint64_t most_of(const Json& call, std::uint64_t page) {
  const auto most = call.value("most", std::uint64_t{0});
  return most == 0 ? page : std::min(most, page);
}

core::Result<Json> call_list(OperatorDesk& desk, const Json& call) {
  AIRSSYS_TRY(const ActorPage page, desk.list({.after = call.value("after", std::string()),
                                               .pattern = call.value("pattern", std::string()),
                                               .most = most_of(call, kActorsPerPage)}));
  return json_of(page);
}

core::Result<Json> call_info(OperatorDesk& desk, const Json& call) {
  AIRSSYS_TRY(const core::Address address, core::Address::parse(call.at("address").get<std::string>()));
  AIRSSYS_TRY(const ActorDetails details, desk.info(address));
  return json_of(details);
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
    AIRSSYS_TRY(const DeadLetterList list, desk.dead_letters({.after = call.value("after", std::uint64_t{0}),
                                                              .most = most_of(call, kDeadLettersPerPage)}));
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

core::Result<Json> call_traces(OperatorDesk& desk, const Json& call) {
  AIRSSYS_TRY(const std::string traces, desk.traces(call.at("most").get<std::uint64_t>()));
  return Json::parse(traces);
}

/// What is ordered of an actor; nothing: no such order.
core::Result<void> (OperatorDesk::* order_of(std::string_view op))(const core::Address&) {
  if (op == "stop-actor") return &OperatorDesk::stop_actor;
  if (op == "restart-actor") return &OperatorDesk::restart_actor;
  return op == "remove-actor" ? &OperatorDesk::remove_actor : nullptr;
}

core::Result<Json> dispatch(OperatorDesk& desk, const Json& call, core::MessageId& request) {
  const auto op = call.at("op").get<std::string>();
  if (op == "send") return call_send(desk, call);
  if (op == "request") return call_request(desk, call, request);
  if (op == "list") return call_list(desk, call);
  if (op == "info") return call_info(desk, call);
  if (op == "status") {
    AIRSSYS_TRY(const SystemStatus status, desk.status());
    return json_of(status);
  }
  if (op == "trace") return call_trace(desk, call);
  if (op == "traces") return call_traces(desk, call);
  if (const auto order = order_of(op)) {
    AIRSSYS_TRY(const core::Address address, core::Address::parse(call.at("address").get<std::string>()));
    return done((desk.*order)(address));
  }
  if (op == "stop") return done(desk.stop());
  if (op.starts_with("dead-letter")) return call_dead(desk, op, call);
  return std::unexpected(unknown(op));
}

core::Result<Json> answer(OperatorDesk& desk, std::string_view text, core::MessageId& request) try {
  AIRSSYS_TRY(const Json call, parse_message(text));
  return dispatch(desk, call, request);
} catch (const Json::exception& problem) {
  return std::unexpected(
      core::Error(core::ErrorCode::invalid, "control", fmt::format("a malformed message: {}", problem.what())));
}

}  // namespace

std::string error_response(const core::Error& error) {
  return dump({{"v", kProtocolVersion}, {"error", json_of(error)}});
}

std::string answer_call(OperatorDesk& desk, std::string_view text) {
  core::MessageId request{};
  auto result = answer(desk, text, request);
  if (!result) {
    Json error = json_of(result.error());
    if (request != core::MessageId{}) error["id"] = core::to_number(request);
    return dump({{"v", kProtocolVersion}, {"error", std::move(error)}});
  }
  return dump({{"v", kProtocolVersion}, {"ok", std::move(*result)}});
}

}  // namespace airssys::control
