#include "airssys/toolchain/build.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <system_error>
#include <vector>

#include "airssys/config/component_manifest.hpp"
#include "airssys/runtime/componentizer.hpp"
#include "airssys/toolchain/contract.hpp"
#include "compiler.hpp"
#include "files.hpp"
#include "kit.hpp"
#include "stamp.hpp"
#include "subprocess.hpp"

namespace airssys::toolchain {

namespace {

namespace fs = std::filesystem;

constexpr const char* kManifest = "component.toml";
/// How the names of all that the contract lets a component export go on; those of imports do not.
constexpr std::string_view kExportMark = "@0.1.0#";

std::unexpected<core::Error> build_error(core::ErrorCode code, std::string message) {
  return std::unexpected(core::Error(code, "toolchain", std::move(message)));
}

/// Everything that is decided before a compiler runs.
struct Plan {
  fs::path folder{};
  fs::path source_root{};
  std::vector<fs::path> sources{};
  fs::path manifest{};  ///< Empty: there is none.
  std::string name{};
  fs::path component{};
  fs::path debug_module{};
  fs::path stamp{};
};

core::Result<std::vector<fs::path>> sources_in(const fs::path& folder) {
  std::error_code failure;
  std::vector<fs::path> sources;
  for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end; entry.increment(failure)) {
    const fs::path extension = entry->path().extension();
    if (extension == ".cpp" || extension == ".c") sources.push_back(entry->path());
  }
  if (failure) return build_error(core::ErrorCode::io, fmt::format("cannot read {}: {}", folder.string(), failure.message()));
  if (sources.empty()) {
    return build_error(core::ErrorCode::not_found,
                       fmt::format("{}: no sources; expected *.cpp or *.c files beside component.toml", folder.string()));
  }
  std::ranges::sort(sources);
  return sources;
}

/// Debug information names files from here, so that a crash report reads the same on every machine.
fs::path default_source_root(const fs::path& folder) {
  for (fs::path above = folder; above.has_relative_path(); above = above.parent_path()) {
    if (fs::exists(above / ".git")) return above;
  }
  return folder.parent_path();
}

core::Result<void> name_outputs(Plan& plan, const fs::path& output) {
  plan.name = plan.folder.filename().string();
  fs::path wasm = plan.folder / (plan.name + ".wasm");
  if (!plan.manifest.empty()) {
    const auto manifest = config::load_component_manifest(plan.manifest);
    if (!manifest) return build_error(core::ErrorCode::invalid, config::to_string(manifest.error()));
    plan.name = manifest->name;
    wasm = manifest->wasm;
  }
  plan.component = output.empty() ? wasm : fs::absolute(output).lexically_normal() / wasm.filename();
  plan.debug_module = fs::path(plan.component).replace_extension(".debug.wasm");
  plan.stamp = plan.component.parent_path() / ".build" / (plan.name + ".stamp");
  return {};
}

core::Result<Plan> plan_build(const fs::path& folder, const BuildOptions& options) {
  std::error_code failure;
  Plan plan;
  plan.folder = fs::canonical(folder, failure);
  if (failure || !fs::is_directory(plan.folder)) {
    const std::string why = failure ? failure.message() : "not a folder";
    return build_error(core::ErrorCode::not_found,
                       fmt::format("{}: {}; expected the folder of a component, with its sources and its component.toml",
                                   folder.string(), why));
  }
  AIRSSYS_TRY(plan.sources, sources_in(plan.folder));
  if (fs::exists(plan.folder / kManifest)) plan.manifest = plan.folder / kManifest;
  AIRSSYS_TRY(name_outputs(plan, options.output));
  plan.source_root = options.source_root.empty() ? default_source_root(plan.folder) : fs::canonical(options.source_root);
  return plan;
}

std::vector<std::string> source_flags(const Plan& plan, const Kit& kit, const fs::path& source) {
  std::vector<std::string> flags = compile_flags();
  flags.insert(flags.end(), {"-g", "-isystem", kit.include().string()});
  // Where both match the later one wins: a kit below the source root keeps a name of its own.
  flags.push_back(fmt::format("-ffile-prefix-map={}/=", plan.source_root.string()));
  flags.push_back(fmt::format("-ffile-prefix-map={}=airssys-sdk", kit.folder.string()));
  if (source.extension() == ".c") {
    flags.insert(flags.end(), {"-x", "c", "-std=c23"});
  } else {
    flags.insert(flags.end(), {"-std=c++23", "-fno-rtti"});
  }
  return flags;
}

/// Of all that decides the outcome and is not a file that the stamp lists.
std::string settings_digest(const Plan& plan, const Kit& kit, const fs::path& compiler) {
  Digest digest;
  digest.add(kit.digest).add(contract_wit()).add(identity_of(compiler)).add(plan.name);
  for (const fs::path& source : plan.sources) {
    digest.add(source.string());
    for (const std::string& flag : source_flags(plan, kit, source)) digest.add(flag);
  }
  for (const std::string& flag : link_flags()) digest.add(flag);
  return digest.hex();
}

bool is_up_to_date(const Plan& plan, const std::string& settings) {
  const auto stored = read_file(plan.stamp);
  return stored && Stamp::matches(*stored, settings);
}

/// A source may have been touched, or written again as it was. Who compares times must not take the component for an old one.
void be_as_new_as_the_sources(const Plan& plan) {
  const auto built = fs::last_write_time(plan.component);
  auto newest = built;
  for (const fs::path& source : plan.sources) newest = std::max(newest, fs::last_write_time(source));
  if (newest > built) fs::last_write_time(plan.component, newest);
}

/// Compiler and linker at work in a scratch folder.
class Compilation {
 public:
  Compilation(const Plan& plan, const Kit& kit, const CompiledKit& compiled, const fs::path& scratch, const BuildLimits& limits)
      : plan_(plan), kit_(kit), compiled_(compiled), scratch_(scratch), limits_(limits) {}

  /// All sources, even after one that fails: an author wants all complaints.
  core::Result<void> compile_all() {
    std::string complaints;
    for (const fs::path& source : plan_.sources) {
      AIRSSYS_TRY(const Finished finished, compile(source));
      AIRSSYS_TRY(check_limits(finished, source.filename().string(), "compile"));
      (finished.exit_code == 0 ? warnings_ : complaints) += finished.output;
    }
    if (objects_.size() == plan_.sources.size()) return {};
    return build_error(core::ErrorCode::invalid, fmt::format("{} does not compile:\n{}", plan_.name, warnings_ + complaints));
  }

  /// The core module.
  core::Result<std::string> link() {
    const fs::path module = scratch_ / "module.wasm";
    std::vector<std::string> arguments = link_flags();
    for (const fs::path& object : objects_) arguments.push_back(object.string());
    arguments.push_back(compiled_.runtime.string());
    arguments.emplace_back("-Wl,--start-lib");
    for (const fs::path& object : compiled_.library) arguments.push_back(object.string());
    arguments.insert(arguments.end(), {"-Wl,--end-lib", "-o", module.string()});
    AIRSSYS_TRY(const Finished finished, run(compiled_.compiler, arguments, limits_));
    AIRSSYS_TRY(check_limits(finished, plan_.name, "link"));
    if (finished.exit_code != 0) {
      return build_error(core::ErrorCode::invalid, fmt::format("{} does not link:\n{}", plan_.name, finished.output));
    }
    warnings_ += finished.output;
    return read_file(module);
  }

  const std::string& warnings() const noexcept { return warnings_; }
  /// Sources and the author's own headers; the kit's and the system's are covered by kit and compiler.
  const std::vector<fs::path>& inputs() const noexcept { return inputs_; }

 private:
  static core::Result<void> check_limits(const Finished& finished, std::string_view what, std::string_view verb) {
    if (finished.stopped.empty()) return {};
    return build_error(core::ErrorCode::too_large, fmt::format("{} does not {}: {}", what, verb, finished.stopped));
  }

  core::Result<Finished> compile(const fs::path& source) {
    const fs::path object = scratch_ / (source.filename().string() + ".o");
    const fs::path rule = scratch_ / (source.filename().string() + ".d");
    std::vector<std::string> arguments = source_flags(plan_, kit_, source);
    arguments.insert(arguments.end(), {"-MMD", "-MF", rule.string(), "-c", source.string(), "-o", object.string()});
    AIRSSYS_TRY(Finished finished, run(compiled_.compiler, arguments, limits_));
    if (finished.exit_code == 0) {
      AIRSSYS_TRY(const std::string dependencies, read_file(rule));
      for (fs::path& file : parse_dependencies(dependencies)) inputs_.push_back(std::move(file));
      objects_.push_back(object);
    }
    return finished;
  }

  const Plan& plan_;
  const Kit& kit_;
  const CompiledKit& compiled_;
  const fs::path& scratch_;
  const BuildLimits& limits_;
  std::vector<fs::path> objects_{};
  std::vector<fs::path> inputs_{};
  std::string warnings_{};
};

/// Makes the output folder one that a system can name.
core::Result<void> copy_manifest(const Plan& plan, std::vector<fs::path>& files) {
  if (plan.manifest.empty()) return {};
  files.push_back(plan.manifest);
  const fs::path copy = plan.component.parent_path() / kManifest;
  if (copy == plan.manifest || plan.component.string().starts_with(plan.folder.string() + '/')) return {};
  AIRSSYS_TRY(const std::string manifest, read_file(plan.manifest));
  files.push_back(copy);
  return write_file(copy, manifest);
}

/// Debug module first, stamp last: what a stamp vouches for is there.
core::Result<void> write_outputs(const Plan& plan, std::string_view module, std::span<const std::byte> component,
                                 const std::string& settings, std::vector<fs::path> files) {
  AIRSSYS_TRY(write_file(plan.debug_module, module));
  AIRSSYS_TRY(write_file(plan.component, text_of(component)));
  files.insert(files.end(), {plan.component, plan.debug_module});
  AIRSSYS_TRY(copy_manifest(plan, files));
  return write_file(plan.stamp, Stamp(settings, std::move(files)).to_string());
}

core::Result<std::vector<std::byte>> component_of(const Plan& plan, std::string_view module) {
  if (module.find(kExportMark) == std::string_view::npos) {
    return build_error(
        core::ErrorCode::invalid,
        fmt::format("{}: no source says which struct is the actor; end one with `AIRSSYS_ACTOR(YourStruct)` (in C: "
                    "export `airssys:core/handler@0.1.0#handle-message` and what else the contract asks for)",
                    plan.name));
  }
  auto component = runtime::componentize(bytes_of(module), contract_wit());
  if (component) return component;
  return std::unexpected(core::Error(core::ErrorCode::invalid, "toolchain",
                                     fmt::format("{}: the module does not fit the contract between guests and host", plan.name),
                                     std::move(component).error()));
}

core::Result<std::string> compile_and_write(const Plan& plan, const Kit& kit, const CompiledKit& compiled,
                                            const std::string& settings, const BuildLimits& limits) {
  AIRSSYS_TRY(const TemporaryFolder scratch, TemporaryFolder::make_in(plan.stamp.parent_path()));
  Compilation compilation(plan, kit, compiled, scratch.path(), limits);
  AIRSSYS_TRY(compilation.compile_all());
  AIRSSYS_TRY(const std::string module, compilation.link());
  AIRSSYS_TRY(const auto component, component_of(plan, module));
  AIRSSYS_TRY(write_outputs(plan, module, component, settings, compilation.inputs()));
  return compilation.warnings();
}

core::Result<BuildReport> build(const Plan& plan, const BuildOptions& options) {
  AIRSSYS_TRY(const Kit kit, find_kit(options.sdk));
  AIRSSYS_TRY(const auto compilers, compiler_candidates(options.compiler));
  AIRSSYS_TRY(const fs::path cache, cache_folder(options.cache));
  AIRSSYS_TRY(const CompiledKit compiled, compiled_kit(kit, compilers, cache, options.limits));
  const std::string settings = settings_digest(plan, kit, compiled.compiler);
  BuildReport report{.name = plan.name,
                     .component = plan.component,
                     .debug_module = plan.debug_module,
                     .compiler = compiled.compiler,
                     .up_to_date = !options.force && is_up_to_date(plan, settings)};
  if (report.up_to_date) {
    be_as_new_as_the_sources(plan);
  } else {
    AIRSSYS_TRY(report.warnings, compile_and_write(plan, kit, compiled, settings, options.limits));
  }
  report.component_bytes = fs::file_size(plan.component);
  return report;
}

}  // namespace

core::Result<BuildReport> build_component(const fs::path& folder, const BuildOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  try {  // std::filesystem throws where a disk fails, a path is too long and the like
    AIRSSYS_TRY(const Plan plan, plan_build(folder, options));
    AIRSSYS_TRY(BuildReport report, build(plan, options));
    report.took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
    return report;
  } catch (const std::exception& failure) {
    return build_error(core::ErrorCode::io, failure.what());
  }
}

}  // namespace airssys::toolchain
