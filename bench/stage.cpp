#include "stage.hpp"

#include <fmt/format.h>

#include <thread>
#include <utility>

namespace airssys::bench {

using namespace literals;

core::Result<std::unique_ptr<Stage>> Stage::create(unsigned workers) {
  std::unique_ptr<Stage> stage(new Stage);
  system::SystemOptions options;
  options.name = "bench-native";
  options.workers = workers;
  options.events = stage.get();
  AIRSSYS_TRY(stage->system_, system::System::start(std::move(options)));
  AIRSSYS_TRY(stage->system_->grant(
      {.from = "bench/*/*"_pattern, .to = "bench/*/*"_pattern, .allow = {security::Verb::send, security::Verb::request}}));
  return stage;
}

core::Result<void> Stage::spawn(std::string_view address, actor::NativeFactory factory) {
  AIRSSYS_TRY(const core::Address parsed, core::Address::parse(address));
  AIRSSYS_TRY(system_->spawn_native(parsed, std::move(factory)));
  return {};
}

core::Result<double> Stage::run(std::uint64_t result) {
  AIRSSYS_TRY(system_->operator_client().send("bench/first/1"_address, core::raw("begin")));
  AIRSSYS_TRY(const Taken taken, watch_.wait());
  if (result_ == result) return taken.nanoseconds;
  return std::unexpected(core::Error(core::ErrorCode::internal, "bench",
                                     fmt::format("what was handled comes to {}, expected {}", result_, result)));
}

core::Result<void> Stage::wait_until_gone(std::uint64_t count) const {
  constexpr std::chrono::seconds kPatience{60};
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (gone() < count) {
    if (std::chrono::steady_clock::now() > until) {
      return std::unexpected(
          core::Error(core::ErrorCode::timeout, "bench", fmt::format("{} of {} actors have stopped", gone(), count)));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return {};
}

void Stage::finish(std::uint64_t result) {
  watch_.lap();
  result_ = result;
  watch_.finish();
}

}  // namespace airssys::bench
