#include "airssys/gateways/lines_gateway.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "testing/rig.hpp"

namespace airssys::gateways {
namespace {

using gateways::testing::eventually;
using gateways::testing::ManualClock;
using gateways::testing::MemoryLog;
using gateways::testing::Rig;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class LinesGatewayTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "airssys-gateways-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder = name;
    rig.grant("demo/split/*");
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::string file(std::string_view text) {
    std::ofstream(folder / "lines.txt", std::ios::binary) << text;
    return (folder / "lines.txt").string();
  }
  actor::ActorRef target(int number, const core::Limits& limits = {}) {
    const std::string address = "demo/split/" + std::to_string(number);
    options.targets.push_back(core::make_checked_address(address));
    return rig.spawn(address, limits);
  }
  std::unique_ptr<LinesGateway> start() {
    auto gateway = LinesGateway::start(options, rig.sender(), log, clock);
    EXPECT_TRUE(gateway) << gateway.error();
    return std::move(*gateway);
  }

  std::filesystem::path folder;
  Rig rig;
  MemoryLog log;
  ManualClock clock;
  LinesGateway::Options options;
};

TEST_F(LinesGatewayTest, sends_each_line_to_the_targets_in_turn) {
  const auto first = target(1);
  const auto second = target(2);
  options.path = file("a\nb\r\n\nlast");
  const auto gateway = start();
  ASSERT_TRUE(eventually([&] { return gateway->finished(); }));
  EXPECT_THAT(Rig::take(first), ElementsAre("a", ""));
  EXPECT_THAT(Rig::take(second), ElementsAre("b\r", "last"));
  EXPECT_EQ(gateway->stats().lines, 4U);
  EXPECT_EQ(gateway->stats().sent, 4U);
  EXPECT_EQ(gateway->stats().bytes, 7U);
  EXPECT_FALSE(gateway->trouble());
}

TEST_F(LinesGatewayTest, sends_equal_lines_to_one_target_by_hash) {
  const auto first = target(1);
  const auto second = target(2);
  options.spread = Spread::hash;
  options.path = file("one\ntwo\none\nthree\none\ntwo\nfour\n");
  const auto gateway = start();
  ASSERT_TRUE(eventually([&] { return gateway->finished(); }));
  const auto at_first = Rig::take(first);
  const auto at_second = Rig::take(second);
  EXPECT_EQ(at_first.size() + at_second.size(), 7U);
  EXPECT_THAT(at_first, ::testing::Not(IsEmpty()));
  EXPECT_THAT(at_second, ::testing::Not(IsEmpty()));
  for (const std::string& line : at_first) EXPECT_THAT(at_second, ::testing::Not(::testing::Contains(line)));
}

TEST_F(LinesGatewayTest, keeps_the_lines_of_a_customer_together_in_their_order) {
  std::vector<actor::ActorRef> all;
  for (int i = 1; i <= 4; ++i) all.push_back(target(i));
  options.spread = Spread::hash;
  options.key = FieldKey{.number = 2, .separator = ","};
  std::string text;
  for (int order = 0; order < 200; ++order) text += std::to_string(order) + ",customer-" + std::to_string(order % 20) + "\n";
  options.path = file(text);
  const auto gateway = start();
  ASSERT_TRUE(eventually([&] { return gateway->finished(); }));
  std::map<std::string, std::vector<int>> orders;
  for (const actor::ActorRef& one : all) {
    std::map<std::string, std::vector<int>> here;
    for (const std::string& line : Rig::take(one)) here[line.substr(line.find(',') + 1)].push_back(std::stoi(line));
    EXPECT_THAT(here, ::testing::Not(IsEmpty()));
    for (auto& [customer, numbers] : here) EXPECT_TRUE(orders.emplace(customer, numbers).second) << customer << " is at two";
  }
  ASSERT_THAT(orders, SizeIs(20));
  for (const auto& [customer, numbers] : orders) {
    EXPECT_THAT(numbers, SizeIs(10)) << customer;
    EXPECT_TRUE(std::ranges::is_sorted(numbers)) << customer;
  }
  EXPECT_EQ(gateway->stats().unkeyed, 0U);
}

TEST_F(LinesGatewayTest, sends_a_line_without_its_key_by_the_whole_line_and_counts_it) {
  const auto first = target(1);
  const auto second = target(2);
  options.spread = Spread::hash;
  options.key = PointerKey{"/id"};
  std::string text;
  for (int i = 0; i < 20; ++i) text += "line " + std::to_string(i % 10) + "\n";
  options.path = file(text);
  const auto gateway = start();
  ASSERT_TRUE(eventually([&] { return gateway->finished(); }));
  EXPECT_EQ(gateway->stats().sent, 20U);
  EXPECT_EQ(gateway->stats().unkeyed, 20U);
  EXPECT_THAT(log.lines(), SizeIs(5));
  EXPECT_THAT(log.lines(), ::testing::Contains("line 1 has no key and goes by the whole line"));
  const auto at_second = Rig::take(second);
  for (const std::string& line : Rig::take(first)) EXPECT_THAT(at_second, ::testing::Not(::testing::Contains(line)));
}

TEST_F(LinesGatewayTest, sends_to_the_least_loaded) {
  const auto first = target(1);
  const auto second = target(2);
  options.spread = Spread::least_loaded;
  options.load = [&](const core::Address& address) -> std::size_t { return address.instance() == "2" ? 1 : 5; };
  options.path = file("a\nb\n");
  const auto gateway = start();
  ASSERT_TRUE(eventually([&] { return gateway->finished(); }));
  EXPECT_THAT(Rig::take(first), IsEmpty());
  EXPECT_THAT(Rig::take(second), ElementsAre("a", "b"));
}

TEST_F(LinesGatewayTest, keeps_bytes_that_are_no_text) {
  const auto only = target(1);
  const std::string bytes("\xff\x00\xc3(\x80", 5);
  options.path = file(bytes + "\n");
  const auto gateway = start();
  ASSERT_TRUE(eventually([&] { return gateway->finished(); }));
  EXPECT_THAT(Rig::take(only), ElementsAre(bytes));
}

TEST_F(LinesGatewayTest, leaves_no_waiter_at_a_target_that_has_no_room_for_it) {
  const auto only = target(1, {.mailbox_messages = 1});
  ASSERT_TRUE(rig.sender().send("demo/split/1", core::raw("x")));
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(rig.sender().send_within("demo/split/1", core::raw("y"), std::chrono::milliseconds(1)));
    EXPECT_EQ(only->mailbox().waiters(), 0U);
  }
}

TEST_F(LinesGatewayTest, waits_for_room_and_loses_nothing) {
  const auto only = target(1, {.mailbox_messages = 4});
  std::string text;
  for (int i = 0; i < 1000; ++i) text += std::to_string(i) + "\n";
  options.path = file(text);
  const auto gateway = start();
  std::vector<std::string> all;
  ASSERT_TRUE(eventually([&] {
    for (std::string& body : Rig::take(only)) all.push_back(std::move(body));
    return all.size() == 1000;
  }));
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], std::to_string(i));
  EXPECT_GT(gateway->stats().waited, 0U);
  EXPECT_EQ(gateway->stats().refused, 0U);
}

TEST_F(LinesGatewayTest, refuses_a_line_that_is_too_long_names_it_and_goes_on) {
  const auto only = target(1);
  options.line_bytes_max = 10;
  options.path = file("short\n" + std::string(100'000, 'x') + "\nnext\n");
  const auto gateway = start();
  ASSERT_TRUE(eventually([&] { return gateway->finished(); }));
  EXPECT_THAT(Rig::take(only), ElementsAre("short", "next"));
  EXPECT_EQ(gateway->stats().refused, 1U);
  EXPECT_THAT(log.lines(), ElementsAre("line 2 was not sent: longer than 10 bytes"));
}

TEST_F(LinesGatewayTest, refuses_a_line_beyond_what_its_target_takes) {
  const auto only = target(1, {.body_bytes = 4});
  options.path = file("four\nfive!\n");
  const auto gateway = start();
  ASSERT_TRUE(eventually([&] { return gateway->finished(); }));
  EXPECT_THAT(Rig::take(only), ElementsAre("four"));
  EXPECT_THAT(log.lines(), ElementsAre(HasSubstr("line 2 was not sent: ")));
}

TEST_F(LinesGatewayTest, leaves_out_a_target_that_has_stopped) {
  const auto first = target(1);
  const auto second = target(2);
  rig.remove(first);
  options.path = file("a\nb\nc\n");
  const auto gateway = start();
  ASSERT_TRUE(eventually([&] { return gateway->finished(); }));
  EXPECT_THAT(Rig::take(second), ElementsAre("a", "b", "c"));
  EXPECT_THAT(log.lines(), ElementsAre("demo/split/1 has stopped: it gets no more lines until it is restarted"));
}

TEST_F(LinesGatewayTest, names_the_lines_whose_traces_are_recorded_to_who_wants_details) {
  log.take_all();
  const auto only = target(1);
  std::string lines;
  for (int i = 0; i < 25; ++i) lines += "x\n";
  options.path = file(lines);
  const auto gateway = start();
  ASSERT_TRUE(eventually([&] { return gateway->finished(); }));
  EXPECT_EQ(Rig::take(only).size(), 25U);
  // By a clock that stands, as many as there are in a second.
  EXPECT_EQ(log.lines().size(), messaging::HostSender::kTracesBegun.per_second);
  EXPECT_EQ(log.lines().front(), "line 1 is message 1");
}

/// Lines of a pipe, one by one.
class LinesOfAPipe : public LinesGatewayTest {
 protected:
  void SetUp() override {
    LinesGatewayTest::SetUp();
    options.path = (folder / "pipe").string();
    ASSERT_EQ(mkfifo(options.path.c_str(), 0600), 0);
    // For both, so that opening does not wait for the other end.
    pipe = std::fopen(options.path.c_str(), "r+");
    ASSERT_NE(pipe, nullptr);
  }
  void TearDown() override {
    std::fclose(pipe);
    LinesGatewayTest::TearDown();
  }
  void type(const std::string& lines) const {
    std::fputs(lines.c_str(), pipe);
    std::fflush(pipe);
  }

  std::FILE* pipe = nullptr;
};

TEST_F(LinesOfAPipe, come_to_a_target_again_that_was_restarted) {
  rig.remove(target(1));
  const auto second = target(2);
  const auto gateway = start();
  type("a\nb\nc\n");
  ASSERT_TRUE(eventually([&] { return gateway->stats().sent == 3; }));
  EXPECT_THAT(Rig::take(second), ElementsAre("a", "b", "c"));
  const auto first = rig.spawn("demo/split/1", {});
  type("d\ne\n");
  ASSERT_TRUE(eventually([&] { return gateway->stats().sent == 5; }));
  EXPECT_THAT(Rig::take(second), ElementsAre("d", "e")) << "it is not looked for with every line";
  clock.advance(std::chrono::seconds(1));
  type("f\ng\nh\ni\n");
  ASSERT_TRUE(eventually([&] { return gateway->stats().sent == 9; }));
  EXPECT_THAT(Rig::take(first), SizeIs(2));
  EXPECT_THAT(Rig::take(second), SizeIs(2));
  EXPECT_THAT(log.lines(), ElementsAre("demo/split/1 has stopped: it gets no more lines until it is restarted",
                                       "demo/split/1 is back: it gets lines again"));
}

TEST_F(LinesOfAPipe, wait_while_nobody_is_there_and_go_to_who_comes_back) {
  rig.remove(target(1));
  const auto gateway = start();
  type("a\nb\n");
  ASSERT_TRUE(eventually([&] { return log.lines().size() == 2; }));
  EXPECT_EQ(gateway->stats().lines, 1U) << "nothing is read ahead";
  clock.advance(std::chrono::seconds(20));
  const auto again = rig.spawn("demo/split/1", {});
  clock.advance(std::chrono::seconds(1));
  ASSERT_TRUE(eventually([&] { return gateway->stats().sent == 2; }));
  EXPECT_THAT(Rig::take(again), ElementsAre("a", "b"));
  EXPECT_EQ(gateway->stats().refused, 0U);
  EXPECT_THAT(log.lines(), ElementsAre("demo/split/1 has stopped: it gets no more lines until it is restarted",
                                       "nobody is left to send to: the next line waits 30s for one of them to be restarted",
                                       "demo/split/1 is back: it gets lines again"));
}

TEST_F(LinesOfAPipe, end_when_nobody_has_come_back_in_time) {
  rig.remove(target(1));
  rig.remove(target(2));
  const auto gateway = start();
  type("a\nb\n");
  ASSERT_TRUE(eventually([&] { return log.lines().size() == 3; }));
  EXPECT_FALSE(gateway->finished());
  clock.advance(options.patience);
  ASSERT_TRUE(eventually([&] { return gateway->finished(); }));
  ASSERT_TRUE(gateway->trouble());
  EXPECT_EQ(gateway->trouble()->code(), core::ErrorCode::target_gone);
  EXPECT_EQ(gateway->stats().refused, 1U);
}

TEST_F(LinesOfAPipe, end_when_those_who_might_come_back_are_removed) {
  rig.remove(target(1));
  std::atomic<bool> is_listed = true;
  options.may_return = [&](const core::Address&) { return is_listed.load(); };
  const auto gateway = start();
  type("a\n");
  ASSERT_TRUE(eventually([&] { return gateway->stats().waited > 0; }));
  EXPECT_FALSE(gateway->finished());
  is_listed = false;
  clock.advance(std::chrono::seconds(1));
  EXPECT_TRUE(eventually([&] { return gateway->finished(); }));
}

TEST_F(LinesOfAPipe, can_be_stopped_while_nobody_is_there) {
  rig.remove(target(1));
  const auto gateway = start();
  type("a\n");
  ASSERT_TRUE(eventually([&] { return gateway->stats().waited > 0; }));
  gateway->stop();
  EXPECT_TRUE(gateway->finished());
  EXPECT_FALSE(gateway->trouble());
  EXPECT_EQ(gateway->stats().refused, 1U);
}

TEST_F(LinesGatewayTest, ends_when_every_target_has_stopped_for_good) {
  rig.remove(target(1));
  options.may_return = [](const core::Address&) { return false; };
  options.path = file("a\nb\n");
  const auto gateway = start();
  ASSERT_TRUE(eventually([&] { return gateway->finished(); }));
  ASSERT_TRUE(gateway->trouble());
  EXPECT_EQ(gateway->trouble()->code(), core::ErrorCode::target_gone);
  EXPECT_EQ(gateway->stats().refused, 1U);
}

TEST_F(LinesGatewayTest, counts_lines_that_no_grant_covers) {
  rig.spawn("demo/vault/1", {});
  options.targets.push_back(core::make_checked_address("demo/vault/1"));
  std::string text;
  for (int i = 0; i < 100; ++i) text += "x\n";
  options.path = file(text);
  const auto gateway = start();
  ASSERT_TRUE(eventually([&] { return gateway->finished(); }));
  EXPECT_EQ(gateway->stats().refused, 100U);
  EXPECT_THAT(log.lines(), SizeIs(5));
}

TEST_F(LinesGatewayTest, keeps_to_the_rate_of_its_grant) {
  Rig limited;
  limited.grant("demo/slow/1", core::Rate{100});
  const auto slow = limited.spawn("demo/slow/1", {});
  options.targets.push_back(core::make_checked_address("demo/slow/1"));
  std::string text;
  for (int i = 0; i < 130; ++i) text += "x\n";
  options.path = file(text);
  auto gateway = LinesGateway::start(options, limited.sender(), log, clock);
  ASSERT_TRUE(gateway);
  ASSERT_TRUE(eventually([&] { return (*gateway)->finished(); }));
  EXPECT_EQ((*gateway)->stats().sent, 130U);
  EXPECT_GT((*gateway)->stats().waited, 0U);
}

TEST_F(LinesGatewayTest, stops_while_it_waits_for_input) {
  target(1);
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  options.path = (folder / "pipe").string();
  const auto gateway = start();
  EXPECT_FALSE(gateway->finished());
  gateway->stop();
  EXPECT_TRUE(gateway->finished());
}

TEST_F(LinesGatewayTest, stops_while_it_waits_for_room) {
  const auto only = target(1, {.mailbox_messages = 1});
  options.path = file("a\nb\n");
  const auto gateway = start();
  ASSERT_TRUE(eventually([&] { return gateway->stats().waited > 0; }));
  gateway->stop();
  EXPECT_TRUE(gateway->finished());
  EXPECT_EQ(gateway->stats().sent, 1U);
  EXPECT_EQ(gateway->stats().refused, 1U);
}

TEST_F(LinesGatewayTest, refuses_what_it_cannot_read) {
  target(1);
  options.path = (folder / "missing.txt").string();
  EXPECT_EQ(LinesGateway::start(options, rig.sender(), log, clock).error().code(), core::ErrorCode::not_found);
  options.path = folder.string();
  EXPECT_THAT(LinesGateway::start(options, rig.sender(), log, clock).error().message(), HasSubstr("it is a folder"));
}

TEST_F(LinesGatewayTest, says_of_a_path_before_the_start_what_it_would_say_then) {
  target(1);
  std::vector<std::string> paths{"-", file("a\n"), (folder / "missing.txt").string(), folder.string(),
                                 (folder / "lines.txt" / "below").string()};
  std::filesystem::create_symlink("loop", folder / "loop");
  paths.push_back((folder / "loop").string());
  for (const std::string& path : paths) {
    options.path = path;
    const auto started = LinesGateway::start(options, rig.sender(), log, clock);
    const auto checked = LinesGateway::check_source(path);
    ASSERT_EQ(started.has_value(), checked.has_value()) << path;
    if (checked) continue;
    EXPECT_EQ(started.error().to_string(), checked.error().to_string());
  }
  EXPECT_TRUE(LinesGateway::check_source("/dev/null"));
}

TEST_F(LinesGatewayTest, needs_somebody_to_send_to) {
  options.path = file("a\n");
  EXPECT_EQ(LinesGateway::start(options, rig.sender(), log, clock).error().code(), core::ErrorCode::invalid);
  target(1);
  options.spread = Spread::least_loaded;
  EXPECT_EQ(LinesGateway::start(options, rig.sender(), log, clock).error().code(), core::ErrorCode::invalid);
}

}  // namespace
}  // namespace airssys::gateways
