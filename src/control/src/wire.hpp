#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "airssys/control/operator_desk.hpp"
#include "airssys/core/error.hpp"

namespace airssys::control {

using Json = nlohmann::ordered_json;

inline constexpr int kProtocolVersion = 2;

/// Text in, value out, however odd the text: `invalid` beyond 32 levels, for anything that is no JSON object, and for another
/// version of the protocol.
core::Result<Json> parse_message(std::string_view text);
std::string dump(const Json& json);

Json json_of(const ActorInfo& actor);
Json json_of(const ActorDetails& details);
Json json_of(const ActorPage& page);
Json json_of(const SystemStatus& system);
Json json_of(const core::Payload& payload);
Json json_of(const core::Error& error);

/// For people and their programs: "body", or "body_hex" if it is no UTF-8.
void add_body(Json& json, std::string_view body);

/// These throw Json::exception, or return `invalid`, for what is not there or of another type.
ActorInfo actor_from(const Json& json);
ActorDetails details_from(const Json& json);
ActorPage page_from(const Json& json);
SystemStatus system_from(const Json& json);
core::Result<core::Payload> payload_from(const Json& json);
core::Error error_from(const Json& json);

}  // namespace airssys::control
