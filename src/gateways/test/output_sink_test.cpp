#include "airssys/gateways/output_sink.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <future>
#include <memory>
#include <string>

#include "airssys/gateways/standard_output_gateway.hpp"
#include "airssys/os/descriptor.hpp"

namespace airssys::gateways {
namespace {

constexpr std::chrono::seconds kLong{30};

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    out = os::Descriptor(ends[0]);
    in = os::Descriptor(ends[1]);
  }
  os::Descriptor out;
  os::Descriptor in;
};

std::string read_all(int descriptor, std::size_t count) {
  std::string all(count, '\0');
  std::size_t came = 0;
  while (came < count) came += static_cast<std::size_t>(read(descriptor, all.data() + came, count - came));
  return all;
}

TEST(DescriptorSink, is_busy_while_nobody_reads_and_tells_when_there_is_room) {
  Pipe pipe;
  DescriptorSink sink(pipe.in.get());
  std::size_t taken = 0;
  auto written = sink.write(std::string(50'000, 'x'));
  for (; written; written = sink.write(std::string(50'000, 'x'))) ++taken;
  EXPECT_EQ(written.error().code(), core::ErrorCode::busy);
  std::promise<void> told;
  sink.when_room([&] { told.set_value(); });
  EXPECT_EQ(read_all(pipe.out.get(), taken * 50'000), std::string(taken * 50'000, 'x'));
  EXPECT_EQ(told.get_future().wait_for(kLong), std::future_status::ready);
  EXPECT_TRUE(sink.flush(kLong));
  EXPECT_FALSE(sink.trouble());
}

TEST(DescriptorSink, reports_a_reader_that_has_gone) {
  Pipe pipe;
  DescriptorSink sink(pipe.in.get());
  pipe.out = os::Descriptor();
  for (int i = 0; i < 3; ++i) {
    const auto written = sink.write("x");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code(), core::ErrorCode::unavailable);
  }
  EXPECT_TRUE(sink.trouble());
}

TEST(DescriptorSink, says_what_the_system_says) {
  const os::Descriptor full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  DescriptorSink sink(full.get());
  EXPECT_TRUE(sink.write("x"));
  EXPECT_TRUE(sink.flush(kLong));
  EXPECT_EQ(sink.write("x").error().code(), core::ErrorCode::io);
  EXPECT_EQ(sink.finish({}), 1U);
}

TEST(DescriptorSink, can_be_ended_while_nobody_reads) {
  Pipe pipe;
  DescriptorSink sink(pipe.in.get());
  EXPECT_TRUE(sink.write(std::string(1'000'000, 'x')));
  EXPECT_GT(sink.finish({}), 0U);
  EXPECT_EQ(sink.write("x").error().code(), core::ErrorCode::unavailable);
}

class KeptSink final : public OutputSink {
 public:
  core::Result<void> write(std::string_view bytes) override {
    text += bytes;
    return {};
  }
  void when_room(std::function<void()>) override {}
  std::string text;
};

TEST(StandardOutputGateway, prints_bodies_exactly_or_harmlessly_where_people_look) {
  const auto printed = [](StandardOutputGateway::Form form) {
    const auto sink = std::make_shared<KeptSink>();
    StandardOutputGateway gateway(sink, form);
    const core::Body body = core::Body::copy_of("a\x1b[2J\nb\xff");
    // It needs nothing of the turn.
    EXPECT_TRUE(gateway.print(body.text()));
    return sink->text;
  };
  EXPECT_EQ(printed(StandardOutputGateway::Form::exact), "a\x1b[2J\nb\xff\n");
  EXPECT_EQ(printed(StandardOutputGateway::Form::printable), "a\\x1b[2J\nb\\xff\n");
}

}  // namespace
}  // namespace airssys::gateways
