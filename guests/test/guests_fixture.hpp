#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "testing/runtime_fixture.hpp"

namespace airssys::guests {

/// The guests that the build made, on a real engine with recording ports.
class GuestsTest : public runtime::testing::RuntimeTest {
 protected:
  /// Each guest is compiled once for all tests, which are processes of their own.
  runtime::ComponentLoader cached{*engine, host.ports(), hash, {.cache = AIRSSYS_BUILT_GUESTS "/.artifacts"}};

  static std::string wasm_of(std::string_view guest) {
    return fmt::format("{}/{}/{}.wasm", AIRSSYS_BUILT_GUESTS, guest, guest);
  }
  std::shared_ptr<const runtime::Component> load(std::string_view guest) {
    return runtime::testing::or_fail(cached.load_file(wasm_of(guest)));
  }
  /// Instantiated and initialized; the calls of that are forgotten.
  std::unique_ptr<runtime::Instance> start(std::string_view guest, const core::Limits& limits = {}) {
    auto instance = spawn(load(guest), limits);
    EXPECT_EQ(text_of(*instance, instance->initialize(turn, {}, kTicks)), "[done]");
    host.calls.clear();
    return instance;
  }
  std::string asked(runtime::Instance& instance, std::string_view question, std::uint64_t id = 1) {
    const auto outcome = instance.handle_message(turn,
                                                 {.id = core::MessageId{id},
                                                  .kind = core::MessageKind::request,
                                                  .sender = "demo/sender/1",
                                                  .topic = std::nullopt,
                                                  .body = core::Body::copy_of(question)},
                                                 kTicks);
    return text_of(instance, outcome);
  }
};

}  // namespace airssys::guests
