#include "place.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "airssys/config/nearest.hpp"
#include "airssys/control/control_server.hpp"
#include "json_text.hpp"

namespace airssys::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

Json json_of(const config::Problem& problem) {
  return {{"file", problem.file},       {"line", problem.line},         {"column", problem.column},
          {"message", problem.message}, {"expected", problem.expected}, {"nearest", problem.nearest}};
}

/// Of a file that can't be read: what named it, and what was probably meant.
void say_who_named_it(const Place& place, config::Problems& problems) {
  const fs::path wanted = file_of(place);
  std::error_code ignored;
  if (problems.size() != 1 || problems.front().line != 0 || problems.front().file != wanted.string()) return;
  config::Problem& problem = problems.front();
  problem.expected = place.named_by.empty() ? "a system.toml in this folder, or the system file that -f names"
                                            : fmt::format("the system file, or its folder, that {} names", place.named_by);
  const auto is_system = [](const fs::path& entry) {
    std::error_code unknown;
    return entry.extension() == ".toml" || fs::is_regular_file(entry / "system.toml", unknown);
  };
  if (!fs::exists(wanted, ignored)) problem.nearest = config::nearest_path(wanted, is_system).string();
}

}  // namespace

fs::path file_of(const Place& place) {
  const fs::path file = place.file.empty() ? fs::path("system.toml") : fs::path(place.file);
  std::error_code ignored;
  return fs::is_directory(file, ignored) ? file / "system.toml" : file;
}

config::Loaded<config::SystemFile> load(const Place& place) {
  auto file = config::load_system_file(file_of(place));
  if (!file) say_who_named_it(place, file.error());
  if (file && !place.data.empty()) file->data = place.data;
  return file;
}

std::expected<fs::path, ExitCode> find_data(const Place& place, Console& console) {
  if (!place.data.empty()) return fs::path(place.data);
  auto file = load(place);
  if (!file) return std::unexpected(fail_with(ExitCode::configuration, file.error(), console));
  return file->data;
}

std::string flags_of(const Place& place) {
  std::string flags;
  if (!place.file.empty() && place.file != "system.toml" && place.file != "./system.toml") flags += " -f " + place.file;
  if (!place.data.empty()) flags += " --data " + place.data;
  return flags;
}

ExitCode fail_with(ExitCode code, const config::Problems& problems, Console& console) {
  if (!console.json()) {
    for (const config::Problem& problem : problems) console.complain(config::to_string(problem));
    return code;
  }
  Json list = Json::array();
  for (const config::Problem& problem : problems) list.push_back(json_of(problem));
  const char* const kind = code == ExitCode::validation ? "validation" : "configuration";
  const Json report{{"error", {{"kind", kind}, {"message", config::to_string(problems)}}},
                    {"exit_code", static_cast<int>(code)},
                    {"problems", list}};
  console.print_json(json_text(report));
  return code;
}

/// As much as goes over the socket at once.
constexpr std::size_t kMostData = control::ControlServer::kMostFrameBytes;

std::expected<std::string, ExitCode> read_data(const std::string& data, Console& console) {
  if (data == "-") {
    auto text = console.read_input(kMostData);
    if (!text) return std::unexpected(console.fail(ExitCode::general, text.error()));
    return std::move(*text);
  }
  if (!data.starts_with('@')) return data;
  const std::string path = data.substr(1);
  std::ifstream file(path, std::ios::binary);
  std::error_code ignored;
  if (!file || fs::is_directory(path, ignored)) {
    return std::unexpected(console.fail(ExitCode::usage, "usage",
                                        fmt::format("can't read the file {} (a DATA that begins with @ names one; to send such "
                                                    "text itself, pipe it in and say -)",
                                                    path)));
  }
  // Not by its size: a device has none.
  std::string text;
  std::array<char, 65536> chunk{};
  while (text.size() <= kMostData && file) {
    file.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    text.append(chunk.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (text.size() > kMostData) {
    return std::unexpected(console.fail(
        ExitCode::usage, "usage", fmt::format("{} has more than {} bytes: no message is as large as that", path, kMostData)));
  }
  return text;
}

}  // namespace airssys::cli
