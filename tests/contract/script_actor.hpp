#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "airssys/actor/native_actor.hpp"
#include "airssys/simulation/test_system.hpp"
#include "testing/tested_profile.hpp"

namespace airssys::contract {

using namespace airssys::literals;
using namespace std::chrono_literals;
using actor::Turn;
using core::Address;
using core::done;
using core::Error;
using core::ErrorCode;
using core::later;
using core::MessageView;
using core::Outcome;
using core::OutcomeView;
using core::raw;
using core::reply;
using core::Response;
using core::Result;
using core::Tag;

// Whom most tests are about.
inline const Address kA = "test/a/1"_address;
inline const Address kB = "test/b/1"_address;
inline const Address kC = "test/c/1"_address;

/// Compiles each guest once for all tests. In the profile of this run.
class TestSystem : public simulation::TestSystem {
 public:
  explicit TestSystem(simulation::TestOptions options = {}) : simulation::TestSystem(for_tests(std::move(options))) {}

 private:
  static simulation::TestOptions for_tests(simulation::TestOptions options) {
    options.artifacts = std::filesystem::path(AIRSSYS_GUESTS) / "artifacts";
    options.engine.profile = runtime::testing::tested_profile();
    return options;
  }
};

/// What an actor of a test does, written beside the test.
struct Script {
  std::function<Result<Response>(Turn&, const MessageView&)> on_message = [](Turn&, const MessageView&) { return done(); };
  std::function<Result<void>(Turn&, const OutcomeView&)> on_reply = [](Turn&, const OutcomeView&) -> Result<void> {
    return {};
  };
  std::function<Result<void>(Turn&, const core::Start&)> on_start = [](Turn&, const core::Start&) -> Result<void> {
    return {};
  };
  std::function<Result<void>(Turn&, const actor::Firing&)> on_timer = [](Turn&, const actor::Firing&) -> Result<void> {
    return {};
  };
  core::MonotonicTime busy_time_max = actor::Behaviour::kBusyTimeMax;
};

class ScriptActor final : public actor::NativeActor {
 public:
  explicit ScriptActor(Script script) : script_(std::move(script)) {}
  Result<void> initialize(Turn& turn, const core::Start& start) override { return script_.on_start(turn, start); }
  Result<Response> handle_message(Turn& turn, const MessageView& message) override { return script_.on_message(turn, message); }
  Result<void> handle_reply(Turn& turn, const OutcomeView& outcome) override { return script_.on_reply(turn, outcome); }
  Result<void> handle_timer(Turn& turn, const actor::Firing& firing) override { return script_.on_timer(turn, firing); }
  core::MonotonicTime busy_time_max() const noexcept override { return script_.busy_time_max; }

 private:
  Script script_;
};

inline Address play(TestSystem& system, const Address& address, Script script, simulation::TestSpawn spawn = {}) {
  const auto spawned =
      system.spawn_native(address, [script] { return std::make_unique<ScriptActor>(script); }, std::move(spawn));
  if (!spawned) throw std::runtime_error(spawned.error().to_string());
  return *spawned;
}

/// The folder of a guest of guests/, built.
inline std::filesystem::path guest(const std::string& name) {
  return std::filesystem::path(AIRSSYS_GUESTS) / name;
}

inline Address start(TestSystem& system, const std::string& name, const Address& address, simulation::TestSpawn spawn = {}) {
  const auto spawned = system.spawn(guest(name), address, std::move(spawn));
  if (!spawned) throw std::runtime_error(spawned.error().to_string());
  return *spawned;
}

inline std::unexpected<Error> fail(ErrorCode code, std::string text = "on purpose") {
  return std::unexpected(Error(code, "test", std::move(text)));
}

/// "reply text", "timeout", "failed rejected: text" ...
inline std::string words(const Outcome& outcome) {
  if (outcome) return "reply " + std::string(outcome->text());
  const core::RequestError& error = outcome.error();
  std::string text(core::name_of(error.kind));
  if (error.kind == core::RequestErrorKind::failed || error.kind == core::RequestErrorKind::answered) {
    text += " " + std::string(core::name_of(error.failure.kind)) + ": " + error.failure.text;
  }
  return text;
}

/// Its outcome, in words.
inline std::string ask(TestSystem& system, const Address& address, std::string_view text,
                       std::chrono::milliseconds timeout = 5s) {
  const auto outcome = system.request(address, raw(text), timeout);
  return outcome ? words(*outcome) : "not sent: " + outcome.error().to_string();
}

}  // namespace airssys::contract
