#pragma once

#include <span>
#include <string_view>

namespace airssys::config {

/// One key of a table of the two files: what the parser takes, and what docs/system-file.md and docs/component-file.md say
/// of it. A test holds the pages against these lines; the reader of a table takes no key but those of its lines, and all of
/// them.
struct FileKey {
  std::string_view name;
  /// What it takes, in the words of the message about a value of another type.
  std::string_view type;
  /// What holds without it; "required" if nothing does.
  std::string_view usual;
  /// A value.
  std::string_view example;
  std::string_view meaning;
  /// The first version that has it.
  std::string_view since = "0.1";
  /// False: it is read, and refused with a place and a remedy (`unsupported`).
  bool is_served = true;
};

/// The keys of one table, in the order of the page.
using FileKeys = std::span<const FileKey>;

/// What this version reads and does not serve.
inline constexpr bool kNotServed = false;

/// system.toml: the file itself, and its tables.
FileKeys system_file_keys() noexcept;
FileKeys system_keys() noexcept;
FileKeys supervisor_keys() noexcept;
FileKeys actor_keys() noexcept;
FileKeys secret_keys() noexcept;
FileKeys grant_keys() noexcept;
FileKeys subscription_keys() noexcept;
FileKeys gateway_keys() noexcept;
/// [defaults], [limits] and limits = {}.
FileKeys limits_keys() noexcept;
/// component.toml: the file itself, and its tables.
FileKeys component_file_keys() noexcept;
FileKeys component_keys() noexcept;
FileKeys setting_keys() noexcept;
FileKeys wants_keys() noexcept;

}  // namespace airssys::config
