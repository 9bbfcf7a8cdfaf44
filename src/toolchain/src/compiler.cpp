#include "compiler.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

#include "files.hpp"
#include "subprocess.hpp"

namespace airssys::toolchain {

namespace {

constexpr std::string_view kPackages = "clang-22 lld-22 libc++-22-dev-wasm32 libclang-rt-22-dev-wasm32 wasi-libc";

// 22 is what the kit is tested with; newer ones first among the rest, the unversioned name last.
constexpr std::array<std::string_view, 8> kNames{"clang++-22", "clang++-25", "clang++-24", "clang++-23",
                                                 "clang++-21", "clang++-20", "clang++-19", "clang++"};

// What a guest needs of its compiler: the target, libc++ with <expected>, wasi-libc, the linker, the builtins.
constexpr std::string_view kProbeSource = R"(#include <cstdlib>
#include <expected>
#include <string>
extern "C" __attribute__((export_name("probe"))) unsigned probe(unsigned size) {
  std::expected<std::string, int> text(std::string(size, 'x'));
  return std::malloc(size) == nullptr ? 0 : static_cast<unsigned>(text->size());
}
)";

bool is_program(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

/// The first of that name in PATH; empty if there is none.
std::filesystem::path in_search_path(std::string_view name) {
  const char* variable = std::getenv("PATH");
  std::string_view folders = variable == nullptr ? "/usr/local/bin:/usr/bin:/bin" : variable;
  while (!folders.empty()) {
    const std::size_t size = std::min(folders.find(':'), folders.size());
    const auto candidate = std::filesystem::path(folders.substr(0, size)) / name;
    if (size != 0 && is_program(candidate)) return candidate;
    folders.remove_prefix(std::min(size + 1, folders.size()));
  }
  return {};
}

core::Result<std::vector<std::filesystem::path>> chosen(const std::filesystem::path& wanted, std::string_view who) {
  const bool has_folder = wanted.has_parent_path();
  const auto path = has_folder ? wanted : in_search_path(wanted.string());
  if (!path.empty() && is_program(path)) return std::vector{path};
  return std::unexpected(core::Error(
      core::ErrorCode::not_found, "toolchain",
      fmt::format("{} names the compiler \"{}\", which is no program; expected a clang++ by its path or its name in PATH", who,
                  wanted.string())));
}

}  // namespace

std::vector<std::string> compile_flags() {
  // wasi-libc is laid out for wasm32-wasi, which clang calls deprecated.
  return {"--target=wasm32-wasi", "-Wno-deprecated", "-O2", "-fno-exceptions", "-Wall", "-Wextra", "-fdebug-compilation-dir=."};
}

std::vector<std::string> link_flags() {
  // The stack lies below the data, so that an overflow traps; together with small data it fits two pages. A wasm-opt that
  // happens to be in PATH must not change what comes out.
  return {"--target=wasm32-wasi", "-Wno-deprecated",   "-mexec-model=reactor",   "--no-wasm-opt",
          "-Wl,--gc-sections",    "-Wl,--stack-first", "-Wl,-z,stack-size=98304"};
}

core::Result<std::vector<std::filesystem::path>> compiler_candidates(const std::filesystem::path& wanted) {
  if (!wanted.empty()) return chosen(wanted, "the option");
  const char* variable = std::getenv("AIRSSYS_CLANG");
  if (variable != nullptr && *variable != '\0') return chosen(variable, "AIRSSYS_CLANG");
  std::vector<std::filesystem::path> candidates;
  for (const std::string_view name : kNames) {
    if (auto found = in_search_path(name); !found.empty()) candidates.push_back(std::move(found));
  }
  if (candidates.empty()) return std::unexpected(no_compiler("  there is no clang++ in PATH\n"));
  return candidates;
}

core::Error no_compiler(const std::string& tried) {
  return {core::ErrorCode::not_found, "toolchain",
          fmt::format("no compiler for guests: expected a clang++ 19 or later with the target wasm32-wasi, its libc++ and "
                      "wasi-libc\n{}install one:  sudo apt install {}\nor set AIRSSYS_CLANG to a clang++ that has them",
                      tried, kPackages)};
}

std::string identity_of(const std::filesystem::path& compiler) {
  std::error_code ignored;
  const auto real = std::filesystem::canonical(compiler, ignored);
  const auto changed = std::filesystem::last_write_time(real, ignored).time_since_epoch().count();
  return fmt::format("{} {} {}", real.string(), std::filesystem::file_size(real, ignored), changed);
}

core::Result<void> probe(const std::filesystem::path& compiler, const std::filesystem::path& scratch,
                         const BuildLimits& limits) {
  const auto source = scratch / "probe.cpp";
  AIRSSYS_TRY(write_file(source, kProbeSource));
  std::vector<std::string> arguments = compile_flags();
  for (std::string& flag : link_flags()) arguments.push_back(std::move(flag));
  arguments.insert(arguments.end(), {"-std=c++23", source.string(), "-o", (scratch / "probe.wasm").string()});
  AIRSSYS_TRY(const Finished finished, run(compiler, arguments, limits));
  if (finished.exit_code == 0) return {};
  if (!finished.stopped.empty()) return std::unexpected(core::Error(core::ErrorCode::too_large, "toolchain", finished.stopped));
  std::string first_line = finished.output.substr(0, finished.output.find('\n'));
  if (first_line.empty()) first_line = fmt::format("ended with {}", finished.exit_code);
  return std::unexpected(core::Error(core::ErrorCode::invalid, "toolchain", std::move(first_line)));
}

}  // namespace airssys::toolchain
