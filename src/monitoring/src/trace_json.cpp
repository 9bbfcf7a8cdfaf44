#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "airssys/monitoring/trace.hpp"

namespace airssys::monitoring {
namespace {

using Json = nlohmann::ordered_json;

std::string span_text(std::uint64_t span) {
  return span == 0 ? std::string() : fmt::format("{:016x}", span);
}

std::uint64_t span_from(const std::string& text) {
  std::uint64_t span = 0;
  std::from_chars(text.data(), text.data() + text.size(), span, 16);
  return span;
}

Json json_of(const TracedTurn& turn) {
  return {{"span", span_text(turn.span)},
          {"parent", span_text(turn.parent_span)},
          {"depth", turn.depth},
          {"actor", turn.actor},
          {"turn", turn.turn},
          {"message", turn.message},
          {"sender", turn.sender},
          {"start_ms", turn.start_ms},
          {"after_ns", turn.after.count()},
          {"took_ns", turn.took.count()},
          {"waited_ns", turn.waited.count()},
          {"outcome", turn.outcome}};
}

TracedTurn turn_from(const Json& json) {
  const auto text = [&](const char* key) { return json.at(key).get<std::string>(); };
  const auto number = [&](const char* key) { return json.at(key).get<std::uint64_t>(); };
  const auto time = [&](const char* key) { return std::chrono::nanoseconds(json.at(key).get<std::int64_t>()); };
  return {.span = span_from(text("span")),
          .parent_span = span_from(text("parent")),
          .depth = json.at("depth").get<std::uint32_t>(),
          .actor = text("actor"),
          .turn = text("turn"),
          .message = number("message"),
          .sender = text("sender"),
          .start_ms = number("start_ms"),
          .after = time("after_ns"),
          .took = time("took_ns"),
          .waited = time("waited_ns"),
          .outcome = text("outcome")};
}

}  // namespace

std::string to_json(const Trace& trace) {
  Json turns = Json::array();
  for (const TracedTurn& turn : trace.turns) turns.push_back(json_of(turn));
  return Json{{"version", 1}, {"trace", trace.id}, {"turns", turns}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string to_json(const std::vector<TraceSummary>& traces) {
  Json rows = Json::array();
  for (const TraceSummary& trace : traces) {
    rows.push_back({{"trace", trace.id},
                    {"turns", trace.turns},
                    {"start_ms", trace.start_ms},
                    {"actor", trace.actor},
                    {"turn", trace.turn},
                    {"message", trace.message},
                    {"sender", trace.sender},
                    {"outcome", trace.outcome}});
  }
  return Json{{"version", 1}, {"traces", rows}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

core::Result<std::vector<TraceSummary>> traces_from_json(std::string_view text) {
  try {
    std::vector<TraceSummary> traces;
    const Json json = Json::parse(text);
    for (const Json& row : json.at("traces")) {
      traces.push_back({.id = row.at("trace").get<std::string>(),
                        .turns = row.at("turns").get<std::uint64_t>(),
                        .start_ms = row.at("start_ms").get<std::uint64_t>(),
                        .actor = row.at("actor").get<std::string>(),
                        .turn = row.at("turn").get<std::string>(),
                        .message = row.at("message").get<std::uint64_t>(),
                        .sender = row.at("sender").get<std::string>(),
                        .outcome = row.at("outcome").get<std::string>()});
    }
    return traces;
  } catch (const Json::exception& problem) {
    return std::unexpected(core::Error(core::ErrorCode::invalid, "monitoring", problem.what()));
  }
}

core::Result<Trace> trace_from_json(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    Trace trace{.id = json.at("trace").get<std::string>(), .turns = {}};
    for (const Json& turn : json.at("turns")) trace.turns.push_back(turn_from(turn));
    return trace;
  } catch (const Json::exception& problem) {
    return std::unexpected(core::Error(core::ErrorCode::invalid, "monitoring", problem.what()));
  }
}

}  // namespace airssys::monitoring
