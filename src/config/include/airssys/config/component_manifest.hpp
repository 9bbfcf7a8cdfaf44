#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "airssys/config/limits_patch.hpp"
#include "airssys/config/problem.hpp"
#include "airssys/core/address.hpp"
#include "airssys/core/codec.hpp"
#include "airssys/security/topic.hpp"

namespace airssys::config {

enum class ConfigType : std::uint8_t { string, integer, floating, boolean, array };
/// "string", "integer", "float", "boolean", "array".
std::string_view name_of(ConfigType type) noexcept;

/// One setting as it is written. Guests get the text: strings as they are, numbers and booleans as in the file, arrays as
/// JSON.
struct ConfigValue {
  ConfigType type = ConfigType::string;
  std::string text;
  Place place{};

  friend bool operator==(const ConfigValue&, const ConfigValue&) noexcept = default;
};
using ConfigValues = std::map<std::string, ConfigValue, std::less<>>;

/// A setting that a component knows. Without a default it must be given.
struct ConfigKey {
  ConfigType type = ConfigType::string;
  std::string description{};
  std::optional<std::string> default_text{};
  std::optional<double> min{};  ///< Of an integer or a float.
  std::optional<double> max{};
  Place place{};

  friend bool operator==(const ConfigKey&, const ConfigKey&) noexcept = default;
};

/// A pattern that a component asks for, and where it does.
template <typename Pattern>
struct Wanted {
  Pattern pattern;
  Place place{};

  friend bool operator==(const Wanted&, const Wanted&) noexcept = default;
};

/// What a component asks for. Asking gives nothing: the system file grants.
struct Wants {
  std::vector<Wanted<core::AddressPattern>> send{};
  std::vector<Wanted<core::AddressPattern>> request{};
  std::vector<Wanted<core::AddressPattern>> find{};
  std::vector<Wanted<security::TopicPattern>> publish{};
  std::vector<Wanted<security::TopicPattern>> subscribe{};
  std::optional<core::Bytes> storage{};
  std::vector<std::string> secrets{};
  bool stated = false;  ///< There is a [wants]: what it does not name is not asked for.
  Place place{};
  Place storage_place{};
  Place secrets_place{};

  friend bool operator==(const Wants&, const Wants&) noexcept = default;
};

/// What `component.toml` says of a component. A value.
struct ComponentManifest {
  std::string name;       ///< Lower-case letters, digits, single hyphens.
  std::string version{};  ///< semver; empty for a bare `.wasm`.
  std::string description{};
  std::filesystem::path wasm{};        ///< Resolved against the manifest's folder; default: `<name>.wasm`.
  std::vector<core::Codec> accepts{};  ///< Empty: any.
  std::map<std::string, ConfigKey, std::less<>> config{};
  bool any_config = false;  ///< A bare `.wasm`: any string setting will do.
  Wants wants{};
  LimitsPatch limits{};  ///< What it needs.
  Place place{};

  friend bool operator==(const ComponentManifest&, const ComponentManifest&) noexcept = default;
};

/// Reads a `component.toml`. Blocks on the disk; any thread.
Loaded<ComponentManifest> load_component_manifest(const std::filesystem::path& path);
/// The same from a text. `name` stands in messages and is the path that others are relative to.
Loaded<ComponentManifest> parse_component_manifest(std::string_view text, const std::string& name);

/// What a system file's `component = "<path>"` means: a folder with a `component.toml`, such a file itself, or a `.wasm`.
/// A `.wasm` whose own `component.toml` is not beside it is bare: named by its file, with any string config. Whether the
/// `.wasm` exists and is a component is not looked at.
Loaded<ComponentManifest> load_component(const std::filesystem::path& path);

/// The settings that an instance gets: those given, checked against what the component knows, and its defaults.
/// `where`: what the settings are given to, for messages about those that are missing.
Loaded<ConfigValues> resolve_config(const ComponentManifest& component, const ConfigValues& given, const Place& where);

/// What of a manifest this version of airssys does not serve, with place and remedy.
Problems unsupported(const ComponentManifest& component);

}  // namespace airssys::config
