// Standard output by hand: a reader that is slow, and one that has gone.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "airssys/gateways/standard_output_gateway.hpp"
#include "script_actor.hpp"

namespace airssys::contract {
namespace {

class Reader final : public gateways::OutputSink {
 public:
  Result<void> write(std::string_view bytes) override {
    if (gone) return std::unexpected(Error(ErrorCode::unavailable, "test", "nobody reads"));
    if (!reads) return std::unexpected(Error(ErrorCode::busy, "test", "later"));
    text += bytes;
    return {};
  }
  void when_room(std::function<void()> told) override { waiting.push_back(std::move(told)); }

  bool reads = true;
  bool gone = false;
  std::string text;
  std::vector<std::function<void()>> waiting;
};

void print_to(TestSystem& system, const std::shared_ptr<Reader>& reader) {
  ASSERT_TRUE(system.spawn_native(kA, [reader] { return std::make_unique<gateways::StandardOutputGateway>(reader); }, {}));
}

TEST(StandardOutput, waits_for_a_slow_reader_however_long_and_loses_no_line) {
  TestSystem system;
  const auto reader = std::make_shared<Reader>();
  print_to(system, reader);
  reader->reads = false;
  for (const char* const line : {"one", "two", "three"}) ASSERT_TRUE(system.send(kA, raw(line)));
  system.advance(1h);
  EXPECT_EQ(reader->text, "");
  EXPECT_TRUE(system.dead_letters().empty());
  ASSERT_EQ(reader->waiting.size(), 1U) << "it asks once, however often it tries again";
  reader->reads = true;
  std::exchange(reader->waiting, {}).front()();
  system.advance(1ms);
  EXPECT_EQ(reader->text, "one\ntwo\nthree\n");
}

TEST(StandardOutput, rejects_what_nobody_reads_any_more) {
  TestSystem system;
  const auto reader = std::make_shared<Reader>();
  print_to(system, reader);
  reader->gone = true;
  ASSERT_TRUE(system.send(kA, raw("line")));
  system.advance(1ms);
  ASSERT_EQ(system.dead_letters().size(), 1U);
  EXPECT_EQ(system.dead_letters()[0].reason, actor::DeadReason::rejected);
}

}  // namespace
}  // namespace airssys::contract
