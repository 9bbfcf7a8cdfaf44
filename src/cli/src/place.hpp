#pragma once

#include <expected>
#include <filesystem>
#include <string>

#include "airssys/config/problem.hpp"
#include "airssys/config/system_file.hpp"
#include "commands.hpp"

namespace airssys::cli {

std::filesystem::path file_of(const Place& place);
/// The system file, with the data directory that the place names.
config::Loaded<config::SystemFile> load(const Place& place);
/// The data directory alone; the file is not read if the place names it. On failure everything has been said.
std::expected<std::filesystem::path, ExitCode> find_data(const Place& place, Console& console);
/// How to say this place on a command line: "-f demo/system.toml"; empty where it is the default.
std::string flags_of(const Place& place);

/// Says all of them.
ExitCode fail_with(ExitCode code, const config::Problems& problems, Console& console);

/// `DATA`, `@file` or `-` as a payload. On failure everything has been said.
std::expected<std::string, ExitCode> read_data(const std::string& data, Console& console);

}  // namespace airssys::cli
