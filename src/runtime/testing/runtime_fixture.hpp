#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "airssys/runtime/component_loader.hpp"
#include "airssys/runtime/componentizer.hpp"
#include "airssys/runtime/engine.hpp"
#include "airssys/runtime/store_manager.hpp"
#include "testing/fake_hash.hpp"
#include "testing/guests.hpp"
#include "testing/recording_ports.hpp"
#include "testing/sanitizers.hpp"
#include "testing/tested_profile.hpp"

namespace airssys::runtime::testing {

/// The thread sanitizer takes neither the engine's signal handlers nor its large reservations.
inline EngineOptions engine_options(core::Profile profile = tested_profile()) {
#ifdef AIRSSYS_UNDER_TSAN
  static_cast<void>(profile);
  return {.profile = core::Profile::dense, .signal_traps = false};
#else
  return {.profile = profile};
#endif
}

/// The value, or a failed test and a throw, which ends it.
template <typename T>
T or_fail(core::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().to_string());
  return *std::move(result);
}

inline std::string text_of_file(const std::string& file) {
  const std::ifstream in(file, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return std::move(out).str();
}

inline std::vector<std::byte> component_from(const std::string& wat) {
  const std::vector<std::byte> module = or_fail(wat_to_wasm(wat));
  return or_fail(componentize(module, text_of_file(AIRSSYS_WIT_FILE)));
}
inline std::vector<std::byte> component_from(const Guest& guest) {
  return component_from(guest.text());
}

/// A real engine with recording ports.
class RuntimeTest : public ::testing::Test {
 protected:
  std::shared_ptr<const Component> load(const Guest& guest) {
    return or_fail(loader.load_bytes(component_from(guest), "guest"));
  }
  std::unique_ptr<Instance> spawn(const std::shared_ptr<const Component>& component, const core::Limits& limits = {}) {
    auto made = stores.create(component, limits, turn, kTicks);
    if (!made) throw std::runtime_error(made.error().error.to_string());
    return *std::move(made);
  }
  std::unique_ptr<Instance> spawn(const Guest& guest, const core::Limits& limits = {}) { return spawn(load(guest), limits); }

  core::TurnResult send(Instance& instance, std::string_view body) {
    return instance.handle_message(turn, {.sender = "demo/sender/1", .topic = std::nullopt, .body = core::Body::copy_of(body)},
                                   kTicks);
  }
  /// The bytes of the reply to a message with `body`; what else happened, in brackets.
  std::string reply_to(Instance& instance, std::string_view body) { return text_of(instance, send(instance, body)); }

  static std::string text_of(const Instance& instance, const core::TurnResult& outcome) {
    switch (outcome.kind) {
      case core::TurnResult::Kind::returned:
        if (outcome.response.kind == core::ResponseKind::reply) return std::string(outcome.response.payload.text());
        return outcome.response.kind == core::ResponseKind::done ? "[done]" : "[later]";
      case core::TurnResult::Kind::failed:
        return fmt::format("[{} {}]", core::name_of(outcome.failure.kind), outcome.failure.text);
      case core::TurnResult::Kind::trapped:
        break;
    }
    return fmt::format("[{}]", name_of(instance.trap()->kind));
  }

  static constexpr std::uint64_t kTicks = 1000;

  RecordingPorts host;
  FakeHash hash;
  std::unique_ptr<Engine> engine = or_fail(Engine::create(engine_options()));
  ComponentLoader loader{*engine, host.ports(), hash, {}};
  StoreManager stores;
  int turn_marker = 0;
  core::TurnToken turn{&turn_marker};
};

}  // namespace airssys::runtime::testing
