#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "airssys/control/control_client.hpp"
#include "airssys/control/control_server.hpp"
#include "testing/fake_desk.hpp"
#include "unix_socket.hpp"
#include "wire.hpp"

namespace airssys::control {
namespace {

namespace fs = std::filesystem;
using namespace airssys::literals;
using namespace std::chrono_literals;
using control::testing::a_dead_letter;
using control::testing::an_actor;
using control::testing::FakeDesk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ControlTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "airssys-control-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder = name;
    socket = folder / kSocketName;
    desk.actors = {an_actor("demo/a/1"), an_actor("demo/b/1")};
  }
  void TearDown() override {
    desk.release();
    server.reset();
    fs::remove_all(folder);
  }

  void serve(ControlServer::Options options = {}) {
    auto started = ControlServer::start(socket, desk, options);
    ASSERT_TRUE(started) << started.error();
    server = std::move(*started);
  }
  std::unique_ptr<ControlClient> connect() {
    auto client = ControlClient::connect(socket);
    EXPECT_TRUE(client) << client.error();
    return client ? std::move(*client) : nullptr;
  }
  /// What the server says to a frame as it is.
  std::string say(std::string_view text) {
    const auto raw = connect_to(socket);
    EXPECT_TRUE(raw);
    EXPECT_TRUE(write_frame(raw->get(), text, soon()));
    const auto response = read_frame(raw->get(), 1 << 20, soon());
    return response ? *response : "(" + response.error().message() + ")";
  }
  static Deadline soon() { return std::chrono::steady_clock::now() + 10s; }

  fs::path folder;
  fs::path socket;
  FakeDesk desk;
  std::unique_ptr<ControlServer> server;
};

TEST_F(ControlTest, carries_each_call_and_its_result) {
  serve();
  const auto client = connect();
  EXPECT_EQ(client->send("demo/a/1"_address, core::json("{}"), {}), core::MessageId{1});
  EXPECT_EQ(client->send("demo/a/1"_address, core::raw("x"), "order-7"), core::MessageId{2});
  EXPECT_THAT(desk.sent(), ElementsAre("demo/a/1 json {}", "demo/a/1 raw x once for order-7"));
  const auto reply = client->request("demo/a/1"_address, core::raw("question"), 1s);
  ASSERT_TRUE(reply.reply);
  EXPECT_EQ(reply.reply->text(), "question");
  EXPECT_EQ(reply.id, core::MessageId{17});
  EXPECT_EQ(client->list({}), (ActorPage{.actors = desk.actors, .matching = 2}));
  EXPECT_EQ(client->info("demo/b/1"_address), desk.details_of(desk.actors[1]));
  const auto status = client->status();
  ASSERT_TRUE(status);
  EXPECT_EQ(status->process, 4711U);
  EXPECT_EQ(status->actors, 2U);
  EXPECT_TRUE(client->stop());
  EXPECT_EQ(desk.stops.load(), 1);
}

TEST_F(ControlTest, carries_each_counter_of_the_list_under_its_name) {
  ActorInfo& actor = desk.actors[0];
  std::uint64_t number = 100;
  for (const core::ActorCounter& counter : core::kActorCounters) actor.counts.*counter.value = ++number;
  serve();
  const auto page = connect()->list({});
  ASSERT_TRUE(page);
  EXPECT_EQ(page->actors[0], actor);
  number = 100;
  for (const core::ActorCounter& counter : core::kActorCounters) {
    EXPECT_THAT(to_json(actor), HasSubstr("\"" + std::string(counter.name) + "\":" + std::to_string(++number)));
  }
}

TEST(Wire, carries_all_limits_under_the_names_that_files_have_for_them) {
  const Json json = json_of(an_actor("demo/a/1"));
  EXPECT_EQ(json.at("memory_limit"), 4 << 20);
  EXPECT_EQ(json.at("timers_limit"), 17);
  EXPECT_EQ(json.at("turn_cpu_limit_ms"), 250);
  EXPECT_FALSE(json.contains("storage_limit")) << "an actor has none";
  EXPECT_EQ(actor_from(json).limits, an_actor("demo/a/1").limits);
}

TEST(Wire, of_a_counter_that_the_other_end_does_not_know_carries_nothing) {
  Json older = json_of(an_actor("demo/a/1"));
  older.erase("messages");
  ActorInfo expected = an_actor("demo/a/1");
  expected.counts.messages = 0;
  EXPECT_EQ(actor_from(older), expected);
  older["refused"] = "three";
  EXPECT_THROW(actor_from(older), Json::exception);
}

TEST_F(ControlTest, carries_dead_letters_and_what_is_ordered_of_them) {
  serve();
  const auto client = connect();
  for (const std::uint64_t number : {3U, 4U, 5U}) desk.bury(a_dead_letter(number));
  EXPECT_EQ(client->dead_letters({}), desk.dead_letters({.after = 0, .most = 100}));
  EXPECT_EQ(client->dead_letters({.after = 3, .most = 1}), desk.dead_letters({.after = 3, .most = 1}));
  EXPECT_EQ(client->dead_letter(4), a_dead_letter(4));
  EXPECT_TRUE(client->retry_dead_letter(4));
  EXPECT_TRUE(client->drop_dead_letter(3));
  EXPECT_THAT(desk.orders(), ElementsAre("retried 4", "dropped 3"));
  for (const auto& gone : {client->retry_dead_letter(4), client->drop_dead_letter(4)}) {
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().code(), core::ErrorCode::not_found);
    EXPECT_EQ(gone.error().message(), "there is no dead letter 4");
  }
  EXPECT_EQ(client->dead_letter(4).error().code(), core::ErrorCode::not_found);
}

TEST_F(ControlTest, writes_dead_letters_as_json_with_keys_that_stay) {
  DeadLetterInFull letter = a_dead_letter(3);
  const std::string keys =
      R"({"number":3,"time_ms":1700000000000,"reason":"rejected","why":"not \"this\" one","kind":"event","sender":"demo/a/1",)"
      R"("target":"demo/b/1","topic":"words.new","id":17,"attempt":3,"trace":"00000000000000010000000000000002","codec":"cbor",)"
      R"("bytes":2)";
  EXPECT_EQ(to_json(letter), keys + R"(,"body_hex":"ff00"})");
  letter.payload.body = core::Body::copy_of("ok");
  EXPECT_EQ(to_json(letter), keys + R"(,"body":"ok"})");
  EXPECT_EQ(to_json(DeadLetterList{.letters = {letter.letter}, .forgotten = 2, .by_reason = {{"rejected", 5}, {"crashed", 1}}}),
            R"({"total":6,"forgotten":2,"by_reason":{"rejected":5,"crashed":1},"letters":[)" + keys + "}]}");
}

/// A page of rows that a response holds whatever is in them, and none is left out or comes twice.
TEST_F(ControlTest, lists_more_actors_than_a_page_holds) {
  desk.actors.clear();
  for (int i = 10'000; i < 12'500; ++i)
    desk.actors.push_back(an_actor("demo/" + std::string(200, 'a') + "/" + std::to_string(i)));
  serve();
  const auto client = connect();
  ActorQuery query;
  std::size_t seen = 0;
  while (true) {
    const auto page = client->list(query);
    ASSERT_TRUE(page) << page.error();
    EXPECT_EQ(page->matching, desk.actors.size() - seen);
    if (page->actors.empty()) break;
    EXPECT_LE(page->actors.size(), kActorsPerPage);
    for (const ActorInfo& actor : page->actors) ASSERT_EQ(actor.address, desk.actors[seen++].address);
    query.after = page->actors.back().address;
  }
  EXPECT_EQ(seen, desk.actors.size());
}

TEST_F(ControlTest, lists_by_pattern_and_no_more_than_is_asked_for) {
  serve();
  const auto client = connect();
  EXPECT_EQ(client->list({.after = {}, .pattern = "demo/b/*", .most = 0}),
            (ActorPage{.actors = {desk.actors[1]}, .matching = 1}));
  EXPECT_EQ(client->list({.after = {}, .pattern = {}, .most = 1}), (ActorPage{.actors = {desk.actors[0]}, .matching = 2}));
  EXPECT_EQ(client->list({.after = {}, .pattern = "demo", .most = 1}).error().code(), core::ErrorCode::invalid);
}

TEST_F(ControlTest, carries_orders_to_one_actor) {
  serve();
  const auto client = connect();
  EXPECT_TRUE(client->stop_actor("demo/a/1"_address));
  EXPECT_TRUE(client->restart_actor("demo/a/1"_address));
  EXPECT_TRUE(client->remove_actor("demo/a/1"_address));
  EXPECT_THAT(desk.orders(), ElementsAre("stop demo/a/1", "restart demo/a/1", "remove demo/a/1"));
  EXPECT_EQ(client->restart_actor("demo/nobody/1"_address).error().code(), core::ErrorCode::not_found);
}

TEST_F(ControlTest, carries_a_trace_as_it_is) {
  serve();
  const auto client = connect();
  EXPECT_EQ(client->trace("17"), desk.trace("17"));
  EXPECT_EQ(client->traces(5), desk.traces(5));
  const auto missing = client->trace("18");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), core::ErrorCode::not_found);
  EXPECT_EQ(missing.error().message(), "nothing of 18");
}

TEST_F(ControlTest, keeps_bodies_that_are_no_text) {
  serve();
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  const auto reply =
      connect()->request("demo/a/1"_address, {.codec = core::Codec::cbor, .body = core::Body::copy_of(bytes)}, 30s);
  ASSERT_TRUE(reply.reply);
  EXPECT_EQ(reply.reply->text(), bytes);
  EXPECT_EQ(reply.reply->codec, core::Codec::cbor);
}

TEST_F(ControlTest, carries_errors_with_code_and_words) {
  serve();
  const auto client = connect();
  const auto sent = client->send("demo/full/1"_address, core::raw("x"), {});
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code(), core::ErrorCode::mailbox_full);
  EXPECT_EQ(sent.error().message(), "no room at demo/full/1");
  const auto silent = client->request("demo/silent/1"_address, core::raw(""), 25ms);
  EXPECT_EQ(silent.reply.error().message(), "no answer within 25 ms");
  EXPECT_EQ(silent.id, core::MessageId{4711});
  EXPECT_EQ(client->info("demo/c/1"_address).error().code(), core::ErrorCode::not_found);
}

TEST_F(ControlTest, takes_a_large_body_and_refuses_a_larger_one) {
  serve();
  const auto client = connect();
  const auto reply = client->request("demo/a/1"_address, core::raw(std::string(2 << 20, 'x')), 30s);
  ASSERT_TRUE(reply.reply) << reply.reply.error();
  EXPECT_EQ(reply.reply->body.size(), std::size_t{2} << 20);
  EXPECT_EQ(client->request("demo/a/1"_address, core::raw(std::string(16 << 20, 'x')), 30s).reply.error().code(),
            core::ErrorCode::too_large);
}

TEST_F(ControlTest, lets_its_owner_alone_use_the_socket) {
  serve();
  struct stat what{};
  ASSERT_EQ(stat(socket.c_str(), &what), 0);
  EXPECT_TRUE(S_ISSOCK(what.st_mode));
  EXPECT_EQ(what.st_mode & 0777U, 0600U);
}

TEST_F(ControlTest, says_what_to_do_where_no_system_runs) {
  const auto nobody = ControlClient::connect(socket);
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code(), core::ErrorCode::unavailable);
  EXPECT_THAT(nobody.error().message(), HasSubstr(socket.string()));
  EXPECT_THAT(nobody.error().message(), HasSubstr("airssys run"));
}

TEST_F(ControlTest, replaces_the_socket_of_a_dead_process) {
  {
    const auto dead = listen_at(socket);
  }
  ASSERT_TRUE(fs::exists(socket));
  EXPECT_EQ(ControlClient::connect(socket).error().code(), core::ErrorCode::unavailable);
  serve();
  EXPECT_TRUE(connect()->status());
}

TEST_F(ControlTest, leaves_the_socket_of_a_living_process) {
  serve();
  const auto second = ControlServer::start(socket, desk);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), core::ErrorCode::already_exists);
  EXPECT_TRUE(connect()->status());
}

TEST_F(ControlTest, replaces_nothing_that_is_no_socket_and_removes_no_name_but_its_own) {
  std::ofstream(folder / "precious") << "untouched";
  fs::create_symlink(folder / "precious", socket);
  EXPECT_THAT(ControlServer::start(socket, desk).error().message(), HasSubstr("is no socket: remove it"));
  fs::remove(socket);
  serve();
  fs::remove(socket);
  const auto other = listen_at(socket);
  ASSERT_TRUE(other);
  server->close();
  EXPECT_TRUE(fs::exists(socket));
}

TEST_F(ControlTest, is_not_used_if_another_user_listens) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can be two other users";
  ASSERT_EQ(chmod(folder.c_str(), 0777), 0);
  const pid_t child = fork();
  if (child == 0) {
    if (seteuid(12345) != 0) _exit(2);
    const auto theirs = listen_at(socket);
    if (!theirs || chmod(socket.c_str(), 0777) != 0) _exit(3);
    if (seteuid(0) != 0 || seteuid(23456) != 0) _exit(4);
    const auto connection = connect_to(socket);
    _exit(!connection && connection.error().code() == core::ErrorCode::denied ? 0 : 5);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0);
}

TEST_F(ControlTest, gives_up_on_a_system_that_takes_connections_and_does_not_answer) {
  const auto stopped = listen_at(socket);
  ASSERT_TRUE(stopped);
  const auto client = ControlClient::connect(socket, 20ms);
  ASSERT_TRUE(client);
  const auto listed = (*client)->list({});
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().code(), core::ErrorCode::timeout);
  EXPECT_THAT(listed.error().message(), HasSubstr("did not answer within 20ms"));
  const auto asked = (*client)->request("demo/a/1"_address, core::raw("x"), 30ms).reply;
  ASSERT_FALSE(asked);
  EXPECT_THAT(asked.error().message(), HasSubstr("did not answer within 30ms"));
}

TEST_F(ControlTest, works_in_a_folder_with_a_long_name) {
  for (int i = 0; i < 5; ++i) folder /= std::string(60, 'n');
  fs::create_directories(folder);
  socket = folder / kSocketName;
  ASSERT_GT(socket.string().size(), sizeof(sockaddr_un::sun_path));
  {
    const auto dead = listen_at(socket);
  }
  serve();
  EXPECT_TRUE(connect()->status());
  server.reset();
  EXPECT_FALSE(fs::exists(socket));
  EXPECT_EQ(ControlClient::connect(socket).error().code(), core::ErrorCode::unavailable);
}

TEST_F(ControlTest, removes_its_socket_when_it_closes_and_finishes_what_it_began) {
  serve();
  const auto client = connect();
  std::thread asking([&] {
    const auto reply = client->request("demo/slow/1"_address, core::raw("held"), 10s);
    EXPECT_TRUE(reply.reply && reply.reply->text() == "held");
  });
  while (desk.held() == 0) std::this_thread::sleep_for(1ms);
  server->close();
  EXPECT_FALSE(fs::exists(socket));
  std::thread stopping([&] { server->stop(); });
  desk.release();
  asking.join();
  stopping.join();
  EXPECT_EQ(client->status().error().code(), core::ErrorCode::unavailable);
}

TEST_F(ControlTest, answers_garbage_with_an_error) {
  serve();
  EXPECT_THAT(say("no json"), HasSubstr(R"("error":{"code":"invalid")"));
  EXPECT_THAT(say("[1,2]"), HasSubstr(R"("code":"invalid")"));
  EXPECT_THAT(say("\xff\xfe"), HasSubstr(R"("code":"invalid")"));
  EXPECT_THAT(say(R"({"v":1,"op":"list"})"), HasSubstr(R"("code":"incompatible")"));
  EXPECT_THAT(say(R"({"op":"list"})"), HasSubstr(R"("code":"incompatible")"));
  EXPECT_THAT(say(R"({"v":2})"), HasSubstr(R"("code":"invalid")"));
  EXPECT_THAT(say(R"({"v":2,"op":7})"), HasSubstr(R"("code":"invalid")"));
  EXPECT_THAT(say(R"({"v":2,"op":"dance"})"), HasSubstr("no operation"));
  EXPECT_THAT(say(R"({"v":2,"op":"dead-letter-dance","number":1})"), HasSubstr("no operation"));
  EXPECT_THAT(say(R"({"v":2,"op":"trace","id":17})"), HasSubstr(R"("code":"invalid")"));
  EXPECT_THAT(say(R"({"v":2,"op":"traces","most":"x"})"), HasSubstr(R"("code":"invalid")"));
  EXPECT_THAT(say(R"({"v":2,"op":"list","after":7})"), HasSubstr(R"("code":"invalid")"));
  EXPECT_THAT(say(R"({"v":2,"op":"list","most":-1})"), HasSubstr(R"("matching":2)"));
  EXPECT_THAT(say(R"({"v":2,"op":"list","most":{}})"), HasSubstr(R"("code":"invalid")"));
  EXPECT_THAT(say(R"({"v":2,"op":"restart-actor","address":"bad"})"), HasSubstr(R"("code":"invalid")"));
  EXPECT_THAT(say(R"({"v":2,"op":"dead-letters","after":"x"})"), HasSubstr(R"("code":"invalid")"));
  EXPECT_THAT(say(R"({"v":2,"op":"dead-letter-drop"})"), HasSubstr(R"("code":"invalid")"));
  EXPECT_THAT(say(R"({"v":2,"op":"dead-letter","number":"x"})"), HasSubstr(R"("code":"invalid")"));
  EXPECT_THAT(say(R"({"v":2,"op":"send","to":"bad","codec":85,"body":""})"), HasSubstr(R"("code":"invalid")"));
  EXPECT_THAT(say(R"({"v":2,"op":"send","to":"a/b/c","codec":85,"body":"!"})"), HasSubstr("no base64"));
  EXPECT_THAT(say(R"({"v":2,"op":"send","to":"a/b/c","codec":"raw","body":""})"), HasSubstr(R"("code":"invalid")"));
  EXPECT_THAT(say(std::string(1'000'000, '[')), HasSubstr("nested too deeply"));
  EXPECT_TRUE(connect()->status());
}

TEST_F(ControlTest, refuses_a_frame_that_promises_too_much) {
  serve();
  const auto raw = connect_to(socket);
  ASSERT_EQ(send(raw->get(), "\xff\xff\xff\xff", 4, MSG_NOSIGNAL), 4);
  const auto response = read_frame(raw->get(), 1 << 20, soon());
  ASSERT_TRUE(response);
  EXPECT_THAT(*response, HasSubstr(R"("code":"too-large")"));
  EXPECT_FALSE(read_frame(raw->get(), 1 << 20, soon()));
}

TEST_F(ControlTest, ends_a_connection_that_stalls_or_says_nothing) {
  serve({.connections_max = 64, .frame_time = 50ms, .idle_time = 50ms});
  const auto stalling = connect_to(socket);
  ASSERT_EQ(send(stalling->get(), "\0\0\0\x09{", 5, MSG_NOSIGNAL), 5);
  const auto response = read_frame(stalling->get(), 1 << 20, soon());
  ASSERT_TRUE(response);
  EXPECT_THAT(*response, HasSubstr(R"("code":"timeout")"));
  const auto silent = connect_to(socket);
  EXPECT_FALSE(read_frame(silent->get(), 1 << 20, soon()));
}

TEST_F(ControlTest, ends_a_connection_that_does_not_read) {
  serve({.connections_max = 1, .frame_time = 50ms, .idle_time = 10s});
  for (int i = 0; i < 2'000; ++i) desk.actors.push_back(an_actor("demo/a/1"));
  const auto deaf = connect_to(socket);
  ASSERT_TRUE(write_frame(deaf->get(), R"({"v":2,"op":"list"})", soon()));
  // Its place is free again, though it is still there.
  core::Result<SystemStatus> status = std::unexpected(core::Error(core::ErrorCode::busy, "test", ""));
  for (int i = 0; i < 3000 && !status; ++i) {
    std::this_thread::sleep_for(10ms);
    status = connect()->status();
  }
  EXPECT_TRUE(status);
}

TEST_F(ControlTest, survives_clients_that_hang_up_anywhere) {
  serve();
  for (const std::string_view part :
       {std::string_view(""), std::string_view("\0\0", 2), std::string_view("\0\0\0\x09{\"v\"", 8)}) {
    const auto raw = connect_to(socket);
    ASSERT_EQ(send(raw->get(), part.data(), part.size(), MSG_NOSIGNAL), static_cast<ssize_t>(part.size()));
  }
  {
    const auto raw = connect_to(socket);
    ASSERT_TRUE(write_frame(raw->get(), R"({"v":2,"op":"list"})", soon()));
  }
  EXPECT_TRUE(connect()->status());
}

TEST_F(ControlTest, tells_a_client_too_many_to_come_again) {
  serve({.connections_max = 2, .frame_time = 10s, .idle_time = 10s});
  const auto first = connect();
  const auto second = connect();
  ASSERT_TRUE(first->status());
  ASSERT_TRUE(second->status());
  EXPECT_EQ(connect()->status().error().code(), core::ErrorCode::busy);
}

TEST_F(ControlTest, serves_many_clients_at_once) {
  serve();
  std::vector<std::thread> clients;
  for (int i = 0; i < 16; ++i) {
    clients.emplace_back([this] {
      const auto client = connect();
      for (int j = 0; j < 50; ++j) EXPECT_TRUE(client->request("demo/a/1"_address, core::raw("x"), 30s).reply);
    });
  }
  for (std::thread& client : clients) client.join();
}

}  // namespace
}  // namespace airssys::control
