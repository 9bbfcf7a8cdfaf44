#include "cold_start.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "airssys/config/component_manifest.hpp"
#include "airssys/config/system_file.hpp"
#include "airssys/runtime/engine.hpp"
#include "benches.hpp"
#include "child.hpp"
#include "floor.hpp"
#include "measure.hpp"

namespace airssys::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBareIsReady = "ready";
/// As the command says it, on standard error.
constexpr std::string_view kCommandIsReady = " is running: ";

core::Error failure(std::string message) {
  return {core::ErrorCode::internal, "bench", std::move(message)};
}

/// A data directory for the command, and the demo's components as the bare engine reads them; gone with this.
class Stock {
 public:
  Stock() : folder_(fs::temp_directory_path() / fmt::format("airssys-cold-start-{}", ::getpid())) {
    fs::create_directories(folder_);
  }
  Stock(const Stock&) = delete;
  Stock& operator=(const Stock&) = delete;
  ~Stock() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  std::vector<std::string> command() const {
    return {AIRSSYS_COMMAND, "run", AIRSSYS_DEMO, "--data", (folder_ / "data").string()};
  }

  /// With an artifact for each actor of the demo.
  core::Result<std::vector<std::string>> bare_command() const {
    AIRSSYS_TRY(const auto engine, runtime::Engine::create({}));
    const auto demo = config::load_system_file(AIRSSYS_DEMO);
    if (!demo) return std::unexpected(failure(config::to_string(demo.error())));
    std::vector<std::string> words{fs::read_symlink("/proc/self/exe").string(), std::string(kBareStart)};
    for (const config::ActorEntry& actor : demo->actors) {
      const auto* const path = std::get_if<fs::path>(&actor.component);
      if (path == nullptr) return std::unexpected(failure("an actor of the demo has no component of its own"));
      AIRSSYS_TRY(const std::string artifact, compiled(*engine, *path));
      words.insert(words.end(), actor.addresses().size(), artifact);
    }
    return words;
  }

 private:
  core::Result<std::string> compiled(const runtime::Engine& engine, const fs::path& component) const {
    const auto manifest = config::load_component(component);
    if (!manifest) return std::unexpected(failure(config::to_string(manifest.error())));
    std::ifstream file(manifest->wasm, std::ios::binary);
    const std::string wasm(std::istreambuf_iterator<char>(file), {});
    AIRSSYS_TRY(const auto artifact, engine.compile(std::as_bytes(std::span(wasm))));
    const fs::path kept = folder_ / (manifest->name + ".artifact");
    std::ofstream out(kept, std::ios::binary);
    out.write(reinterpret_cast<const char*>(artifact.data()), static_cast<std::streamsize>(artifact.size()));
    if (!out.flush()) return std::unexpected(failure(kept.string() + " can't be written"));
    return kept.string();
  }

  fs::path folder_;
};

/// Milliseconds from before a process is made to its word that it is ready.
Batch until_it_says(std::vector<std::string> command, int speaks_on, std::string_view ready) {
  return [command = std::move(command), speaks_on, ready]() -> core::Result<double> {
    const auto began = std::chrono::steady_clock::now();
    AIRSSYS_TRY(const auto child, Child::start(command, speaks_on));
    std::string line;
    while (line.find(ready) == std::string::npos) {
      auto next = child->line();
      if (!next) return std::unexpected(failure(fmt::format("{}; the last it said: {}", next.error().message(), line)));
      line = *std::move(next);
    }
    const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - began;
    child->finish(std::chrono::seconds(0));
    return taken.count();
  };
}

constexpr int kRounds = 21;

core::Result<std::vector<Row>> run_cold_start(World& world) {
  const Stock stock;
  AIRSSYS_TRY(std::vector<std::string> bare, stock.bare_command());
  // The round that does not count is the one in which the command compiles.
  const std::array batches{until_it_says(stock.command(), STDERR_FILENO, kCommandIsReady),
                           until_it_says(std::move(bare), STDOUT_FILENO, kBareIsReady)};
  AIRSSYS_TRY(const auto medians, alternate(batches, world.effort().rounds(kRounds)));
  // Where noise is larger than the difference, nothing was found.
  const double beyond = std::max(medians[0] - medians[1], 0.0);
  return std::vector{Row{.row = "cold_start",
                         .value = beyond,
                         .unit = "ms beyond",
                         .reference = "bare engine's own start",
                         .reference_value = medians[1],
                         .target = 50},
                     compared("cold_start", medians[0], "ms", "bare engine, same instances", medians[1], std::nullopt)};
}

}  // namespace

int run_bare_start(std::span<const std::string> artifacts) {
  const auto bare = BareSystem::start(artifacts);
  if (!bare) {
    fmt::print(stderr, "airssys_bench: {}\n", bare.error().to_string());
    return 1;
  }
  fmt::print("{}\n", kBareIsReady);
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}

std::vector<Bench> cold_start_benches() {
  return {
      {"cold_start",
       "from starting `airssys run` of the demo with a warm cache to `is running`; beside it a bare engine with its instances",
       run_cold_start}};
}

}  // namespace airssys::bench
