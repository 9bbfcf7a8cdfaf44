#include "airssys/runtime/engine_set.hpp"

#include <cstddef>
#include <utility>

namespace airssys::runtime {

struct EngineSet::EngineAndLoader {
  EngineAndLoader(std::unique_ptr<Engine> made, const core::HostPorts& ports, const core::HashPort& hash,
                  const LoaderOptions& options)
      : engine(std::move(made)), loader(*engine, ports, hash, options) {}

  std::unique_ptr<Engine> engine;
  ComponentLoader loader;
};

EngineSet::EngineSet(const EngineOptions& engine, const core::HostPorts& ports, const core::HashPort& hash,
                     LoaderOptions loader)
    : engine_(engine), ports_(ports), hash_(hash), loader_(std::move(loader)) {}

EngineSet::~EngineSet() = default;

core::Result<ComponentLoader*> EngineSet::loader(core::Profile profile) {
  const auto index = static_cast<std::size_t>(profile);
  const std::lock_guard lock(making_);
  if (made_[index] == nullptr) {
    EngineOptions options = engine_;
    options.profile = profile;
    AIRSSYS_TRY(auto engine, Engine::create(options));
    made_[index] = std::make_unique<EngineAndLoader>(std::move(engine), ports_, hash_, loader_);
    published_[index].store(made_[index].get(), std::memory_order_release);
  }
  return &made_[index]->loader;
}

void EngineSet::tick() const noexcept {
  for (const auto& slot : published_) {
    if (const EngineAndLoader* made = slot.load(std::memory_order_acquire)) made->engine->tick();
  }
}

LoaderStats EngineSet::stats() const noexcept {
  LoaderStats all;
  for (const auto& slot : published_) {
    const EngineAndLoader* made = slot.load(std::memory_order_acquire);
    if (made == nullptr) continue;
    const LoaderStats stats = made->loader.stats();
    all.compiled += stats.compiled;
    all.cached += stats.cached;
    all.refused += stats.refused;
    all.unwritten += stats.unwritten;
  }
  return all;
}

std::optional<core::Error> EngineSet::cache_trouble() const {
  for (const auto& slot : published_) {
    const EngineAndLoader* made = slot.load(std::memory_order_acquire);
    if (made == nullptr) continue;
    if (auto trouble = made->loader.cache_trouble()) return trouble;
  }
  return std::nullopt;
}

}  // namespace airssys::runtime
