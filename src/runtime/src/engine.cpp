#include "airssys/runtime/engine.hpp"

#include <fmt/format.h>

#include <limits>
#include <utility>

#include "bridge_values.hpp"

namespace airssys::runtime {

namespace {

core::Result<ab_engine_config> config_of(const EngineOptions& options) {
  if (options.guest_stack > std::numeric_limits<std::uint32_t>::max()) {
    return std::unexpected(runtime_error(
        core::ErrorCode::invalid, fmt::format("guest_stack is {} bytes, expected less than 4 GiB", options.guest_stack)));
  }
  ab_engine_config config{};
  config.size = sizeof(config);
  config.profile = options.profile == core::Profile::dense ? AB_PROFILE_DENSE : AB_PROFILE_FAST;
  config.wasm_stack_bytes = static_cast<std::uint32_t>(options.guest_stack);
  config.signals_traps = options.signal_traps ? 1 : 0;
  return config;
}

}  // namespace

core::Result<std::unique_ptr<Engine>> Engine::create(const EngineOptions& options) {
  AIRSSYS_TRY(const ab_engine_config config, config_of(options));
  ab_engine* raw = nullptr;
  OwnedBuffer error;
  if (const ab_status status = ab_engine_new(&config, &raw, error.out()); status != AB_OK) {
    return std::unexpected(
        runtime_error(error_code_of(status), fmt::format("the WebAssembly engine can't start: {}", error.text())));
  }
  BridgeHandle<ab_engine> handle(raw);
  std::string fingerprint(OwnedBuffer(ab_engine_fingerprint(raw)).text());
  return std::unique_ptr<Engine>(new Engine(std::move(handle), options, std::move(fingerprint)));
}

Engine::Engine(BridgeHandle<ab_engine> handle, const EngineOptions& options, std::string fingerprint)
    : handle_(std::move(handle)), options_(options), fingerprint_(std::move(fingerprint)) {}

core::Result<std::vector<std::byte>> Engine::compile(std::span<const std::byte> wasm) const {
  OwnedBuffer artifact;
  OwnedBuffer error;
  const ab_status status = ab_compile(handle_.get(), view_of(wasm), artifact.out(), error.out());
  if (status != AB_OK) return std::unexpected(runtime_error(error_code_of(status), std::string(error.text())));
  return artifact.to_vector();
}

void Engine::tick() const noexcept {
  ab_engine_tick(handle_.get());
}

std::string Engine::version() {
  return std::string(text_of(ab_version()));
}

}  // namespace airssys::runtime
