#include "system_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "airssys/config/codec_name.hpp"
#include "airssys/config/nearest.hpp"
#include "airssys/core/quoted.hpp"
#include "config_values.hpp"
#include "limit_keys.hpp"
#include "names.hpp"

namespace airssys::config {
namespace {

using std::chrono::milliseconds;

constexpr std::uint32_t kMaxInstances = 100'000;
constexpr std::uint32_t kMaxTemplateNames = 1'000'000'000;
constexpr std::uint32_t kMaxRestarts = 1000;
constexpr milliseconds kDay = std::chrono::hours(24);
constexpr std::array<std::string_view, 3> kStrategyNames{"one_for_one", "one_for_all", "rest_for_one"};
constexpr std::array<std::string_view, 3> kKindNames{"lines", "standard-output", "stdout"};
constexpr std::array<std::string_view, 3> kSpreadNames{"round-robin", "least-loaded", "hash"};
constexpr std::array<std::string_view, 5> kVerbNames{"send", "request", "publish", "subscribe", "find"};
constexpr std::string_view kSizeForm = R"(a size as a string, as in "16MiB")";

core::Error malformed(std::string message) {
  return {core::ErrorCode::invalid, "config", std::move(message)};
}

core::Result<core::AddressPattern> parse_actor_address(std::string_view text) {
  if (text.find('*') == std::string_view::npos) {
    AIRSSYS_TRY(const core::Address address, core::Address::parse(text));
    if (!address.is_host()) return core::AddressPattern(address);
    return std::unexpected(malformed(
        fmt::format("{} belongs to the host; expected an address that does not begin with airssys/", core::quoted(text))));
  }
  AIRSSYS_TRY(core::AddressPattern pattern, core::AddressPattern::parse(text));
  const bool only_last = pattern.text().ends_with("/*") && pattern.text().find('*') == pattern.text().size() - 1;
  if (only_last && !text.starts_with("airssys/")) return pattern;
  return std::unexpected(malformed(fmt::format(
      "{} is no template; expected two segments without * and then *, as in \"bank/account/*\"", core::quoted(text))));
}

core::Result<ComponentSource> parse_component_source(const std::filesystem::path& folder, std::string_view text) {
  const bool is_path = text.starts_with("./") || text.starts_with("../") || text.starts_with('/') || text.ends_with(".wasm");
  if (is_path) return (folder / std::filesystem::path(text)).lexically_normal();
  const std::size_t at = text.find('@');
  if (at != std::string_view::npos) {
    auto name = parse_name(text.substr(0, at));
    auto version = parse_version(text.substr(at + 1));
    if (name && version) return PackageName{std::move(*name), std::move(*version)};
  }
  return std::unexpected(malformed(fmt::format(
      "{} is no component; expected a path that begins with ./ or / or ends in .wasm, or name@version", core::quoted(text))));
}

core::Result<std::string> parse_environment_name(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto is_allowed = [is_letter](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
  if (!text.empty() && is_letter(text.front()) && std::ranges::all_of(text, is_allowed)) return std::string(text);
  return std::unexpected(malformed(
      fmt::format("{} is no environment variable; expected letters, digits and _, as in \"API_KEY\"", core::quoted(text))));
}

core::Result<std::string> parse_text(std::string_view text) {
  if (!text.empty()) return std::string(text);
  return std::unexpected(malformed("\"\" is empty; expected a text"));
}

core::Result<core::Rate> parse_positive_rate(std::string_view text) {
  AIRSSYS_TRY(const core::Rate rate, core::parse_rate(text));
  if (rate.per_second > 0) return rate;
  return std::unexpected(malformed(fmt::format("{} allows nothing; expected at least \"1/s\"", core::quoted(text))));
}

/// With less, the compiler can't even start its threads.
core::Result<core::Bytes> parse_compile_memory(std::string_view text) {
  constexpr core::Bytes kLeast = core::Bytes{64} << 20;
  AIRSSYS_TRY(const core::Bytes bytes, core::parse_bytes(text));
  if (bytes >= kLeast) return bytes;
  return std::unexpected(
      malformed(fmt::format("{} is too little; expected at least \"{}\"", core::quoted(text), core::bytes_to_string(kLeast))));
}

core::Result<core::Bytes> parse_positive_bytes(std::string_view text) {
  AIRSSYS_TRY(const core::Bytes bytes, core::parse_bytes(text));
  if (bytes > 0) return bytes;
  return std::unexpected(malformed(fmt::format("{} allows nothing; expected at least \"1B\"", core::quoted(text))));
}

/// Puts a key's value where it belongs, if it is there and right.
template <typename T, typename U>
void assign(T& member, std::optional<U> value) {
  if (value) member = std::move(*value);
}

void read_supervisor(const Value& table, SystemFile& system, Problems& problems) {
  TableReader reader(table, "[[supervisor]]", problems);
  SupervisorEntry supervisor{.name = {}, .place = table.place, .strategy_place = reader.place_of("strategy")};
  reader.require("name", R"(a name, as in "pipeline")");
  const auto name = reader.take_parsed("name", "a name", parse_name);
  if (const auto strategy = reader.take_choice("strategy", kStrategyNames))
    supervisor.strategy = static_cast<Strategy>(*strategy);
  assign(supervisor.max_restarts, reader.take_count("max_restarts", 0, kMaxRestarts));
  assign(supervisor.window, reader.take_duration("window", milliseconds(1), kDay));
  assign(supervisor.backoff, reader.take_duration("backoff", milliseconds(0), kDay));
  assign(supervisor.backoff_max, reader.take_duration("backoff_max", milliseconds(0), kDay));
  if (supervisor.backoff > supervisor.backoff_max) {
    reader.report(
        problem_at(reader.place_of("backoff"),
                   fmt::format("backoff = \"{}\" is more than backoff_max = \"{}\"",
                               core::duration_to_string(supervisor.backoff), core::duration_to_string(supervisor.backoff_max)),
                   "backoff to be at most backoff_max"));
  }
  reader.finish();
  if (!name) return;
  supervisor.name = *name;
  system.supervisors.push_back(std::move(supervisor));
}

void read_secrets(const Value* table, ActorEntry& actor, Problems& problems) {
  if (table == nullptr) return;
  for (const Entry& entry : table->entries) {
    if (entry.value.type != Value::Type::table) {
      problems.push_back(problem_at(entry.value.place,
                                    fmt::format("the secret {} is {}", core::quoted(entry.key), describe(entry.value.type)),
                                    R"(where to find it, as in { env = "API_KEY" })"));
      continue;
    }
    TableReader reader(entry.value, fmt::format("the secret {}", core::quoted(entry.key)), problems);
    reader.require("env", "the name of an environment variable");
    const auto variable = reader.take_parsed("env", "the name of an environment variable", parse_environment_name);
    if (variable) actor.secrets.emplace(entry.key, *variable);
    reader.finish();
  }
}

void check_instances(TableReader& reader, const ActorEntry& actor) {
  if (!reader.has("instances")) return;
  const Place& place = reader.place_of("instances");
  if (actor.is_template()) {
    reader.report(problem_at(place, "instances does not go with a template", "an address without *, or no instances"));
  } else if (!actor.address.text().ends_with("/1")) {
    reader.report(problem_at(place,
                             fmt::format("instances does not go with the address {}", core::quoted(actor.address.text())),
                             "an address that ends in /1"));
  }
}

void read_template_keys(TableReader& reader, ActorEntry& actor) {
  assign(actor.idle, reader.take_duration("idle", milliseconds(1), 365 * kDay));
  assign(actor.max_live, reader.take_count("max_live", 1, kMaxTemplateNames));
  assign(actor.max_names, reader.take_count("max_names", 1, kMaxTemplateNames));
  if (actor.is_template()) return;
  for (const std::string_view key : {"idle", "max_live", "max_names"}) {
    if (!reader.has(key)) continue;
    reader.report(
        problem_at(reader.place_of(key), fmt::format("{} is for templates", key), "it with an address that ends in /*"));
  }
}

void read_actor(const Value& table, const std::filesystem::path& folder, SystemFile& system, Problems& problems) {
  TableReader reader(table, "[[actor]]", problems);
  reader.require("address", R"(an address, as in "demo/counter/1")");
  reader.require("component", R"(a path, as in "./counter", or name@version)");
  const auto address = reader.take_parsed("address", "an address as a string", parse_actor_address);
  const auto source = [&folder](std::string_view text) { return parse_component_source(folder, text); };
  auto component = reader.take_parsed("component", "a path or name@version as a string", source);
  // With a stand-in for a bad address everything else is still looked at.
  ActorEntry actor{.address = address.value_or(core::AddressPattern(core::operator_address())), .place = table.place};
  actor.address_place = reader.place_of("address");
  actor.component_place = reader.place_of("component");
  actor.durable_place = reader.place_of("durable");
  actor.secrets_place = reader.place_of("secrets");
  assign(actor.component, std::move(component));
  assign(actor.instances, reader.take_count("instances", 1, kMaxInstances));
  if (actor.is_template()) actor.profile = core::Profile::dense;
  if (const auto profile = reader.take_choice("profile", core::kProfileNames)) {
    actor.profile = static_cast<core::Profile>(*profile);
  }
  actor.supervisor = reader.take_string("supervisor", "the name of a supervisor");
  assign(actor.durable, reader.take_boolean("durable"));
  actor.config = read_config(reader.take_table("config"), problems);
  read_secrets(reader.take_table("secrets"), actor, problems);
  actor.limits = read_limits(reader.take_table("limits"), "limits of [[actor]]", problems);
  if (address) check_instances(reader, actor);
  read_template_keys(reader, actor);
  reader.finish();
  if (address) system.actors.push_back(std::move(actor));
}

/// One item of `allow`, against the kind of target that the grant has.
void add_verb(const Value& item, bool is_topic, security::VerbSet& allow, Problems& problems) {
  const auto verb = security::verb_from_name(item.string);
  if (!verb) {
    problems.push_back(problem_at(item.place, fmt::format("allow = {} is unknown", core::quoted(item.string)),
                                  fmt::format("one of {}", fmt::join(kVerbNames, ", ")),
                                  std::string(nearest_name(item.string, kVerbNames))));
  } else if (security::is_about_topics(*verb) != is_topic) {
    problems.push_back(problem_at(item.place,
                                  fmt::format("{} does not go with {}", core::quoted(item.string), is_topic ? "topic" : "to"),
                                  is_topic ? "publish, subscribe" : "send, request, find"));
  } else {
    allow.insert(*verb);
  }
}

std::optional<security::Grant::Target> read_target(TableReader& reader) {
  const auto to = reader.take_parsed("to", "an address pattern as a string", core::AddressPattern::parse);
  const auto topic = reader.take_parsed("topic", "a topic pattern as a string", security::TopicPattern::parse);
  const bool has_to = reader.has("to");
  const bool has_topic = reader.has("topic");
  if (has_to && has_topic) {
    reader.report(problem_at(reader.place_of("topic"), "a grant has to or topic, not both", "two grants"));
  } else if (!has_to && !has_topic) {
    reader.report(
        problem_at(reader.place(), R"(missing key "to" in [[grant]])", "an address pattern, or topic with a topic pattern"));
  } else if (to) {
    return *to;
  } else if (topic) {
    return *topic;
  }
  return std::nullopt;
}

security::VerbSet read_verbs(TableReader& reader, Problems& problems) {
  const bool is_topic = reader.has("topic");
  security::VerbSet allow;
  reader.require("allow", R"(an array of verbs, as in ["send", "request"])");
  const auto verbs = reader.take_strings("allow", "an array of verbs");
  for (const Value* verb : verbs) add_verb(*verb, is_topic, allow, problems);
  const Value* given = reader.take("allow");
  if (given != nullptr && given->type == Value::Type::array && given->items.empty()) {
    reader.report(
        problem_at(given->place, "allow = [] allows nothing", is_topic ? "publish, subscribe" : "send, request, find"));
  }
  return allow;
}

void read_grant(const Value& table, SystemFile& system, Problems& problems) {
  TableReader reader(table, "[[grant]]", problems);
  reader.require("from", R"(an address pattern, as in "demo/split/*")");
  const auto from = reader.take_parsed("from", "an address pattern as a string", core::AddressPattern::parse);
  const auto target = read_target(reader);
  const security::VerbSet allow = read_verbs(reader, problems);
  const auto rate = reader.take_parsed("rate", R"(a rate as a string, as in "1000/s")", parse_positive_rate);
  const auto body_bytes = reader.take_parsed("body_bytes", kSizeForm, parse_positive_bytes);
  reader.finish();
  if (!from || !target) return;
  system.grants.push_back(
      {.grant = {.from = *from, .to = *target, .allow = allow, .rate = rate, .body_bytes = body_bytes}, .place = table.place});
}

void read_subscription(const Value& table, SystemFile& system, Problems& problems) {
  TableReader reader(table, "[[subscription]]", problems);
  reader.require("topic", R"(a topic pattern, as in "words.#")");
  reader.require("actor", R"(an address pattern, as in "demo/report/*")");
  const auto topic = reader.take_parsed("topic", "a topic pattern as a string", security::TopicPattern::parse);
  const auto actor = reader.take_parsed("actor", "an address pattern as a string", core::AddressPattern::parse);
  auto group = reader.take_parsed("group", "a name", parse_name);
  reader.finish();
  if (!topic || !actor) return;
  system.subscriptions.push_back({.topic = *topic, .actor = *actor, .group = std::move(group), .place = table.place});
}

core::Address gateway_address(const SystemFile& system, GatewayKind kind) {
  const auto earlier = std::ranges::count(system.gateways, kind, &GatewayEntry::kind);
  return core::make_checked_address(fmt::format("airssys/{}/{}", name_of(kind), earlier + 1));
}

/// Keys that only make sense where messages come in.
void refuse_input_keys(TableReader& reader) {
  for (const std::string_view key : {"path", "to", "spread", "codec"}) {
    if (!reader.has(key)) continue;
    reader.report(problem_at(reader.place_of(key),
                             fmt::format("{} does not go with a gateway that prints what it is sent", key),
                             "a [[grant]] to airssys/standard-output/* instead"));
  }
}

void read_gateway(const Value& table, const std::filesystem::path& folder, SystemFile& system, Problems& problems) {
  TableReader reader(table, "[[gateway]]", problems);
  reader.require("kind", "lines or standard-output");
  const auto choice = reader.take_choice("kind", kKindNames);
  const GatewayKind kind = choice.value_or(0) == 0 ? GatewayKind::lines : GatewayKind::standard_output;
  GatewayEntry gateway{.kind = kind, .address = gateway_address(system, kind), .place = table.place};
  gateway.spread_place = reader.place_of("spread");
  const auto path = reader.take_parsed("path", "a path as a string, - for standard input", parse_text);
  if (path) gateway.path = *path == "-" ? *path : (folder / *path).lexically_normal().string();
  gateway.to = reader.take_parsed("to", "an address pattern as a string", core::AddressPattern::parse);
  if (const auto spread = reader.take_choice("spread", kSpreadNames)) gateway.spread = static_cast<Spread>(*spread);
  assign(gateway.codec, reader.take_parsed("codec", "a codec as a string", parse_codec));
  if (choice && kind == GatewayKind::lines) {
    reader.require("path", "the path of a text file, - for standard input");
    reader.require("to", R"(an address pattern, as in "demo/split/*")");
  } else if (choice) {
    refuse_input_keys(reader);
    gateway.to.reset();
  }
  reader.finish();
  if (choice) system.gateways.push_back(std::move(gateway));
}

}  // namespace

void read_shared_tables(TableReader& file, const std::filesystem::path& folder, SystemFile& system, Problems& problems) {
  for (const Value* table : file.take_tables("supervisor")) read_supervisor(*table, system, problems);
  for (const Value* table : file.take_tables("actor")) read_actor(*table, folder, system, problems);
  for (const Value* table : file.take_tables("grant")) read_grant(*table, system, problems);
  for (const Value* table : file.take_tables("subscription")) read_subscription(*table, system, problems);
  for (const Value* table : file.take_tables("gateway")) read_gateway(*table, folder, system, problems);
}

void read_root_tables(TableReader& file, const std::filesystem::path& folder, SystemFile& system, Problems& problems) {
  system.data = (folder / ".airssys").lexically_normal();
  system.defaults = read_limits(file.take_table("defaults"), "[defaults]", problems);
  const Value* table = file.take_table("system");
  if (table == nullptr) return;
  TableReader reader(*table, "[system]", problems);
  assign(system.name, reader.take_parsed("name", "a name", parse_name));
  if (const auto data = reader.take_parsed("data", "a folder as a string", parse_text)) {
    system.data = (folder / *data).lexically_normal();
  }
  system.memory_budget = reader.take_parsed("memory_budget", kSizeForm, parse_positive_bytes);
  system.compile_memory = reader.take_parsed("compile_memory", kSizeForm, parse_compile_memory);
  system.compile_time = reader.take_duration("compile_time", milliseconds(100), kDay);
  reader.finish();
}

}  // namespace airssys::config
