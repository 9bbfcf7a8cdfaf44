#include "airssys/system/deployment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "airssys/prelude.hpp"

namespace airssys::system {
namespace {

using namespace airssys::literals;
using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class DeploymentTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SystemOptions options{.name = "test", .workers = 1};
#if defined(__SANITIZE_THREAD__)
    options.engine.signal_traps = false;
#endif
    auto started = System::start(std::move(options));
    ASSERT_TRUE(started) << started.error();
    system = std::move(*started);
  }

  CheckReport report_on(std::string_view text) {
    auto file = config::parse_system(text, "system.toml");
    EXPECT_TRUE(file) << (file ? "" : config::to_string(file.error()));
    return check(*system, std::move(*file)).report;
  }

  std::unique_ptr<System> system;
};

TEST_F(DeploymentTest, a_component_that_is_not_there_is_a_problem_with_its_place) {
  const CheckReport report = report_on("[[actor]]\naddress = \"test/a/1\"\ncomponent = \"./nowhere\"\n");
  EXPECT_FALSE(report.ok());
  ASSERT_EQ(report.components.size(), 1U);
  EXPECT_EQ(report.components[0].line, 3U);
  EXPECT_NE(report.components[0].message.find("nowhere"), std::string::npos) << report.components[0];
}

TEST_F(DeploymentTest, all_that_is_wrong_is_said_at_once) {
  const CheckReport report = report_on(
      "[[actor]]\naddress = \"test/a/1\"\ncomponent = \"./nowhere\"\ndurable = true\n"
      "[[actor]]\naddress = \"test/b/*\"\ncomponent = \"./nowhere\"\n");
  EXPECT_EQ(report.components.size(), 1U);
  EXPECT_EQ(report.files.size(), 2U) << config::to_string(report.files);
}

TEST_F(DeploymentTest, a_grant_that_covers_nobody_is_a_warning) {
  const CheckReport report = report_on("[[grant]]\nfrom = \"test/a/*\"\nto = \"test/b/*\"\nallow = [\"send\"]\n");
  EXPECT_TRUE(report.ok());
  EXPECT_THAT(report.warnings,
              ElementsAre(HasSubstr("nothing to run"), "system.toml:2:8: from = \"test/a/*\" covers no actor of this file",
                          "system.toml:3:6: to = \"test/b/*\" covers no actor of this file"));
}

TEST_F(DeploymentTest, a_grant_to_a_gateway_that_is_not_there_is_a_warning) {
  const CheckReport report = report_on(
      "[[gateway]]\nkind = \"stdout\"\n[[grant]]\nfrom = \"airssys/operator/1\"\nto = \"airssys/standard-output/2\"\n"
      "allow = [\"send\"]\n");
  EXPECT_THAT(report.warnings, Contains(HasSubstr("system.toml:5:6: to = \"airssys/standard-output/2\" covers no actor")));
}

TEST_F(DeploymentTest, an_empty_file_says_that_there_is_nothing_to_run) {
  const CheckReport report = report_on("");
  EXPECT_TRUE(report.ok());
  EXPECT_THAT(report.warnings, ElementsAre("system.toml: there is nothing to run: no [[actor]] in it or in what it includes"));
}

TEST_F(DeploymentTest, a_component_that_is_wrong_is_said_once_however_many_actors_it_has) {
  const CheckReport report = report_on(
      "[[actor]]\naddress = \"test/a/1\"\ncomponent = \"./nowhere\"\n"
      "[[actor]]\naddress = \"test/b/1\"\ncomponent = \"./nowhere\"\nprofile = \"dense\"\n");
  EXPECT_THAT(report.components, ElementsAre(Field(&config::Problem::line, 3U)));
}

TEST_F(DeploymentTest, a_source_that_cannot_be_read_is_a_problem_with_its_place) {
  const CheckReport report = report_on(
      "[[gateway]]\nkind = \"stdout\"\n[[gateway]]\nkind = \"lines\"\npath = \"no/such.txt\"\n"
      "to = \"airssys/standard-output/1\"\n");
  ASSERT_THAT(report.files, SizeIs(1));
  EXPECT_EQ(
      config::to_string(report.files[0]),
      "system.toml:5:8: path = \"no/such.txt\": can't read no/such.txt: No such file or directory; expected a file that can "
      "be read, or - for standard input");
}

TEST_F(DeploymentTest, a_window_that_its_own_pauses_outlast_is_a_warning) {
  const CheckReport report = report_on(
      "[[supervisor]]\nname = \"slow\"\nmax_restarts = 3\nwindow = \"1s\"\nbackoff = \"400ms\"\n"
      "[[supervisor]]\nname = \"fast\"\nmax_restarts = 3\nwindow = \"1s\"\nbackoff = \"100ms\"\n");
  EXPECT_TRUE(report.ok());
  std::string said;
  for (const std::string& warning : report.warnings) {
    if (warning.find("window") != std::string::npos) said += warning;
  }
  EXPECT_TRUE(said.starts_with("system.toml:1:")) << said;
  EXPECT_NE(said.find("the 3 restarts of supervisor slow take longer than its window = \"1s\""), std::string::npos) << said;
  EXPECT_EQ(said.find("fast"), std::string::npos) << said;
}

TEST_F(DeploymentTest, a_supervisor_that_says_nothing_restarts_like_that_of_actors_which_name_none) {
  EXPECT_EQ(config::SupervisorEntry{.name = "usual"}.restart, core::RestartPolicy{});
}

/// Answers with what it was asked, twice over.
class Doubler final : public NativeActor {
 public:
  explicit Doubler(std::string between) : between_(std::move(between)) {}
  Result<Response> handle_message(Turn&, const MessageView& message) override {
    return reply(raw(std::string(message.text()) + between_ + std::string(message.text())));
  }

 private:
  std::string between_;
};

TEST_F(DeploymentTest, a_client_talks_to_native_actors_under_its_own_address_and_grants) {
  const auto doubler = system->spawn_native<Doubler>("test/doubler/1"_address, std::string("-"));
  ASSERT_TRUE(doubler);
  auto client = system->client("test/client/1"_address);
  ASSERT_TRUE(client);
  EXPECT_EQ(client->request(*doubler, raw("x"), 5s).error().code(), ErrorCode::denied);
  ASSERT_TRUE(system->grant({.from = client->address(), .to = *doubler, .allow = {Verb::request}}));
  EXPECT_EQ(client->request(*doubler, raw("x"), 5s)->text(), "x-x");
  EXPECT_EQ(client->send(*doubler, raw("x")).error().code(), ErrorCode::denied) << "request was granted, send was not";
}

TEST_F(DeploymentTest, the_operator_reaches_everybody_and_nobody_reaches_him) {
  const auto doubler = system->spawn_native<Doubler>("test/doubler/1"_address, std::string("+"));
  ASSERT_TRUE(doubler);
  Client operator_client = system->operator_client();
  EXPECT_EQ(operator_client.request(*doubler, raw("x"), 5s)->text(), "x+x");
  const auto to_operator = operator_client.request(core::operator_address(), raw("x"), 5s);
  ASSERT_FALSE(to_operator);
  EXPECT_EQ(to_operator.error().code(), ErrorCode::rejected);
}

TEST_F(DeploymentTest, the_address_of_an_actor_is_no_clients) {
  ASSERT_TRUE(system->spawn_native<Doubler>("test/doubler/1"_address, std::string()));
  EXPECT_EQ(system->client("test/doubler/1"_address).error().code(), ErrorCode::already_exists);
}

}  // namespace
}  // namespace airssys::system
