#include "airssys/os/output_queue.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "airssys/os/descriptor.hpp"

namespace airssys::os {
namespace {

using Offer = OutputQueue::Offer;
/// Nobody waits so long but a test that fails.
constexpr std::chrono::seconds kLong{30};

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    out = Descriptor(ends[0]);
    in = Descriptor(ends[1]);
  }
  std::string read(std::size_t count) const {
    std::string text(count, '\0');
    std::size_t came = 0;
    while (came < count) {
      const ssize_t size = ::read(out.get(), text.data() + came, count - came);
      if (size <= 0) break;
      came += static_cast<std::size_t>(size);
    }
    text.resize(came);
    return text;
  }
  /// As much as the kernel takes.
  void fill() const {
    ASSERT_EQ(fcntl(in.get(), F_SETFL, O_NONBLOCK), 0);
    const std::string page(4096, '.');
    while (::write(in.get(), page.data(), page.size()) > 0) ++pages;
    ASSERT_EQ(fcntl(in.get(), F_SETFL, 0), 0);
  }
  Descriptor out;
  Descriptor in;
  mutable std::size_t pages = 0;
};

TEST(OutputQueue, writes_what_it_took_in_order_though_it_is_more_than_a_pipe_holds) {
  const Pipe pipe;
  OutputQueue queue(pipe.in.get());
  std::string all;
  for (int i = 0; i < 2000; ++i) {
    const std::string text = "line " + std::to_string(i) + std::string(100, 'x') + "\n";
    ASSERT_EQ(queue.offer(text), Offer::taken);
    all += text;
  }
  EXPECT_EQ(pipe.read(all.size()), all);
  EXPECT_TRUE(queue.flush(kLong));
  EXPECT_EQ(queue.finish(kLong), 0U);
}

TEST(OutputQueue, refuses_what_finds_no_room_and_tells_when_there_is_some) {
  const Pipe pipe;
  pipe.fill();
  OutputQueue queue(pipe.in.get(), 1000);
  ASSERT_EQ(queue.offer(std::string(900, 'a')), Offer::taken);
  ASSERT_EQ(queue.offer(std::string(101, 'b')), Offer::full);
  ASSERT_EQ(queue.offer(std::string(100, 'c')), Offer::taken);
  std::promise<void> told;
  queue.when_room([&] { told.set_value(); });
  auto room = told.get_future();
  EXPECT_EQ(room.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  EXPECT_EQ(pipe.read(pipe.pages * 4096 + 1000).substr(pipe.pages * 4096), std::string(900, 'a') + std::string(100, 'c'));
  EXPECT_EQ(room.wait_for(kLong), std::future_status::ready);
  EXPECT_EQ(queue.offer("d"), Offer::taken);
}

TEST(OutputQueue, keeps_room_for_others_when_one_floods_it) {
  const Pipe pipe;
  pipe.fill();
  OutputQueue queue(pipe.in.get(), 10'000);
  const std::string text(10, 'x');
  while (queue.offer(text, "flooder") == Offer::taken) {
  }
  EXPECT_EQ(queue.take_pushed_out(), 0U) << "it may have all the room while nobody else wants any";
  EXPECT_EQ(queue.offer(std::string(200, 'y')), Offer::full);
  EXPECT_EQ(queue.offer(text, "another"), Offer::taken);
  EXPECT_EQ(queue.take_pushed_out(), 1U);
  EXPECT_EQ(queue.offer(text, "flooder"), Offer::full);
  // What is written is held no more.
  pipe.read(pipe.pages * 4096 + 500);
  ASSERT_TRUE(queue.flush(kLong));
  EXPECT_EQ(queue.offer(text, "flooder"), Offer::taken);
}

TEST(OutputQueue, drops_the_lines_of_those_who_flood_it_however_many_and_none_of_who_says_little) {
  const Pipe pipe;
  pipe.fill();
  OutputQueue queue(pipe.in.get(), 200'000);
  const auto flood = [&] {
    for (int line = 0; line < 20; ++line) {
      for (int who = 0; who < 100; ++who) queue.offer(std::string(100, 'x') + "\n", "flooder " + std::to_string(who));
    }
  };
  for (int quiet = 0; quiet < 10; ++quiet) {
    flood();
    ASSERT_EQ(queue.offer("quiet " + std::to_string(quiet) + "\n", "quiet"), Offer::taken);
    EXPECT_GT(queue.take_pushed_out(), 0U);
  }
  flood();
  // Now somebody reads. Nothing comes after this.
  ASSERT_EQ(queue.offer("the end\n", "end"), Offer::taken);
  std::string all = pipe.read(pipe.pages * 4096);
  all.clear();
  while (all.find("the end") == std::string::npos) all += pipe.read(1);
  for (int quiet = 0; quiet < 10; ++quiet) {
    EXPECT_NE(all.find("quiet " + std::to_string(quiet)), std::string::npos) << quiet;
  }
  EXPECT_EQ(queue.finish(kLong), 0U);
}

TEST(OutputQueue, takes_nothing_of_nobodys_away_for_one_with_a_name) {
  const Pipe pipe;
  pipe.fill();
  OutputQueue queue(pipe.in.get(), 1000);
  ASSERT_EQ(queue.offer(std::string(900, 'a')), Offer::taken);
  EXPECT_EQ(queue.offer("b", "another"), Offer::full);
  EXPECT_EQ(queue.take_pushed_out(), 0U);
}

TEST(OutputQueue, takes_one_text_of_any_size) {
  const Pipe pipe;
  OutputQueue queue(pipe.in.get(), 10);
  ASSERT_EQ(queue.offer(std::string(5000, 'a')), Offer::taken);
  EXPECT_EQ(pipe.read(5000), std::string(5000, 'a'));
}

TEST(OutputQueue, ends_though_nobody_reads_and_says_how_much_is_lost) {
  const Pipe pipe;
  pipe.fill();
  OutputQueue queue(pipe.in.get());
  ASSERT_EQ(queue.offer(std::string(1234, 'a')), Offer::taken);
  EXPECT_FALSE(queue.flush(std::chrono::milliseconds(10)));
  EXPECT_EQ(queue.finish(std::chrono::milliseconds(10)), 1234U);
  EXPECT_EQ(queue.offer("late"), Offer::failed);
  EXPECT_EQ(queue.finish(kLong), 1234U);
}

TEST(OutputQueue, of_a_reader_that_has_gone_takes_nothing_and_causes_no_signal) {
  // The default: a SIGPIPE would end this process.
  ASSERT_NE(std::signal(SIGPIPE, SIG_DFL), SIG_ERR);
  Pipe pipe;
  OutputQueue queue(pipe.in.get());
  ASSERT_EQ(queue.offer("a"), Offer::taken);
  ASSERT_TRUE(queue.flush(kLong));
  pipe.out = Descriptor();
  EXPECT_EQ(queue.offer("b"), Offer::failed);
  EXPECT_EQ(queue.failure(), EPIPE);
  EXPECT_EQ(queue.finish(kLong), 0U);
}

TEST(OutputQueue, of_a_reader_that_goes_says_what_it_did_not_get_and_tells_who_waits) {
  Pipe pipe;
  pipe.fill();
  OutputQueue queue(pipe.in.get(), 1000);
  ASSERT_EQ(queue.offer(std::string(900, 'a')), Offer::taken);
  std::promise<void> told;
  queue.when_room([&] { told.set_value(); });
  pipe.out = Descriptor();
  EXPECT_EQ(told.get_future().wait_for(kLong), std::future_status::ready);
  EXPECT_EQ(queue.failure(), EPIPE);
  EXPECT_EQ(queue.finish(kLong), 900U);
}

TEST(OutputQueue, knows_a_descriptor_that_cannot_be_written) {
  const Descriptor input(open("/dev/null", O_RDONLY | O_CLOEXEC));
  OutputQueue queue(input.get());
  EXPECT_EQ(queue.offer("a"), Offer::failed);
  EXPECT_EQ(queue.failure(), EBADF);
  const Descriptor full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  OutputQueue disk(full.get());
  EXPECT_EQ(disk.offer("abc"), Offer::taken);
  EXPECT_EQ(disk.finish(kLong), 3U);
  EXPECT_EQ(disk.failure(), ENOSPC);
}

TEST(OutputQueue, may_be_offered_to_by_many_and_keeps_texts_whole) {
  const Pipe pipe;
  OutputQueue queue(pipe.in.get());
  std::vector<std::thread> threads;
  for (char name = 'a'; name < 'e'; ++name) {
    threads.emplace_back([&queue, name] {
      for (int i = 0; i < 500; ++i) EXPECT_EQ(queue.offer(std::string(50, name) + "\n"), Offer::taken);
    });
  }
  const std::string all = pipe.read(std::size_t{4} * 500 * 51);
  for (std::thread& thread : threads) thread.join();
  for (std::size_t at = 0; at < all.size(); at += 51) EXPECT_EQ(all.substr(at, 51), std::string(50, all[at]) + "\n");
}

}  // namespace
}  // namespace airssys::os
