#include "crash_json.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "airssys/monitoring/crash_store.hpp"

namespace airssys::monitoring {
namespace {

using Json = nlohmann::ordered_json;

std::string to_hex(std::string_view bytes) {
  std::string hex;
  hex.reserve(2 * bytes.size());
  for (const char byte : bytes) fmt::format_to(std::back_inserter(hex), "{:02x}", static_cast<unsigned char>(byte));
  return hex;
}

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    unsigned value = 0;
    std::from_chars(hex.data() + i, hex.data() + i + 2, value, 16);
    bytes.push_back(static_cast<char>(value));
  }
  return bytes;
}

core::TrapKind trap_kind_from(std::string_view name) {
  for (std::uint8_t i = 0; i < core::kTrapKinds; ++i) {
    const auto kind = static_cast<core::TrapKind>(i);
    if (core::name_of(kind) == name) return kind;
  }
  return core::TrapKind::other;
}

Json trap_json(const std::optional<core::Trap>& trap) {
  if (!trap) return nullptr;
  return {{"code", core::name_of(trap->kind)},
          {"message", trap->message},
          {"growth_refused", trap->growth_refused},
          {"memory_bytes", trap->memory_bytes}};
}

std::optional<core::Trap> trap_from(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return core::Trap{.kind = trap_kind_from(json.at("code").get<std::string>()),
                    .message = json.at("message").get<std::string>(),
                    .frames = {},
                    .growth_refused = json.at("growth_refused").get<bool>(),
                    .memory_bytes = json.at("memory_bytes").get<core::Bytes>()};
}

Json stack_json(const std::vector<core::SourceLocation>& stack) {
  Json frames = Json::array();
  for (const auto& frame : stack) {
    frames.push_back({{"function", frame.function}, {"file", frame.file}, {"line", frame.line}});
  }
  return frames;
}

std::vector<core::SourceLocation> stack_from(const Json& json) {
  std::vector<core::SourceLocation> stack;
  for (const Json& frame : json) {
    stack.push_back({.function = frame.at("function").get<std::string>(),
                     .file = frame.at("file").get<std::string>(),
                     .line = frame.at("line").get<std::uint32_t>()});
  }
  return stack;
}

Json message_json(const actor::CrashReport& report) {
  if (report.message_id == 0) return nullptr;
  return {{"id", report.message_id},
          {"sender", report.sender},
          {"codec", report.codec},
          {"bytes", report.body_bytes},
          {"begin_hex", to_hex(report.body_begin)}};
}

void read_message(const Json& json, actor::CrashReport& report) {
  if (json.is_null()) return;
  report.message_id = json.at("id").get<std::uint64_t>();
  report.sender = json.at("sender").get<std::string>();
  report.codec = json.at("codec").get<std::string>();
  report.body_bytes = json.at("bytes").get<std::uint64_t>();
  report.body_begin = from_hex(json.at("begin_hex").get<std::string>());
}

actor::CrashReport report_from(const Json& json) {
  actor::CrashReport report;
  report.time_ms = json.at("time_ms").get<std::uint64_t>();
  report.address = json.at("address").get<std::string>();
  report.component = json.at("component").get<std::string>();
  report.turn = json.at("turn").get<std::string>();
  report.reason = json.at("reason").get<std::string>();
  report.trap = trap_from(json.at("trap"));
  report.stack = stack_from(json.at("stack"));
  read_message(json.at("message"), report);
  report.log = json.at("log").get<std::vector<std::string>>();
  report.memory_bytes = json.at("memory_bytes").get<core::Bytes>();
  report.memory_limit = json.at("memory_limit").get<core::Bytes>();
  report.cpu_limit = std::chrono::milliseconds(json.at("cpu_limit_ms").get<std::int64_t>());
  report.decision = json.at("decision").get<std::string>();
  report.unsaved_before = json.value("unsaved_before", std::uint64_t{0});
  return report;
}

}  // namespace

std::string to_json(const actor::CrashReport& report) {
  const Json json{{"version", 1},
                  {"time_ms", report.time_ms},
                  {"address", report.address},
                  {"component", report.component},
                  {"turn", report.turn},
                  {"reason", report.reason},
                  {"trap", trap_json(report.trap)},
                  {"stack", stack_json(report.stack)},
                  {"message", message_json(report)},
                  {"log", report.log},
                  {"memory_bytes", report.memory_bytes},
                  {"memory_limit", report.memory_limit},
                  {"cpu_limit_ms", report.cpu_limit.count()},
                  {"decision", report.decision},
                  {"unsaved_before", report.unsaved_before}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

core::Result<actor::CrashReport> from_json(std::string_view text) {
  try {
    return report_from(Json::parse(text));
  } catch (const Json::exception& problem) {
    return std::unexpected(core::Error(core::ErrorCode::invalid, "monitoring", problem.what()));
  }
}

}  // namespace airssys::monitoring
