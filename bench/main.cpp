#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "alone.hpp"
#include "benches.hpp"
#include "cold_start.hpp"
#include "plots.hpp"
#include "report/report.hpp"
#include "world.hpp"

namespace airssys::bench {

std::vector<Bench> benches() {
  std::vector<Bench> all = hop_benches();
  for (auto* more : {request_benches, publish_benches, life_benches, limits_benches, native_benches, memory_benches,
                     cold_start_benches, instruction_benches}) {
    for (Bench& bench : more()) all.push_back(std::move(bench));
  }
  return all;
}

namespace {

constexpr int kUsage = 2;
constexpr std::string_view kHelp = R"(airssys_bench: what messages, spawns and restarts cost, each beside the engine's floor

  --filter ROW     only this row, or the rows ROW/...; again for more
  --json FILE      writes the rows as a JSON array, too
  --compare FILE   what has changed since the run that wrote FILE with --json; fails if a row takes more instructions
  --instructions   only the rows that count instructions, which a busy machine does not change
  --plot FOLDER    draws charts of what a hop costs, as SVG, instead of the table
  --peers FOLDER   native rows beside the peers that bench/peers/build has put there
  --tiny           one short batch of everything: shows that the counting holds, not what things cost
  --list           the rows and what each counts

Example: airssys_bench --filter hop --json hops.json
)";

struct Options {
  std::vector<std::string> filters{};
  std::optional<std::filesystem::path> json{};
  std::optional<std::filesystem::path> compare{};
  std::optional<std::filesystem::path> plot{};
  std::filesystem::path peers{};
  bool tiny = false;
  bool list = false;
  bool help = false;
};

std::optional<Options> parse(const std::vector<std::string>& words) {
  Options options;
  for (auto word = words.begin(); word != words.end(); ++word) {
    if (*word == "--help" || *word == "-h") {
      options.help = true;
    } else if (*word == "--list") {
      options.list = true;
    } else if (*word == "--tiny") {
      options.tiny = true;
    } else if (*word == "--instructions") {
      options.filters.emplace_back(kInstructions);
    } else if (std::next(word) == words.end()) {
      return std::nullopt;
    } else if (*word == "--filter") {
      options.filters.push_back(*++word);
    } else if (*word == "--json") {
      options.json = *++word;
    } else if (*word == "--compare") {
      options.compare = *++word;
    } else if (*word == "--peers") {
      options.peers = *++word;
    } else if (*word == "--plot") {
      options.plot = *++word;
    } else {
      return std::nullopt;
    }
  }
  return options;
}

bool is_asked_for(const Options& options, std::string_view row) {
  return options.filters.empty() || std::ranges::any_of(options.filters, [row](const std::string& filter) {
           return row == filter || row.starts_with(filter + "/");
         });
}

std::vector<Bench> asked_for(const Options& options) {
  std::vector<Bench> all = benches();
  std::erase_if(all, [&](const Bench& bench) { return !is_asked_for(options, bench.row); });
  return all;
}

bool is_installed(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::error_code ignored;
    if (std::filesystem::exists(std::filesystem::path(folder) / program, ignored)) return true;
  }
  return false;
}

/// Whether a row can be measured here; if not, says why. One that was asked for by its name is tried.
bool is_possible(const Bench& bench, const Options& options) {
  if (bench.needs.empty() || !options.filters.empty() || is_installed(bench.needs)) return true;
  fmt::print(stderr, "{}: left out, since there is no {}\n", bench.row, bench.needs);
  return false;
}

/// What became of a run.
struct Score {
  std::vector<Row> rows{};
  int failed = 0;     ///< Rows that could not be measured, or whose counts were wrong.
  int regressed = 0;  ///< Rows that take more instructions than before.
};

/// A row in which somebody was put off, as happens where others need the machine, is measured anew. Whatever fails, the next
/// row finds nobody.
core::Result<std::vector<Row>> measure(const Bench& bench, World& world) {
  constexpr int kTries = 3;
  for (int tries = 1;; ++tries) {
    auto lines = bench.run(world);
    if (lines) return lines;
    static_cast<void>(world.settle());
    if (lines.error().code() != core::ErrorCode::busy || tries == kTries) return lines;
    fmt::print(stderr, "{}: once more: {}\n", bench.row, lines.error().to_string());
  }
}

Score run_all(World& world, const Options& options, const std::vector<Bench>& chosen, const Earlier& earlier) {
  Score score;
  for (const Bench& bench : chosen) {
    if (!is_possible(bench, options)) continue;
    const auto lines = measure(bench, world);
    if (!lines) {
      fmt::print(stderr, "{}: {}\n", bench.row, lines.error().to_string());
      ++score.failed;
      continue;
    }
    for (const Row& row : *lines) {
      fmt::print("{}\n", line(row, earlier));
      score.regressed += has_regressed(row, earlier) ? 1 : 0;
      score.rows.push_back(row);
    }
    std::fflush(stdout);
  }
  return score;
}

core::Result<void> run(const Options& options, const std::vector<Bench>& chosen) {
  Earlier earlier;
  if (options.compare) {
    AIRSSYS_TRY(earlier, load(*options.compare));
  }
  AIRSSYS_TRY(const auto world, World::create(AIRSSYS_GUESTS, {.effort = {.tiny = options.tiny}, .peers = options.peers}));
  if (options.plot) return plot_all(*world, *options.plot);
  fmt::print("{}\n", heading(earlier));
  const Score score = run_all(*world, options, chosen, earlier);
  if (options.json) AIRSSYS_TRY(save(*options.json, score.rows));
  if (score.failed == 0 && score.regressed == 0) return {};
  return std::unexpected(core::Error(
      core::ErrorCode::internal, "bench",
      fmt::format("{} rows could not be measured, {} take more instructions than before", score.failed, score.regressed)));
}

std::uint64_t count_in(std::string_view text) {
  std::uint64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

int main(const std::vector<std::string>& words) {
  if (words.size() == 3 && words[0] == "--alone") return run_alone(AIRSSYS_GUESTS, words[1], count_in(words[2]));
  if (!words.empty() && words[0] == kBareStart) return run_bare_start(std::span(words).subspan(1));
  const auto options = parse(words);
  if (!options) {
    fmt::print(stderr, "{}", kHelp);
    return kUsage;
  }
  if (options->help) {
    fmt::print("{}", kHelp);
    return 0;
  }
  const std::vector<Bench> chosen = asked_for(*options);
  if (chosen.empty()) {
    fmt::print(stderr, "no row is called {}: see --list\n", fmt::join(options->filters, " or "));
    return kUsage;
  }
  if (options->list) {
    for (const Bench& bench : chosen) fmt::print("{:<28} {}\n", bench.row, bench.counts);
    return 0;
  }
  if (const auto done = run(*options, chosen); !done) {
    fmt::print(stderr, "airssys_bench: {}\n", done.error().to_string());
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace airssys::bench

int main(int count, char** words) {
  return airssys::bench::main({words + 1, words + count});
}
