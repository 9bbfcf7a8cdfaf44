#include "airssys/gateways/output_sink.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <thread>

#include "airssys/gateways/standard_output_gateway.hpp"
#include "descriptor.hpp"

namespace airssys::gateways {
namespace {

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    out = Descriptor(ends[0]);
    in = Descriptor(ends[1]);
  }
  Descriptor out;
  Descriptor in;
};

TEST(DescriptorSink, writes_more_than_a_pipe_holds) {
  Pipe pipe;
  DescriptorSink sink(pipe.in.get());
  const std::string bytes(300'000, 'x');
  std::size_t came = 0;
  std::thread reader([&] {
    std::array<char, 4096> chunk{};
    while (came < bytes.size()) came += static_cast<std::size_t>(read(pipe.out.get(), chunk.data(), chunk.size()));
  });
  EXPECT_TRUE(sink.write(bytes));
  reader.join();
  EXPECT_EQ(came, bytes.size());
}

TEST(DescriptorSink, reports_a_reader_that_has_gone_and_causes_no_signal) {
  // The default: a SIGPIPE would end this process.
  ASSERT_NE(std::signal(SIGPIPE, SIG_DFL), SIG_ERR);
  Pipe pipe;
  DescriptorSink sink(pipe.in.get());
  pipe.out = Descriptor();
  for (int i = 0; i < 3; ++i) {
    const auto written = sink.write("x");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code(), core::ErrorCode::unavailable);
  }
}

TEST(DescriptorSink, says_what_the_system_says) {
  const Descriptor full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  DescriptorSink sink(full.get());
  const auto written = sink.write("x");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code(), core::ErrorCode::io);
}

TEST(DescriptorSink, can_be_interrupted_while_nobody_reads) {
  Pipe pipe;
  DescriptorSink sink(pipe.in.get());
  std::thread writer([&] { EXPECT_FALSE(sink.write(std::string(1'000'000, 'x'))); });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  sink.interrupt();
  writer.join();
  EXPECT_FALSE(sink.write("x"));
}

class KeptSink final : public OutputSink {
 public:
  core::Result<void> write(std::string_view bytes) override {
    text += bytes;
    return {};
  }
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
