#include "airssys/control/control_client.hpp"

#include <fmt/format.h>

#include <utility>

#include "airssys/control/control_server.hpp"
#include "airssys/core/units.hpp"
#include "dead_letter_wire.hpp"
#include "unix_socket.hpp"
#include "wire.hpp"

namespace airssys::control {
namespace {

/// For the way of an outcome that is due at the very end of a request's time.
constexpr std::chrono::milliseconds kWay{250};

core::Error no_answer(std::chrono::milliseconds patience) {
  return {
      core::ErrorCode::timeout, "control",
      fmt::format("the running system did not answer within {}: it may be stopped, or too busy; whether it acted is unknown",
                  core::duration_to_string(patience))};
}

core::Error malformed(const char* why) {
  return {core::ErrorCode::incompatible, "control",
          fmt::format("the running system gave a response that makes no sense: {}", why)};
}

/// Calls `read` on the response, whose shape is the other end's word.
template <typename Read>
auto read_response(const core::Result<Json>& response, Read read) -> core::Result<decltype(read(*response))> try {
  if (!response) return std::unexpected(response.error());
  return read(*response);
} catch (const Json::exception& problem) {
  return std::unexpected(malformed(problem.what()));
}

/// The same for a `read` that may have something against the response itself.
template <typename Read>
auto read_checked(const core::Result<Json>& response, Read read) -> decltype(read(*response)) try {
  if (!response) return std::unexpected(response.error());
  return read(*response);
} catch (const Json::exception& problem) {
  return std::unexpected(malformed(problem.what()));
}

core::Error too_large(std::size_t bytes) {
  return {core::ErrorCode::too_large, "control",
          fmt::format("a message of {} bytes is more than the operator's socket takes ({} with its encoding)", bytes,
                      ControlServer::kMostFrameBytes)};
}

Json call_of(std::string_view op, std::uint64_t number) {
  return {{"v", kProtocolVersion}, {"op", op}, {"number", number}};
}

core::Result<Json> message_of(std::string_view op, const core::Address& to, const core::Payload& payload) {
  if (payload.body.size() > ControlServer::kMostFrameBytes) return std::unexpected(too_large(payload.body.size()));
  Json call{{"v", kProtocolVersion}, {"op", op}, {"to", to.text()}};
  call.update(json_of(payload));
  return call;
}

/// Of the request that a response is about; 0: it says none.
core::MessageId id_in(const Json& response) {
  const auto id_of = [](const Json& part) { return part.is_object() ? part.value("id", std::uint64_t{0}) : 0; };
  try {
    return core::MessageId{id_of(response.value(response.contains("error") ? "error" : "ok", Json()))};
  } catch (const Json::exception&) {
    return {};
  }
}

}  // namespace

class ControlClient::Wire {
 public:
  Wire(Descriptor socket, std::chrono::milliseconds patience) : socket_(std::move(socket)), patience_(patience) {}

  core::Result<Json> call(const Json& message) {
    AIRSSYS_TRY(Json response, exchange(message, patience_, {}));
    return result_of(response);
  }
  /// The response as it is, which may be an error. All of it, there and back, within `patience` and `way`.
  core::Result<Json> exchange(const Json& message, std::chrono::milliseconds patience, std::chrono::milliseconds way) {
    const Deadline until = std::chrono::steady_clock::now() + patience + way;
    const std::string text = dump(message);
    if (text.size() > ControlServer::kMostFrameBytes) return std::unexpected(too_large(text.size()));
    // What the server has to say counts even if it took no more: perhaps why it closed the connection.
    auto written = write_frame(socket_.get(), text, until);
    auto response = read_frame(socket_.get(), 2 * ControlServer::kMostFrameBytes, until);
    if (!response && response.error().code() == core::ErrorCode::timeout) return std::unexpected(no_answer(patience));
    if (!response && !written) return std::unexpected(std::move(written).error());
    if (!response && response.error().message().empty()) {
      return std::unexpected(core::Error(core::ErrorCode::interrupted, "control",
                                         "the system stopped before it answered: whether it acted is unknown"));
    }
    if (!response) return std::unexpected(std::move(response).error());
    return parse_message(*response);
  }

  static core::Result<Json> result_of(Json& json) try {
    if (json.contains("error")) return std::unexpected(error_from(json.at("error")));
    return std::move(json.at("ok"));
  } catch (const Json::exception& problem) {
    return std::unexpected(malformed(problem.what()));
  }

 private:
  Descriptor socket_;
  std::chrono::milliseconds patience_;
};

core::Result<std::unique_ptr<ControlClient>> ControlClient::connect(const std::filesystem::path& socket,
                                                                    std::chrono::milliseconds patience) {
  AIRSSYS_TRY(Descriptor connection, connect_to(socket));
  return std::unique_ptr<ControlClient>(new ControlClient(std::make_unique<Wire>(std::move(connection), patience)));
}

ControlClient::ControlClient(std::unique_ptr<Wire> wire) : wire_(std::move(wire)) {}

ControlClient::~ControlClient() = default;

core::Result<core::MessageId> ControlClient::send(const core::Address& to, const core::Payload& payload, std::string_view key) {
  AIRSSYS_TRY(Json message, message_of("send", to, payload));
  if (!key.empty()) message["key"] = key;
  return read_response(wire_->call(message),
                       [](const Json& json) { return core::MessageId{json.at("id").get<std::uint64_t>()}; });
}

RequestResult ControlClient::request(const core::Address& to, const core::Payload& payload, std::chrono::milliseconds timeout) {
  auto message = message_of("request", to, payload);
  if (!message) return {.id = {}, .reply = std::unexpected(std::move(message).error())};
  (*message)["timeout_ms"] = timeout.count();
  auto response = wire_->exchange(*message, timeout, kWay);
  if (!response) return {.id = {}, .reply = std::unexpected(std::move(response).error())};
  const core::MessageId id = id_in(*response);
  return {.id = id, .reply = read_checked(Wire::result_of(*response), payload_from)};
}

core::Result<ActorPage> ControlClient::list(const ActorQuery& query) {
  const Json message{
      {"v", kProtocolVersion}, {"op", "list"}, {"after", query.after}, {"pattern", query.pattern}, {"most", query.most}};
  return read_response(wire_->call(message), page_from);
}

core::Result<ActorDetails> ControlClient::info(const core::Address& address) {
  return read_response(wire_->call({{"v", kProtocolVersion}, {"op", "info"}, {"address", address.text()}}), details_from);
}

core::Result<void> ControlClient::order(std::string_view op, const core::Address& address) {
  AIRSSYS_TRY(wire_->call({{"v", kProtocolVersion}, {"op", op}, {"address", address.text()}}));
  return {};
}

core::Result<void> ControlClient::stop_actor(const core::Address& address) {
  return order("stop-actor", address);
}

core::Result<void> ControlClient::restart_actor(const core::Address& address) {
  return order("restart-actor", address);
}

core::Result<void> ControlClient::remove_actor(const core::Address& address) {
  return order("remove-actor", address);
}

core::Result<SystemStatus> ControlClient::status() {
  return read_response(wire_->call({{"v", kProtocolVersion}, {"op", "status"}}), system_from);
}

core::Result<DeadLetterList> ControlClient::dead_letters(const DeadLetterQuery& query) {
  const Json message{{"v", kProtocolVersion}, {"op", "dead-letters"}, {"after", query.after}, {"most", query.most}};
  return read_response(wire_->call(message), letters_from);
}

core::Result<DeadLetterInFull> ControlClient::dead_letter(std::uint64_t number) {
  return read_checked(wire_->call(call_of("dead-letter", number)), [](const Json& json) -> core::Result<DeadLetterInFull> {
    AIRSSYS_TRY(core::Payload payload, payload_from(json.at("payload")));
    return DeadLetterInFull{.letter = letter_from(json), .payload = std::move(payload)};
  });
}

core::Result<void> ControlClient::retry_dead_letter(std::uint64_t number) {
  AIRSSYS_TRY(wire_->call(call_of("dead-letter-retry", number)));
  return {};
}

core::Result<void> ControlClient::drop_dead_letter(std::uint64_t number) {
  AIRSSYS_TRY(wire_->call(call_of("dead-letter-drop", number)));
  return {};
}

core::Result<std::string> ControlClient::trace(const std::string& id) {
  return read_response(wire_->call({{"v", kProtocolVersion}, {"op", "trace"}, {"id", id}}), dump);
}

core::Result<std::string> ControlClient::traces(std::uint64_t most) {
  return read_response(wire_->call({{"v", kProtocolVersion}, {"op", "traces"}, {"most", most}}), dump);
}

core::Result<void> ControlClient::stop() {
  AIRSSYS_TRY(wire_->call({{"v", kProtocolVersion}, {"op", "stop"}}));
  return {};
}

}  // namespace airssys::control
