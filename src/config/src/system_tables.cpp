#include "system_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>

#include "airssys/config/codec_name.hpp"
#include "airssys/config/nearest.hpp"
#include "airssys/core/quoted.hpp"
#include "config_values.hpp"
#include "limits_table.hpp"
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
constexpr std::uint32_t kMaxFields = 10'000;
constexpr std::size_t kMaxSeparatorBytes = 64;

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
  const bool is_path = text == "." || text == ".." || text.starts_with("./") || text.starts_with("../") ||
                       text.starts_with('/') || text.ends_with(".wasm");
  if (is_path) return (folder / std::filesystem::path(text)).lexically_normal();
  const std::size_t at = text.find('@');
  if (at != std::string_view::npos) {
    auto name = parse_name(text.substr(0, at));
    auto version = parse_version(text.substr(at + 1));
    if (name && version) return PackageName{std::move(*name), std::move(*version)};
  }
  // A name without a version is most likely a folder beside the file.
  const bool may_be_a_path = at == std::string_view::npos && !text.empty() && text.front() != '~';
  const std::string remedy = may_be_a_path ? fmt::format("; did you mean {}?", core::quoted("./" + std::string(text))) : "";
  return std::unexpected(malformed(
      fmt::format("{} is no component; expected a path that begins with ./, ../ or / or ends in .wasm, or name@version{}",
                  core::quoted(text), remedy)));
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

core::Result<std::string> parse_separator(std::string_view text) {
  const bool is_fit = !text.empty() && text.size() <= kMaxSeparatorBytes && text.find('\n') == std::string_view::npos;
  if (is_fit) return std::string(text);
  return std::unexpected(malformed(fmt::format("{} separates nothing; expected 1 to {} bytes without a line end, as in \",\"",
                                               core::quoted(text), kMaxSeparatorBytes)));
}

/// A `~` only as `~0`, which is itself, or `~1`, which is a slash.
bool is_pointer(std::string_view text) noexcept {
  if (!text.starts_with('/')) return false;
  for (std::size_t at = 0; (at = text.find('~', at)) != std::string_view::npos; ++at) {
    if (at + 1 == text.size() || (text[at + 1] != '0' && text[at + 1] != '1')) return false;
  }
  return true;
}

core::Result<LineKey> parse_line_key(std::string_view text) {
  constexpr std::string_view kField = "field ";
  if (is_pointer(text)) return PointerKey{std::string(text)};
  if (text.starts_with(kField)) {
    std::uint32_t number = 0;
    const std::string_view digits = text.substr(kField.size());
    const auto [stop, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool is_number = fault == std::errc{} && stop == digits.data() + digits.size();
    if (is_number && number >= 1 && number <= kMaxFields) return FieldKey{.number = number, .separator = {}};
  }
  return std::unexpected(
      malformed(fmt::format("{} is no part of a line; expected \"field 1\" to \"field {}\", or a JSON pointer, as in "
                            "\"/customer/id\"",
                            core::quoted(text), kMaxFields)));
}

/// Puts a key's value where it belongs, if it is there and right.
template <typename T, typename U>
void assign(T& member, std::optional<U> value) {
  if (value) member = std::move(*value);
}

/// `backoff` up to `backoff_max`, unless one of them could not be read.
void check_pauses(TableReader& reader, const core::RestartPolicy& restart) {
  if (restart.backoff <= restart.backoff_max) return;
  reader.report(
      problem_at(reader.place_of(reader.has("backoff") ? "backoff" : "backoff_max"),
                 fmt::format("backoff = \"{}\" is more than backoff_max = \"{}\"", core::duration_to_string(restart.backoff),
                             core::duration_to_string(restart.backoff_max)),
                 "backoff to be at most backoff_max"));
}

void read_supervisor(const Value& table, Reading& reading) {
  TableReader reader(table, supervisor_keys(), "[[supervisor]]", reading.problems);
  SupervisorEntry supervisor{.name = {}, .place = table.place};
  supervisor.name_place = reader.place_of_value("name");
  supervisor.strategy_place = reader.place_of("strategy");
  reader.require("name", R"(a name, as in "pipeline")");
  const auto name = reader.take_parsed("name", parse_name);
  if (const auto strategy = reader.take_choice("strategy", kStrategyNames))
    supervisor.strategy = static_cast<Strategy>(*strategy);
  core::RestartPolicy& restart = supervisor.restart;
  assign(restart.max_restarts, reader.take_count("max_restarts", 0, kMaxRestarts));
  assign(restart.window, reader.take_duration("window", milliseconds(1), kDay));
  const auto backoff = reader.take_duration("backoff", milliseconds(0), kDay);
  const auto backoff_max = reader.take_duration("backoff_max", milliseconds(0), kDay);
  assign(restart.backoff, backoff);
  assign(restart.backoff_max, backoff_max);
  const bool pauses_are_read =
      reader.has("backoff") == backoff.has_value() && reader.has("backoff_max") == backoff_max.has_value();
  if (pauses_are_read && !reader.is_misspelt("backoff_max")) check_pauses(reader, restart);
  reader.finish();
  if (!name) {
    reading.supervisors_in_doubt = true;
    return;
  }
  supervisor.name = *name;
  reading.system.supervisors.push_back(std::move(supervisor));
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
    TableReader reader(entry.value, secret_keys(), fmt::format("the secret {}", core::quoted(entry.key)), problems);
    reader.require("env", "the name of an environment variable");
    const auto variable = reader.take_parsed("env", parse_environment_name);
    if (variable) actor.secrets.emplace(entry.key, *variable);
    reader.finish();
  }
}

/// Instances that don't go with the address are a problem, and none: what only follows from that is left out.
void check_instances(TableReader& reader, ActorEntry& actor) {
  if (!reader.has("instances")) return;
  const Place& place = reader.place_of("instances");
  if (actor.is_template()) {
    reader.report(problem_at(place, "instances does not go with a template", "an address without *, or no instances"));
  } else if (!actor.address.text().ends_with("/1")) {
    reader.report(problem_at(place,
                             fmt::format("instances does not go with the address {}", core::quoted(actor.address.text())),
                             "an address that ends in /1"));
  } else {
    return;
  }
  actor.instances = 1;
}

void read_template_keys(TableReader& reader, ActorEntry& actor) {
  assign(actor.idle, reader.take_duration("idle", milliseconds(1), 365 * kDay));
  assign(actor.max_live, reader.take_count("max_live", 1, kMaxTemplateNames));
  assign(actor.max_names, reader.take_count("max_names", 1, kMaxTemplateNames));
}

void refuse_template_keys(TableReader& reader) {
  for (const std::string_view key : {"idle", "max_live", "max_names"}) {
    if (!reader.has(key)) continue;
    reader.report(
        problem_at(reader.place_of(key), fmt::format("{} is for templates", key), "it with an address that ends in /*"));
  }
}

/// Where the values of an actor are, for who finds later what is wrong with them.
void note_places(const TableReader& reader, ActorEntry& actor) {
  actor.address_place = reader.place_of("address");
  actor.component_place = reader.place_of("component");
  actor.supervisor_place = reader.place_of_value("supervisor");
  actor.config_place = reader.place_of(reader.has("config") ? "config" : "component");
  actor.durable_place = reader.place_of("durable");
  actor.secrets_place = reader.place_of("secrets");
}

void read_actor(const Value& table, const std::filesystem::path& folder, Reading& reading) {
  Problems& problems = reading.problems;
  TableReader reader(table, actor_keys(), "[[actor]]", problems);
  reader.require("address", R"(an address, as in "demo/counter/1")");
  reader.require("component", R"(a path, as in "./counter", or name@version)");
  const auto address = reader.take_parsed("address", parse_actor_address);
  const auto source = [&folder](std::string_view text) { return parse_component_source(folder, text); };
  auto component = reader.take_parsed("component", source);
  // With a stand-in for a bad address everything else is still looked at.
  ActorEntry actor{.address = address.value_or(core::AddressPattern(core::operator_address())), .place = table.place};
  note_places(reader, actor);
  assign(actor.component, std::move(component));
  const auto instances = reader.take_count("instances", 1, kMaxInstances);
  assign(actor.instances, instances);
  if (actor.is_template()) actor.profile = core::Profile::dense;
  if (const auto profile = reader.take_choice("profile", core::kProfileNames)) {
    actor.profile = static_cast<core::Profile>(*profile);
  }
  actor.supervisor = reader.take_string("supervisor");
  assign(actor.durable, reader.take_boolean("durable"));
  actor.config = read_config(reader.take_table("config"), problems);
  read_secrets(reader.take_table("secrets"), actor, problems);
  actor.limits = read_limits(reader.take_table("limits"), "limits of [[actor]]", problems);
  if (address) check_instances(reader, actor);
  read_template_keys(reader, actor);
  if (address && !actor.is_template()) refuse_template_keys(reader);
  reader.finish();
  const bool instances_are_read = reader.has("instances") == instances.has_value() && !reader.is_misspelt("instances");
  if (!address || !instances_are_read) reading.actors_in_doubt = true;
  if (address) reading.system.actors.push_back(std::move(actor));
}

/// What a grant is about; neither, if its file says both or nothing.
enum class TargetKind : std::uint8_t { unclear, address, topic };

TargetKind target_kind(const TableReader& reader) {
  if (reader.has("to") == reader.has("topic")) return TargetKind::unclear;
  return reader.has("to") ? TargetKind::address : TargetKind::topic;
}

/// One item of `allow`, against the kind of target that the grant has.
void add_verb(const Value& item, TargetKind kind, GrantEntry& entry, Problems& problems) {
  const auto verb = security::verb_from_name(item.string);
  const bool is_topic = kind == TargetKind::topic;
  if (!verb) {
    problems.push_back(problem_at(item.place, fmt::format("allow = {} is unknown", core::quoted(item.string)),
                                  fmt::format("one of {}", fmt::join(kVerbNames, ", ")),
                                  std::string(nearest_name(item.string, kVerbNames))));
  } else if (kind != TargetKind::unclear && security::is_about_topics(*verb) != is_topic) {
    problems.push_back(problem_at(item.place,
                                  fmt::format("{} does not go with {}", core::quoted(item.string), is_topic ? "topic" : "to"),
                                  is_topic ? "publish, subscribe" : "send, request, find"));
  } else {
    entry.grant.allow.insert(*verb);
    entry.verb_places.emplace(*verb, item.place);
  }
}

std::optional<security::Grant::Target> read_target(TableReader& reader) {
  const auto to = reader.take_parsed("to", core::AddressPattern::parse);
  const auto topic = reader.take_parsed("topic", security::TopicPattern::parse);
  reader.require("to", "an address pattern, or topic with a topic pattern", "topic");
  if (reader.has("to") && reader.has("topic")) {
    const Place& first = reader.place_of("to");
    const Place& second = reader.place_of("topic");
    const bool to_is_later = std::tuple(first.line, first.column) > std::tuple(second.line, second.column);
    reader.report(problem_at(to_is_later ? first : second, "a grant has to or topic, not both", "two grants"));
    return std::nullopt;
  }
  if (to) return *to;
  if (topic) return *topic;
  return std::nullopt;
}

void read_verbs(TableReader& reader, GrantEntry& entry, Problems& problems) {
  const TargetKind kind = target_kind(reader);
  reader.require("allow", R"(an array of verbs, as in ["send", "request"])");
  const Value* given = reader.take("allow");
  for (const Value* verb : reader.take_strings("allow")) add_verb(*verb, kind, entry, problems);
  if (given == nullptr || given->type != Value::Type::array || !given->items.empty()) return;
  const char* const expected = kind == TargetKind::unclear ? "at least one verb"
                               : kind == TargetKind::topic ? "publish, subscribe"
                                                           : "send, request, find";
  reader.report(problem_at(given->place, "allow = [] allows nothing", expected));
}

void read_grant(const Value& table, Reading& reading) {
  TableReader reader(table, grant_keys(), "[[grant]]", reading.problems);
  reader.require("from", R"(an address pattern, as in "demo/split/*")");
  const auto from = reader.take_parsed("from", core::AddressPattern::parse);
  const auto target = read_target(reader);
  const core::AddressPattern nobody(core::operator_address());
  GrantEntry entry{.grant = {.from = from.value_or(nobody), .to = target.value_or(nobody), .allow = {}}, .place = table.place};
  entry.from_place = reader.place_of_value("from");
  entry.target_place = reader.place_of_value(reader.has("to") ? "to" : "topic");
  entry.body_place = reader.place_of_value("body_bytes");
  read_verbs(reader, entry, reading.problems);
  entry.grant.rate = reader.take_parsed("rate", parse_positive_rate);
  entry.grant.body_bytes = reader.take_parsed("body_bytes", parse_positive_bytes);
  reader.finish();
  if (from && target) reading.system.grants.push_back(std::move(entry));
}

void read_subscription(const Value& table, Reading& reading) {
  TableReader reader(table, subscription_keys(), "[[subscription]]", reading.problems);
  reader.require("topic", R"(a topic pattern, as in "words.#")");
  reader.require("actor", R"(an address pattern, as in "demo/report/*")");
  const auto topic = reader.take_parsed("topic", security::TopicPattern::parse);
  const auto actor = reader.take_parsed("actor", core::AddressPattern::parse);
  auto group = reader.take_parsed("group", parse_name);
  reader.finish();
  if (!topic || !actor) return;
  reading.system.subscriptions.push_back({.topic = *topic,
                                          .actor = *actor,
                                          .group = std::move(group),
                                          .place = table.place,
                                          .topic_place = reader.place_of_value("topic"),
                                          .actor_place = reader.place_of_value("actor")});
}

core::Address gateway_address(const SystemFile& system, GatewayKind kind) {
  const auto earlier = std::ranges::count(system.gateways, kind, &GatewayEntry::kind);
  return core::make_checked_address(fmt::format("airssys/{}/{}", name_of(kind), earlier + 1));
}

/// Keys that only make sense where messages come in.
void refuse_input_keys(TableReader& reader) {
  for (const std::string_view key : {"path", "to", "spread", "key", "separator", "codec"}) {
    if (!reader.has(key)) continue;
    reader.report(problem_at(reader.place_of(key),
                             fmt::format("{} does not go with a gateway that prints what it is sent", key),
                             "a [[grant]] to airssys/standard-output/* instead"));
  }
}

/// What of a line is hashed.
void read_line_key(TableReader& reader, GatewayEntry& gateway) {
  gateway.key = reader.take_parsed("key", parse_line_key);
  auto separator = reader.take_parsed("separator", parse_separator);
  auto* const field = gateway.key ? std::get_if<FieldKey>(&*gateway.key) : nullptr;
  if (field != nullptr && separator) field->separator = std::move(*separator);
}

/// Keys that nothing asks for are problems, unless what would ask for them could not be read.
void check_line_key(TableReader& reader, bool spread_is_read, const GatewayEntry& gateway) {
  if (reader.has("key") && gateway.spread != Spread::hash && spread_is_read) {
    reader.report(problem_at(reader.place_of("key"), "key is what is hashed", "it with spread = \"hash\""));
  }
  const bool key_is_read = reader.has("key") == gateway.key.has_value() && !reader.is_misspelt("key");
  const bool has_fields = gateway.key && std::holds_alternative<FieldKey>(*gateway.key);
  if (reader.has("separator") && key_is_read && !has_fields) {
    reader.report(problem_at(reader.place_of("separator"), "separator is between fields", "it with key = \"field 1\""));
  }
}

void read_gateway(const Value& table, const std::filesystem::path& folder, Reading& reading) {
  TableReader reader(table, gateway_keys(), "[[gateway]]", reading.problems);
  reader.require("kind", "lines or standard-output");
  const auto choice = reader.take_choice("kind", kKindNames);
  const GatewayKind kind = choice.value_or(0) == 0 ? GatewayKind::lines : GatewayKind::standard_output;
  GatewayEntry gateway{.kind = kind, .address = gateway_address(reading.system, kind), .place = table.place};
  gateway.path_place = reader.place_of_value("path");
  gateway.to_place = reader.place_of_value("to");
  gateway.codec_place = reader.place_of_value("codec");
  const auto path = reader.take_parsed("path", parse_text);
  if (path) gateway.path = *path == "-" ? *path : (folder / *path).lexically_normal().string();
  gateway.to = reader.take_parsed("to", core::AddressPattern::parse);
  const auto spread = reader.take_choice("spread", kSpreadNames);
  if (spread) gateway.spread = static_cast<Spread>(*spread);
  read_line_key(reader, gateway);
  assign(gateway.codec, reader.take_parsed("codec", parse_codec));
  if (choice && kind == GatewayKind::lines) {
    check_line_key(reader, reader.has("spread") == spread.has_value() && !reader.is_misspelt("spread"), gateway);
    reader.require("path", "the path of a text file, - for standard input");
    reader.require("to", R"(an address pattern, as in "demo/split/*")");
  } else if (choice) {
    refuse_input_keys(reader);
    gateway.to.reset();
  }
  reader.finish();
  if (choice) reading.system.gateways.push_back(std::move(gateway));
}

/// Whether what is under `key` is what it must be, each of its tables.
bool are_tables(const TableReader& file, std::string_view key, std::size_t problems_before, const Reading& reading) {
  return !file.is_misspelt(key) && reading.problems.size() == problems_before;
}

}  // namespace

void read_shared_tables(TableReader& file, const std::filesystem::path& folder, Reading& reading) {
  std::size_t before = reading.problems.size();
  const auto supervisors = file.take_tables("supervisor");
  if (!are_tables(file, "supervisor", before, reading)) reading.supervisors_in_doubt = true;
  before = reading.problems.size();
  const auto actors = file.take_tables("actor");
  if (!are_tables(file, "actor", before, reading)) reading.actors_in_doubt = true;
  for (const Value* table : supervisors) read_supervisor(*table, reading);
  for (const Value* table : actors) read_actor(*table, folder, reading);
  for (const Value* table : file.take_tables("grant")) read_grant(*table, reading);
  for (const Value* table : file.take_tables("subscription")) read_subscription(*table, reading);
  for (const Value* table : file.take_tables("gateway")) read_gateway(*table, folder, reading);
}

void read_root_tables(TableReader& file, const std::filesystem::path& folder, Reading& reading) {
  SystemFile& system = reading.system;
  system.data = (folder / ".airssys").lexically_normal();
  system.defaults = read_limits(file.take_table("defaults"), "[defaults]", reading.problems);
  const Value* table = file.take_table("system");
  if (table == nullptr) return;
  TableReader reader(*table, system_keys(), "[system]", reading.problems);
  assign(system.name, reader.take_parsed("name", parse_name));
  if (const auto data = reader.take_parsed("data", parse_text)) {
    system.data = (folder / *data).lexically_normal();
  }
  system.memory_budget = reader.take_parsed("memory_budget", parse_positive_bytes);
  system.memory_budget_place = reader.place_of("memory_budget");
  system.compile_memory = reader.take_parsed("compile_memory", parse_compile_memory);
  system.compile_time = reader.take_duration("compile_time", milliseconds(100), kDay);
  reader.finish();
}

}  // namespace airssys::config
