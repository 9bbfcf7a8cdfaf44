#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "alone.hpp"
#include "benches.hpp"
#include "measure.hpp"

namespace airssys::bench {
namespace {

/// The instructions of what a child measures, as callgrind counts them: the same on a busy machine as on a quiet one, and the
/// same again within a few in ten thousand.
class Callgrind {
 public:
  enum class Counts {
    measured_part,   ///< What is called by that name.
    busiest_thread,  ///< Of the threads, the one with the most.
  };

  Callgrind() : folder_(std::filesystem::temp_directory_path() / fmt::format("airssys-callgrind-{}", ::getpid())) {
    std::filesystem::create_directories(folder_);
  }
  Callgrind(const Callgrind&) = delete;
  Callgrind& operator=(const Callgrind&) = delete;
  ~Callgrind() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  /// Per one of `count`.
  core::Result<double> count(std::string_view name, std::uint64_t count, Counts what) const {
    std::vector<std::string> command{
        "valgrind", "--tool=callgrind", "--quiet",
        what == Counts::measured_part ? "--toggle-collect=airssys::bench::measured_part*" : "--separate-threads=yes",
        fmt::format("--callgrind-out-file={}", (folder_ / "out").string())};
    for (std::string& word : alone_command(name, count)) command.push_back(std::move(word));
    {
      AIRSSYS_TRY(const auto child, Child::start(std::move(command)));
      AIRSSYS_TRY(const Child::Answer answer, child->ask(kPatience));
      if (answer.result != count) return std::unexpected(failure(fmt::format("{} of {} were handled", answer.result, count)));
      child->finish(kPatience);
    }
    const std::uint64_t most = largest_total();
    if (most == 0) return std::unexpected(failure("callgrind has counted nothing"));
    return static_cast<double>(most) / static_cast<double>(count);
  }

 private:
  static constexpr std::chrono::seconds kPatience{300};

  static core::Error failure(std::string message) { return {core::ErrorCode::internal, "bench", std::move(message)}; }

  /// Of the files that callgrind has left, which are taken away.
  std::uint64_t largest_total() const {
    std::uint64_t most = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      std::ifstream file(entry.path());
      for (std::string line; std::getline(file, line);) {
        if (line.starts_with("totals: ")) most = std::max<std::uint64_t>(most, std::stoull(line.substr(8)));
      }
      std::filesystem::remove(entry.path());
    }
    return most;
  }

  const std::filesystem::path folder_;
};

struct Counted {
  std::string row;
  std::string counts;
  std::string alone;      ///< As `run_alone` calls it.
  std::string reference;  ///< Empty: none.
  std::string reference_alone;
};

core::Result<std::vector<Row>> run(World& world, const Counted& counted) {
  const std::uint64_t count = world.effort().of(4'096, 256);
  const Callgrind callgrind;
  if (counted.reference.empty()) {
    AIRSSYS_TRY(const double value, callgrind.count(counted.alone, count, Callgrind::Counts::busiest_thread));
    return std::vector{Row{.row = counted.row, .value = value, .unit = std::string(kInstructions)}};
  }
  AIRSSYS_TRY(const double value, callgrind.count(counted.alone, count, Callgrind::Counts::measured_part));
  AIRSSYS_TRY(const double reference, callgrind.count(counted.reference_alone, count, Callgrind::Counts::measured_part));
  return std::vector{compared(counted.row, value, std::string(kInstructions), counted.reference, reference, std::nullopt)};
}

}  // namespace

std::vector<Bench> instruction_benches() {
  const std::vector<Counted> all{{.row = "instructions/hop/64",
                                  .counts = "instructions of a message of 64 bytes from guest a to guest b, both turns",
                                  .alone = "hop",
                                  .reference = "floor/64",
                                  .reference_alone = "floor/hop"},
                                 {.row = "instructions/request/64",
                                  .counts = "instructions of a request of 64 bytes, its reply and the reply's turn",
                                  .alone = "request",
                                  .reference = "its two bare entries",
                                  .reference_alone = "floor/request"},
                                 {.row = "instructions/native_pingpong",
                                  .counts = "instructions of a worker for a round trip between two native actors",
                                  .alone = "native_pingpong",
                                  .reference = "",
                                  .reference_alone = ""}};
  std::vector<Bench> benches;
  for (const Counted& counted : all) {
    benches.push_back({.row = counted.row,
                       .counts = counted.counts,
                       .run = [counted](World& world) { return run(world, counted); },
                       .needs = "valgrind"});
  }
  return benches;
}

}  // namespace airssys::bench
