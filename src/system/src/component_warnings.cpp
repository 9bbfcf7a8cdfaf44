#include "component_warnings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <optional>
#include <set>
#include <system_error>

namespace airssys::system {
namespace {

namespace fs = std::filesystem;

/// Of what `airssys build` would compile in this folder, the first that was written after `built`.
std::optional<fs::path> newer_source(const fs::path& folder, fs::file_time_type built) {
  std::error_code failure;
  std::optional<fs::path> found;
  for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end; entry.increment(failure)) {
    const fs::path extension = entry->path().extension();
    if (extension != ".cpp" && extension != ".c") continue;
    std::error_code unknown;
    const auto written = entry->last_write_time(unknown);
    if (!unknown && written > built && (!found || entry->path() < *found)) found = entry->path();
  }
  return found;
}

/// Empty: it is as new as its sources, or nobody can tell.
std::string stale(const config::ComponentManifest& manifest) {
  const fs::path folder = fs::absolute(manifest.place.file).parent_path();
  // A `.wasm` without a manifest is of the folder that has its name, as `airssys build` makes it.
  if (manifest.any_config && manifest.wasm.stem() != folder.filename()) return {};
  std::error_code failure;
  const auto built = fs::last_write_time(manifest.wasm, failure);
  if (failure) return {};
  const auto source = newer_source(folder, built);
  if (!source) return {};
  return fmt::format("{} is newer than {}, which runs; build it: airssys build {}", source->filename().string(),
                     manifest.wasm.string(), fs::path(manifest.place.file).parent_path().string());
}

}  // namespace

std::vector<std::string> component_warnings(const Manifests& components) {
  std::vector<std::string> warnings;
  std::set<fs::path> seen;
  for (const auto& [entry, component] : components) {
    if (!seen.insert(component->manifest.wasm).second) continue;
    const std::string place = config::to_string(entry->component_place);
    if (const std::string old = stale(component->manifest); !old.empty()) warnings.push_back(fmt::format("{}: {}", place, old));
    const std::vector<std::string> in_vain = component->code->imports_in_vain();
    if (in_vain.empty()) continue;
    warnings.push_back(fmt::format("{}: {} imports what it will not get here, and runs without: {}", place,
                                   component->code->name(), fmt::join(in_vain, ", ")));
  }
  return warnings;
}

}  // namespace airssys::system
