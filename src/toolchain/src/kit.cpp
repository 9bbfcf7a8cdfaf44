#include "kit.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <system_error>

#include "airssys/os/folder.hpp"
#include "compiler.hpp"
#include "files.hpp"
#include "subprocess.hpp"

namespace airssys::toolchain {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRuntimeObject = "rt.o";

std::unexpected<core::Error> kit_error(core::ErrorCode code, std::string message) {
  return std::unexpected(core::Error(code, "toolchain", std::move(message)));
}

bool holds_kit(const fs::path& folder) {
  std::error_code ignored;
  return fs::is_regular_file(folder / "include/airssys/guest.hpp", ignored);
}

fs::path beside_program() {
  std::error_code failure;
  const auto program = fs::read_symlink("/proc/self/exe", failure);
  return failure ? fs::path() : program.parent_path().parent_path() / "share/airssys/sdk/cpp";
}

core::Result<fs::path> kit_folder(const fs::path& wanted) {
  const char* variable = std::getenv("AIRSSYS_SDK");
  const fs::path named = !wanted.empty() || variable == nullptr ? wanted : fs::path(variable);
  if (!named.empty()) {
    if (holds_kit(named)) return fs::absolute(named).lexically_normal();
    return kit_error(core::ErrorCode::not_found,
                     fmt::format("{}: no guest kit there; expected a folder with include/airssys/guest.hpp (the variable "
                                 "AIRSSYS_SDK names it)",
                                 named.string()));
  }
  const fs::path installed = beside_program();
  for (const fs::path& folder : {installed, fs::path(AIRSSYS_SDK_IN_SOURCE_TREE)}) {
    if (holds_kit(folder)) return folder;
  }
  return kit_error(core::ErrorCode::not_found,
                   fmt::format("the guest kit is neither in {} nor in {}; set AIRSSYS_SDK to the folder sdk/cpp of airssys",
                               installed.string(), AIRSSYS_SDK_IN_SOURCE_TREE));
}

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code failure;
  for (fs::recursive_directory_iterator entry(folder, failure), end; !failure && entry != end; entry.increment(failure)) {
    if (entry->is_regular_file(failure)) files.push_back(entry->path());
  }
  std::ranges::sort(files);
  return files;
}

core::Result<void> compile_source(const fs::path& compiler, const Kit& kit, const fs::path& source, const fs::path& object,
                                  const BuildLimits& limits) {
  std::vector<std::string> arguments = compile_flags();
  // Lines only: the kit's frames must be named in a crash report, its types need not be.
  arguments.insert(arguments.end(), {"-std=c++23", "-fno-rtti", "-gline-tables-only", "-isystem", kit.include().string(),
                                     fmt::format("-ffile-prefix-map={}=airssys-sdk", kit.folder.string()), "-c",
                                     source.string(), "-o", object.string()});
  AIRSSYS_TRY(const Finished finished, run(compiler, arguments, limits));
  if (finished.exit_code == 0) return {};
  if (!finished.stopped.empty()) {
    return kit_error(core::ErrorCode::too_large,
                     fmt::format("{} could not compile the guest kit: {}", compiler.string(), finished.stopped));
  }
  return kit_error(core::ErrorCode::invalid,
                   fmt::format("{} could not compile the guest kit:\n{}", compiler.string(), finished.output));
}

CompiledKit in_folder(const Kit& kit, const fs::path& compiler, const fs::path& folder) {
  CompiledKit compiled{compiler, folder / kRuntimeObject};
  for (const fs::path& source : kit.sources) {
    auto object = folder / source.filename().replace_extension(".o");
    if (object.filename() != kRuntimeObject) compiled.library.push_back(std::move(object));
  }
  return compiled;
}

/// The folder's name says what it was made from, so what is in it is right.
fs::path kit_entry(const Kit& kit, const fs::path& compiler, const fs::path& cache) {
  Digest digest;
  digest.add(kit.digest).add(kit.folder.string()).add(identity_of(compiler));
  for (const std::string& flag : compile_flags()) digest.add(flag);
  for (const std::string& flag : link_flags()) digest.add(flag);
  return cache / "kit" / digest.hex();
}

core::Result<void> fill(const Kit& kit, const fs::path& compiler, const fs::path& scratch, const fs::path& entry,
                        const BuildLimits& limits) {
  const fs::path objects = scratch / "objects";
  AIRSSYS_TRY(make_folder(objects));
  for (const fs::path& source : kit.sources) {
    AIRSSYS_TRY(compile_source(compiler, kit, source, objects / source.filename().replace_extension(".o"), limits));
  }
  std::error_code failure;
  fs::rename(objects, entry, failure);
  if (failure && !fs::is_directory(entry)) {  // there already: another build was first
    return kit_error(core::ErrorCode::io, fmt::format("cannot write {}: {}", entry.string(), failure.message()));
  }
  return {};
}

}  // namespace

core::Result<Kit> find_kit(const fs::path& wanted) {
  AIRSSYS_TRY(fs::path folder, kit_folder(wanted));
  Kit kit{std::move(folder)};
  Digest digest;
  for (const char* part : {"include", "src"}) {
    for (const fs::path& file : files_below(kit.folder / part)) {
      AIRSSYS_TRY(const std::string content, read_file(file));
      digest.add(file.lexically_relative(kit.folder).string()).add(content);
      if (file.extension() == ".cpp") kit.sources.push_back(file);
    }
  }
  kit.digest = digest.hex();
  return kit;
}

core::Result<CompiledKit> compiled_kit(const Kit& kit, const std::vector<fs::path>& compilers, const fs::path& cache,
                                       const BuildLimits& limits) {
  for (const fs::path& compiler : compilers) {
    const fs::path entry = kit_entry(kit, compiler, cache);
    if (fs::is_directory(entry)) return in_folder(kit, compiler, entry);
  }
  std::string tried;
  for (const fs::path& compiler : compilers) {
    const fs::path entry = kit_entry(kit, compiler, cache);
    AIRSSYS_TRY(const TemporaryFolder scratch, TemporaryFolder::make_in(entry.parent_path()));
    if (const auto usable = probe(compiler, scratch.path(), limits); !usable) {
      tried += fmt::format("  {}: {}\n", compiler.string(), usable.error().message());
      continue;
    }
    AIRSSYS_TRY(fill(kit, compiler, scratch.path(), entry, limits));
    return in_folder(kit, compiler, entry);
  }
  return std::unexpected(no_compiler(tried));
}

core::Result<fs::path> cache_folder(const fs::path& wanted) {
  if (!wanted.empty()) return fs::absolute(wanted).lexically_normal();
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/') return fs::path(cache) / "airssys";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/') return fs::path(home) / ".cache/airssys";
  // Anybody can make a folder in these, also one with the name that we would give it, and a compiled kit to our taste in it.
  const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
  fs::path folder = runtime != nullptr && *runtime == '/' ? fs::path(runtime) / "airssys"
                                                          : fs::temp_directory_path() / fmt::format("airssys-{}", ::geteuid());
  if (const auto ours = os::Folder::open(folder, os::Folder::Missing::make); !ours) {
    return kit_error(ours.error().code(),
                     fmt::format("no folder for the compiled kit: {}; or set HOME or XDG_CACHE_HOME", ours.error().message()));
  }
  return folder;
}

}  // namespace airssys::toolchain
