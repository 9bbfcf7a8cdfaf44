#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "airssys/toolchain/build.hpp"
#include "console.hpp"

namespace airssys::cli {

/// Which system a command is about: what is given of it; the rest is found.
struct Place {
  std::string file;  ///< Empty: ./system.toml. A folder: its system.toml.
  std::string data;  ///< Empty: what the file says.
  /// What names the file: "FILE", "-f", "AIRSSYS_FILE". Empty: nothing does.
  std::string named_by;
  /// How long a running system may take for each answer.
  std::chrono::milliseconds patience{10'000};
};

struct RunArguments {
  Place place;
  unsigned workers = 0;  ///< 0: one per core.
  std::chrono::milliseconds drain{10'000};
  bool until_idle = false;
  std::vector<std::string> final_request;  ///< Address and data, or nothing.
  std::chrono::milliseconds timeout{5'000};
};
struct MessageArguments {
  Place place;
  std::string address;
  std::string data;
  std::string codec = "raw";
  std::string key;  ///< Of a send that may be said again. Empty: none.
  std::chrono::milliseconds timeout{5'000};
};
struct BuildArguments {
  std::string folder = ".";
  std::string output;
  bool force = false;
  toolchain::BuildLimits limits{};
};

struct ListArguments {
  Place place;
  std::string pattern;      ///< Of addresses. Empty: any.
  std::uint64_t limit = 0;  ///< 0: none.
};

struct DeadArguments {
  Place place;
  std::uint64_t number = 0;  ///< 0: none is named.
  bool all = false;
  std::string target;  ///< A pattern; with `all`. Empty: any.
  bool raw = false;
  bool multicodec = false;
};

/// One function per command. The exit code is theirs; everything else is said through the console.
ExitCode run_system(const RunArguments& arguments, Console& console);
ExitCode check_system(const Place& place, Console& console);
ExitCode send_message(const MessageArguments& arguments, Console& console);
ExitCode request_reply(const MessageArguments& arguments, Console& console);
ExitCode list_actors(const ListArguments& arguments, Console& console);
ExitCode show_actor(const Place& place, const std::string& address, Console& console);
ExitCode stop_actor(const Place& place, const std::string& address, Console& console);
ExitCode restart_actor(const Place& place, const std::string& address, Console& console);
ExitCode remove_actor(const Place& place, const std::string& address, Console& console);
ExitCode show_trace(const Place& place, const std::string& id, Console& console);
ExitCode list_traces(const Place& place, std::uint64_t limit, Console& console);
ExitCode list_dead(const Place& place, Console& console);
ExitCode show_dead(const DeadArguments& arguments, Console& console);
ExitCode retry_dead(const DeadArguments& arguments, Console& console);
ExitCode drop_dead(const DeadArguments& arguments, Console& console);
ExitCode build_guest(const BuildArguments& arguments, Console& console);
ExitCode list_crashes(const Place& place, Console& console);
ExitCode show_crash(const Place& place, const std::string& id, Console& console);

}  // namespace airssys::cli
