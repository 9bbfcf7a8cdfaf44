#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <iosfwd>
#include <span>
#include <string>
#include <vector>

namespace airssys::config {

/// Where something is written. Lines and columns count from 1; columns count characters. Line 0: the file as a whole.
struct Place {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  friend bool operator==(const Place&, const Place&) noexcept = default;
};

/// "system.toml:12:5"; "system.toml" for a file as a whole.
std::string to_string(const Place& place);

/// One thing that is wrong with a file: where, what, what was expected, and the known name that is nearest.
struct Problem {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string message;   ///< With the offending value.
  std::string expected;  ///< Empty: the message says it.
  std::string nearest;   ///< Empty: none is near.

  friend bool operator==(const Problem&, const Problem&) noexcept = default;
};

Problem problem_at(const Place& place, std::string message, std::string expected = {}, std::string nearest = {});

/// One line: `system.toml:12:5: unknown key "mailbox_mesages" in [defaults]; did you mean "mailbox_messages"?`
std::string to_string(const Problem& problem);
std::ostream& operator<<(std::ostream& out, const Problem& problem);

/// All that is wrong, in the order of the files. Never empty where it is an error.
using Problems = std::vector<Problem>;
/// As a person would go through them: by file in the order of `files`, then those of other files in the order in which they
/// were found, each by place; those of one place as they were found.
Problems sorted(Problems problems, std::span<const std::filesystem::path> files);
/// One line each, without a line end after the last.
std::string to_string(const Problems& problems);

/// What a file says, or everything that is wrong with it.
template <typename T>
using Loaded = std::expected<T, Problems>;

}  // namespace airssys::config
