#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "airssys/config/component_manifest.hpp"
#include "airssys/config/limits_patch.hpp"
#include "airssys/config/problem.hpp"
#include "airssys/core/actor_spec.hpp"
#include "airssys/core/address.hpp"
#include "airssys/core/codec.hpp"
#include "airssys/core/profile.hpp"
#include "airssys/core/restart_policy.hpp"
#include "airssys/core/units.hpp"
#include "airssys/security/grant.hpp"

namespace airssys::config {

/// Who is restarted when a child of a supervisor dies.
enum class Strategy : std::uint8_t { one_for_one, one_for_all, rest_for_one };
std::string_view name_of(Strategy strategy) noexcept;

struct SupervisorEntry {
  std::string name;
  Strategy strategy = Strategy::one_for_one;
  core::RestartPolicy restart{};
  Place place{};
  Place name_place{};
  Place strategy_place{};

  friend bool operator==(const SupervisorEntry&, const SupervisorEntry&) noexcept = default;
};

/// A component of the store.
struct PackageName {
  std::string name;
  std::string version;

  friend bool operator==(const PackageName&, const PackageName&) noexcept = default;
};

/// Where an actor's component is: a path, already resolved against the file that names it, or a package.
using ComponentSource = std::variant<std::filesystem::path, PackageName>;

/// One `[[actor]]` as it is written, with its places. What its actors are told of it, `resolve_actors` says.
struct ActorEntry {
  /// An address; with a `*`, a template.
  core::AddressPattern address;
  std::uint32_t instances = 1;  ///< More than one: the address ends in /1 and stands for /1 to /instances.
  ComponentSource component{};
  /// Without the key: dense for a template, which stands for many; else fast.
  core::Profile profile = core::Profile::fast;
  std::optional<std::string> supervisor{};  ///< None: the root.
  bool durable = false;
  ConfigValues config{};
  /// Name of the secret to the environment variable that holds it.
  std::map<std::string, std::string, std::less<>> secrets{};
  LimitsPatch limits{};
  std::optional<std::chrono::milliseconds> idle{};  ///< Of a template: after this long without a message it sleeps.
  std::optional<std::uint32_t> max_live{};          ///< Of a template: awake at a time.
  std::optional<std::uint32_t> max_names{};         ///< Of a template: at all.
  Place place{};
  Place address_place{};
  Place component_place{};
  Place supervisor_place{};
  Place config_place{};  ///< Of `config`; of `component`, which needs it, where there is none.
  Place durable_place{};
  Place secrets_place{};

  bool is_template() const noexcept { return !address.is_literal(); }
  /// All addresses of the entry, in order; none for a template.
  std::vector<core::Address> addresses() const;
  /// Whether one of its addresses matches, or could, of a template.
  bool is_covered_by(const core::AddressPattern& pattern) const;

  friend bool operator==(const ActorEntry&, const ActorEntry&) noexcept = default;
};

struct GrantEntry {
  security::Grant grant;
  Place place{};
  Place from_place{};
  Place target_place{};  ///< Of `to` or `topic`.
  Place body_place{};    ///< Of `body_bytes`, if it is there.
  std::map<security::Verb, Place> verb_places{};

  friend bool operator==(const GrantEntry&, const GrantEntry&) noexcept = default;
};

struct SubscriptionEntry {
  security::TopicPattern topic;
  core::AddressPattern actor;
  std::optional<std::string> group{};  ///< One of the group gets each event; without: all.
  Place place{};
  Place topic_place{};
  Place actor_place{};

  friend bool operator==(const SubscriptionEntry&, const SubscriptionEntry&) noexcept = default;
};

enum class GatewayKind : std::uint8_t {
  lines,            ///< Sends each line of a file or of standard input to an actor.
  standard_output,  ///< Prints what it is sent.
};
/// "lines", "standard-output".
std::string_view name_of(GatewayKind kind) noexcept;

/// How a gateway chooses among the actors that its `to` covers.
enum class Spread : std::uint8_t { round_robin, least_loaded, hash };
/// "round-robin", "least-loaded", "hash".
std::string_view name_of(Spread spread) noexcept;

/// A part of a line: the fields of a line are counted from 1.
struct FieldKey {
  std::uint32_t number = 1;
  std::string separator{};  ///< Empty: white space, any amount of it.

  friend bool operator==(const FieldKey&, const FieldKey&) noexcept = default;
};
/// A part of a line that is JSON, by a JSON pointer (RFC 6901), as in "/customer/id".
struct PointerKey {
  std::string pointer;

  friend bool operator==(const PointerKey&, const PointerKey&) noexcept = default;
};
/// What of a line decides to whom it goes, where lines are spread by hash.
using LineKey = std::variant<FieldKey, PointerKey>;

struct GatewayEntry {
  GatewayKind kind = GatewayKind::lines;
  /// `airssys/<kind>/<n>`, n from 1 for each kind, in the order of the files.
  core::Address address;
  std::string path{};  ///< Of lines: "-" is standard input, else a file, already resolved.
  /// Of lines: the actors it sends to. Is a grant to `send`.
  std::optional<core::AddressPattern> to{};
  Spread spread = Spread::round_robin;
  std::optional<LineKey> key{};  ///< Of spread = hash; none: the whole line.
  core::Codec codec = core::Codec::raw;
  Place place{};
  Place path_place{};
  Place to_place{};
  Place codec_place{};  ///< Of `codec`; of the table, where it is not named.

  friend bool operator==(const GatewayEntry&, const GatewayEntry&) noexcept = default;
};

/// What a system file and those that it includes say: values with the places they come from. Everything in it is well formed
/// and refers to what is there; whether components exist and fit is for others to find out. A value.
struct SystemFile {
  std::filesystem::path path{};
  std::vector<std::filesystem::path> files{};  ///< All that were read, this one first.
  std::string name = "airssys";
  std::filesystem::path data{};  ///< Resolved against the file's folder.
  std::optional<core::Bytes> memory_budget{};
  Place memory_budget_place{};
  /// What compiling one component may take.
  std::optional<core::Bytes> compile_memory{};
  std::optional<std::chrono::milliseconds> compile_time{};
  LimitsPatch defaults{};
  std::vector<SupervisorEntry> supervisors{};
  std::vector<ActorEntry> actors{};
  std::vector<GrantEntry> grants{};
  std::vector<SubscriptionEntry> subscriptions{};
  std::vector<GatewayEntry> gateways{};

  friend bool operator==(const SystemFile&, const SystemFile&) noexcept = default;
};

/// Reads a system file and what it includes. Blocks on the disk; any thread.
Loaded<SystemFile> load_system_file(const std::filesystem::path& path);
/// The same from a text. `name` stands in messages and is the path that others, includes too, are relative to.
Loaded<SystemFile> parse_system(std::string_view text, const std::string& name);

/// The limits of an actor. Of each key: what the actor's entry names; else what the component needs, which must not be more
/// than the system's default; else that default. An actor that is given less than its component needs is a problem: a
/// component is never given less in silence, and never takes more by itself.
Loaded<core::Limits> resolve_limits(const SystemFile& system, const ActorEntry& actor, const ComponentManifest& component);

/// What the actors of an entry are told when they are made: one specification for each address, in order; of a template, none.
/// Limits by the rule of `resolve_limits`, settings by that of `resolve_config`, restarts as the supervisor says that the entry
/// names; without one, the system's stand.
Loaded<std::vector<core::ActorSpec>> resolve_actors(const SystemFile& system, const ActorEntry& actor,
                                                    const ComponentManifest& component);

/// Where the limit of an actor is written: in its entry, else in `[defaults]`; else where the component is that it is given to.
Place place_of_limit(const SystemFile& system, const ActorEntry& actor, std::string_view key);

/// What of a system file this version of airssys does not serve, with place and remedy. Who runs or checks a system refuses
/// these rather than ignore them.
Problems unsupported(const SystemFile& system);

}  // namespace airssys::config
