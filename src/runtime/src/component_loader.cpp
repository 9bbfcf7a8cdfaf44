#include "airssys/runtime/component_loader.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>
#include <vector>

#include "artifact_cache.hpp"
#include "artifacts_in_work.hpp"
#include "async_host.hpp"
#include "bridge_values.hpp"
#include "compiler_process.hpp"
#include "component_parts.hpp"
#include "file.hpp"
#include "wasm_scan.hpp"

namespace airssys::runtime {

/// A component's bytes and how to speak of them.
struct ComponentLoader::Source {
  std::span<const std::byte> wasm;
  std::string name;            // of the component
  std::string place;           // in errors: the path, or the name
  std::filesystem::path file;  // empty: loaded from bytes
};

/// Code that is loaded, and what it was loaded from.
struct ComponentLoader::Made {
  std::vector<std::byte> artifact;
  BridgeHandle<ab_component> code;
};

namespace {

core::Error at(std::string_view place, core::ErrorCode code, std::string_view text) {
  return runtime_error(code, fmt::format("{}: {}", place, text));
}

/// The code that belongs to these bytes and this engine.
core::Digest key_of(const core::Digest& wasm, const std::string& fingerprint, const core::HashPort& hash) {
  std::vector<std::byte> text(wasm.begin(), wasm.end());
  const auto engine = std::as_bytes(std::span(fingerprint));
  text.insert(text.end(), engine.begin(), engine.end());
  return hash.digest(text);
}

/// Why a component can't run here: a line for each reason.
struct Complaints {
  core::ErrorCode code = core::ErrorCode::unavailable;  // of the worst of them
  std::vector<std::string> lines;

  void add_lines(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      if (end != 0) lines.emplace_back(text.substr(0, end));
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
  }
  core::Error to_error(std::string_view place) const {
    return at(place, code, fmt::format("this component can't run here:\n  {}", fmt::join(lines, "\n  ")));
  }
};

core::Result<BridgeHandle<ab_template>> link(const ab_component* compiled, std::string_view place) {
  Complaints complaints;
  const ab_imports imports = host_imports();
  ab_template* raw = nullptr;
  OwnedBuffer error;
  const ab_status status = ab_template_new(compiled, &imports, &raw, error.out());
  BridgeHandle<ab_template> linked(raw);
  if (status != AB_OK) {
    complaints.code = error_code_of(status);
    complaints.add_lines(error.text());
  }
  if (!complaints.lines.empty()) return std::unexpected(complaints.to_error(place));
  if (status != AB_OK) return std::unexpected(at(place, complaints.code, "the engine can't link it and doesn't say why"));
  return linked;
}

}  // namespace

ComponentLoader::ComponentLoader(const Engine& engine, const core::HostPorts& ports, const core::HashPort& hash,
                                 LoaderOptions options)
    : engine_(engine), ports_(ports), hash_(hash), options_(std::move(options)), in_work_(std::make_unique<ArtifactsInWork>()) {
  if (!options_.cache.empty()) cache_ = std::make_unique<ArtifactCache>(options_.cache, hash_);
}

ComponentLoader::~ComponentLoader() = default;

core::Result<std::shared_ptr<const Component>> ComponentLoader::load_file(const std::filesystem::path& file) {
  AIRSSYS_TRY(const std::vector<std::byte> wasm, read_file(file, options_.max_bytes));
  return load({.wasm = wasm, .name = file.stem().string(), .place = file.string(), .file = file});
}

core::Result<std::shared_ptr<const Component>> ComponentLoader::load_bytes(std::span<const std::byte> wasm, std::string name) {
  if (wasm.size() > options_.max_bytes) {
    return std::unexpected(at(name, core::ErrorCode::too_large,
                              fmt::format("{} bytes, at most {} are accepted", wasm.size(), options_.max_bytes)));
  }
  std::string place = name;
  return load({.wasm = wasm, .name = std::move(name), .place = std::move(place), .file = {}});
}

core::Result<std::shared_ptr<const Component>> ComponentLoader::load(const Source& source) {
  const auto shape = scan_component(source.wasm, options_.max_nesting);
  if (!shape) return std::unexpected(at(source.place, shape.error().code(), shape.error().message()));
  const core::Digest digest = hash_.digest(source.wasm);
  AIRSSYS_TRY(BridgeHandle<ab_component> code, compiled(source, digest));
  AIRSSYS_TRY(BridgeHandle<ab_template> linked, link(code.get(), source.place));
  Component::Parts parts{.name = source.name,
                         .digest = core::to_hex(digest),
                         .file = source.file,
                         .code_stamp = shape->code_stamp,
                         .profile = engine_.profile(),
                         .compiled = std::move(code),
                         .linked = std::move(linked)};
  return std::shared_ptr<const Component>(new Component(std::move(parts), ports_));
}

core::Result<BridgeHandle<ab_component>> ComponentLoader::compiled(const Source& source, const core::Digest& digest) {
  const core::Digest key = key_of(digest, engine_.fingerprint(), hash_);
  BridgeHandle<ab_component> own;
  const auto artifact = in_work_->join(key, [&]() -> core::Result<std::vector<std::byte>> {
    AIRSSYS_TRY(Made made, find_or_make(source, key));
    own = std::move(made.code);
    return std::move(made.artifact);
  });
  if (!artifact) return std::unexpected(at(source.place, artifact.error().code(), artifact.error().message()));
  if (own) return own;
  auto shared = load_artifact(**artifact);
  if (!shared) return std::unexpected(at(source.place, shared.error().code(), shared.error().message()));
  cached_.fetch_add(1, std::memory_order_relaxed);
  return shared;
}

core::Result<BridgeHandle<ab_component>> ComponentLoader::load_artifact(std::span<const std::byte> artifact) const {
  ab_component* raw = nullptr;
  OwnedBuffer error;
  const ab_status status = ab_component_load(engine_.handle_.get(), view_of(artifact), &raw, error.out());
  if (status != AB_OK) return std::unexpected(runtime_error(error_code_of(status), std::string(error.text())));
  return BridgeHandle<ab_component>(raw);
}

core::Result<ComponentLoader::Made> ComponentLoader::find_or_make(const Source& source, const core::Digest& key) {
  if (auto found = find(key)) return *std::move(found);
  AIRSSYS_TRY(std::vector<std::byte> artifact, compile(source.wasm));
  compiled_.fetch_add(1, std::memory_order_relaxed);
  AIRSSYS_TRY(BridgeHandle<ab_component> code, load_artifact(artifact));
  if (cache_ != nullptr) cache_->keep(key, source.name, artifact);
  return Made{std::move(artifact), std::move(code)};
}

std::optional<ComponentLoader::Made> ComponentLoader::find(const core::Digest& key) {
  if (cache_ == nullptr) return std::nullopt;
  auto artifact = cache_->find(key);
  if (!artifact) return std::nullopt;
  auto code = load_artifact(*artifact);
  if (!code) {
    cache_->count_refusal(at("cached code", core::ErrorCode::incompatible, code.error().message()));
    return std::nullopt;
  }
  cached_.fetch_add(1, std::memory_order_relaxed);
  return Made{*std::move(artifact), *std::move(code)};
}

core::Result<std::vector<std::byte>> ComponentLoader::compile(std::span<const std::byte> wasm) {
  if (options_.compiler.program.empty()) return engine_.compile(wasm);
  return compile_in_a_process(engine_.options(), wasm, options_.compiler);
}

LoaderStats ComponentLoader::stats() const noexcept {
  return {.compiled = compiled_.load(std::memory_order_relaxed),
          .cached = cached_.load(std::memory_order_relaxed),
          .refused = cache_ == nullptr ? 0 : cache_->refused(),
          .unwritten = cache_ == nullptr ? 0 : cache_->unwritten()};
}

std::optional<core::Error> ComponentLoader::cache_trouble() const {
  return cache_ == nullptr ? std::nullopt : cache_->trouble();
}

}  // namespace airssys::runtime
