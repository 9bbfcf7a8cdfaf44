#include "airssys/actor/supervisor.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "airssys/actor/thread.hpp"
#include "testing/fakes.hpp"

namespace airssys::actor {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr core::RestartPolicy kPolicy{
    .max_restarts = 3, .window = seconds(10), .backoff = milliseconds(100), .backoff_max = milliseconds(250)};
/// Three pauses take longer than the window: within it nobody ever dies four times.
constexpr core::RestartPolicy kSlow{
    .max_restarts = 3, .window = seconds(1), .backoff = milliseconds(400), .backoff_max = milliseconds(400)};

/// An actor as its supervisor sees it: by hand, its turns stand and its instances start and die.
class Ward {
 public:
  Ward(Supervisor& supervisor, std::uint64_t number) : supervisor_(supervisor), number_(number) { turns_.add(); }
  Ward(const Ward&) = delete;
  Ward& operator=(const Ward&) = delete;

  Child child() const { return {.number = number_, .turns = &turns_}; }
  void works() { turns_.add(); }
  Directive dies(core::MonotonicTime now, std::uint64_t chance = 0) {
    return supervisor_.died({.child = child(), .reason = "it died"}, now, chance);
  }
  void starts() {
    supervisor_.started(child(), {});
    turns_.add();
  }
  void fails_to_start() { supervisor_.started(child(), {.kind = core::TurnResult::Kind::trapped}); }
  void ends() { supervisor_.ended(child()); }

 private:
  Supervisor& supervisor_;
  std::uint64_t number_;
  Count turns_;
};

/// A supervisor and one of its children, each of whose instances starts well.
class SupervisorTest : public ::testing::Test {
 protected:
  static bool restarts(const Directive& directive) { return directive.kind == Directive::Kind::restart; }
  Directive dies_at_once(core::MonotonicTime now, std::uint64_t chance = 0) {
    Directive directive = child.dies(now, chance);
    child.starts();
    return directive;
  }
  Directive dies_after_a_success(core::MonotonicTime now) {
    child.works();
    return dies_at_once(now);
  }

  testing::HandClock clock;
  Supervisor supervisor{kPolicy};
  Ward child{supervisor, 1};
};

TEST_F(SupervisorTest, doubles_the_pause_up_to_its_most) {
  EXPECT_EQ(dies_at_once(clock.now).at - clock.now, milliseconds(100));
  EXPECT_EQ(dies_at_once(clock.now).at - clock.now, milliseconds(200));
  EXPECT_EQ(dies_at_once(clock.now).at - clock.now, milliseconds(250));
}

TEST_F(SupervisorTest, gives_up_beyond_its_intensity) {
  for (std::uint32_t i = 1; i <= 3; ++i) EXPECT_EQ(dies_after_a_success(clock.now).restarts, i);
  const Directive last = dies_after_a_success(clock.now);
  EXPECT_FALSE(restarts(last));
  EXPECT_EQ(last.reason, "stopped for good: it died after 3 restarts within 10 s");
}

TEST_F(SupervisorTest, says_how_many_restarts_count_and_which_death_would_be_the_last) {
  EXPECT_EQ(dies_at_once(clock.now).reason, "restart 1 of 3 within 10 s");
  dies_at_once(clock.now);
  EXPECT_EQ(dies_at_once(clock.now).reason, "restart 3 of 3 within 10 s; one death more in that time ends it for good");
}

TEST_F(SupervisorTest, forgets_what_is_older_than_the_window) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(restarts(dies_at_once(clock.now)));
  clock.now += seconds(10);
  const Directive later = dies_after_a_success(clock.now);
  ASSERT_TRUE(restarts(later));
  EXPECT_EQ(later.restarts, 1U);
}

TEST(Supervisor, counts_deaths_without_a_success_in_between_beyond_the_window) {
  Supervisor supervisor(kSlow);
  Ward child(supervisor, 1);
  core::MonotonicTime now = seconds(1);
  Directive directive;
  for (std::uint32_t i = 1; i <= 3; ++i) {
    directive = child.dies(now);
    ASSERT_EQ(directive.kind, Directive::Kind::restart) << i;
    EXPECT_EQ(directive.restarts, i);
    if (i == 2) {
      child.fails_to_start();
    } else {
      child.starts();
    }
    now = directive.at;
  }
  EXPECT_EQ(directive.reason, "restart 3 of 3 within 1 s; one death more in that time ends it for good");
  const Directive last = child.dies(now + core::MonotonicTime(seconds(60)));
  EXPECT_EQ(last.kind, Directive::Kind::give_up);
  EXPECT_EQ(last.reason, "stopped for good: it died after 3 restarts in a row, with no turn in between that stood");
}

TEST_F(SupervisorTest, forgives_after_one_turn_that_stood) {
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(restarts(i % 3 == 2 ? dies_after_a_success(clock.now) : dies_at_once(clock.now))) << i;
    clock.now += seconds(20);
  }
}

TEST_F(SupervisorTest, takes_no_start_for_a_success_however_many_there_are) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(restarts(dies_at_once(clock.now))) << i;
    child.starts();  // By order.
    clock.now += seconds(20);
  }
  EXPECT_FALSE(restarts(child.dies(clock.now)));
}

TEST_F(SupervisorTest, remembers_a_success_over_a_start_by_order) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(restarts(dies_at_once(clock.now)));
  child.works();
  child.starts();
  clock.now += seconds(20);
  EXPECT_EQ(child.dies(clock.now).restarts, 1U);
}

TEST_F(SupervisorTest, counts_for_each_child_apart) {
  Ward other(supervisor, 2);
  for (int i = 0; i < 4; ++i) dies_at_once(clock.now);
  EXPECT_EQ(other.dies(clock.now).restarts, 1U);
}

TEST_F(SupervisorTest, spreads_the_pause_by_less_than_a_quarter) {
  std::mt19937_64 chance(7);  // NOLINT(cert-msc51-cpp): a run like the last.
  for (std::uint64_t i = 0; i < 1000; ++i) {
    Ward one(supervisor, 10 + i);
    const auto pause = one.dies(clock.now, i < 256 ? i : chance()).at - clock.now;
    EXPECT_GE(pause, milliseconds(100));
    EXPECT_LT(pause, milliseconds(125));
    one.ends();
  }
}

TEST(Supervisor, that_allows_no_restarts_gives_up_at_once) {
  Supervisor supervisor({.max_restarts = 0, .window = seconds(1), .backoff = {}, .backoff_max = {}});
  Ward child(supervisor, 1);
  EXPECT_EQ(child.dies(seconds(1)).kind, Directive::Kind::give_up);
  child.ends();
  EXPECT_EQ(supervisor.remembered(), 0U);
}

TEST_F(SupervisorTest, knows_a_child_from_its_first_death_until_its_end) {
  child.starts();
  EXPECT_EQ(supervisor.remembered(), 0U);
  dies_at_once(clock.now);
  EXPECT_EQ(supervisor.remembered(), 1U);
  child.ends();
  EXPECT_EQ(supervisor.remembered(), 0U);
  child.ends();
}

TEST_F(SupervisorTest, forgets_children_that_have_long_been_well_when_others_die) {
  std::vector<std::unique_ptr<Ward>> wards;
  for (std::uint64_t i = 0; i < 100; ++i) {
    wards.push_back(std::make_unique<Ward>(supervisor, 10 + i));
    wards.back()->dies(clock.now);
    wards.back()->starts();
    if (i % 4 != 0) wards.back()->works();
  }
  EXPECT_EQ(supervisor.remembered(), 100U);
  clock.now += seconds(10);
  for (int i = 0; i < 100; ++i) {
    dies_after_a_success(clock.now);
    clock.now += seconds(10);
  }
  EXPECT_EQ(supervisor.remembered(), 26U) << "those without a success since their death, and the one that still dies";
  for (const auto& ward : wards) ward->ends();
}

TEST_F(SupervisorTest, judges_a_child_that_it_has_forgotten_as_one_that_it_has_forgiven) {
  Ward other(supervisor, 2);
  dies_at_once(clock.now);
  child.works();
  clock.now += seconds(10);
  other.dies(clock.now);
  ASSERT_EQ(supervisor.remembered(), 1U);
  EXPECT_EQ(dies_at_once(clock.now).restarts, 1U);
  EXPECT_EQ(dies_at_once(clock.now).restarts, 2U);
}

TEST(Supervisor, keeps_a_bounded_history_of_a_child_that_may_die_for_ever) {
  constexpr std::uint32_t kMany = 5 * Supervisor::kTimesKept;
  Supervisor supervisor({.max_restarts = kMany, .window = seconds(10), .backoff = {}, .backoff_max = {}});
  Ward child(supervisor, 1);
  core::MonotonicTime now = seconds(1);
  for (std::uint32_t i = 1; i <= kMany; ++i, now += milliseconds(1)) {
    const Directive directive = child.dies(now);
    ASSERT_EQ(directive.kind, Directive::Kind::restart) << i;
    ASSERT_EQ(directive.restarts, i);
  }
  EXPECT_EQ(child.dies(now).kind, Directive::Kind::give_up);
  child.works();
  EXPECT_EQ(child.dies(now).kind, Directive::Kind::give_up) << "all are within the window";
  child.works();
  EXPECT_EQ(child.dies(now + core::MonotonicTime(seconds(9))).restarts, Supervisor::kTimesKept)
      << "when the oldest that is remembered leaves the window, those before have left it";
}

TEST(Supervisor, pauses_for_any_time_that_an_embedder_asks_for) {
  constexpr core::RestartPolicy kEndless{
      .max_restarts = 2, .window = milliseconds::max(), .backoff = milliseconds::max(), .backoff_max = milliseconds::max()};
  Supervisor supervisor(kEndless);
  EXPECT_GT(Ward(supervisor, 1).dies(seconds(1), 255).at, core::MonotonicTime(std::chrono::hours(24)));
}

TEST(Supervisor, serves_many_threads) {
  Supervisor supervisor({.max_restarts = 1'000'000, .window = seconds(1), .backoff = {}, .backoff_max = {}});
  std::vector<std::unique_ptr<Thread>> threads;
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.push_back(std::make_unique<Thread>(core::Bytes{2} << 20, [&supervisor, t] {
      for (std::uint64_t i = 0; i < 1000; ++i) {
        Ward child(supervisor, t * 1000 + i);
        core::MonotonicTime now = seconds(i);
        for (std::uint32_t n = 1; n <= 3; ++n) {
          EXPECT_EQ(child.dies(now).restarts, n);
          child.starts();
        }
        child.works();
        child.ends();
      }
    }));
  }
  for (const auto& thread : threads) thread->join();
  EXPECT_EQ(supervisor.remembered(), 0U);
}

}  // namespace
}  // namespace airssys::actor
