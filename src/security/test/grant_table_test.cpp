#include "airssys/security/grant_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string_view>
#include <thread>
#include <vector>

namespace airssys::security {
namespace {

using namespace airssys::literals;

TopicPattern topic(std::string_view text) {
  return TopicPattern::parse(text).value();
}

GrantId added(GrantTable& table, Grant grant) {
  return table.add(std::move(grant)).value();
}

struct Case {
  std::string_view from;
  std::string_view to;
  Verb verb;
  bool allowed;
};

TEST(GrantTable, decides_by_sender_target_and_verb) {
  GrantTable table;
  added(table, {.from = "demo/split/*"_pattern, .to = "demo/counter/*"_pattern, .allow = {Verb::send, Verb::request}});
  added(table, {.from = "demo/counter/1"_pattern, .to = "demo/report/1"_pattern, .allow = {Verb::send, Verb::find}});
  added(table, {.from = "demo/*/*"_pattern, .to = topic("words.#"), .allow = {Verb::publish}});
  added(table, {.from = "demo/report/1"_pattern, .to = topic("words.*.#"), .allow = {Verb::subscribe}});
  added(table, {.from = "airssys/lines/1"_pattern, .to = "demo/split/*"_pattern, .allow = {Verb::send}});
  const std::vector<Case> cases{
      {"demo/split/1", "demo/counter/7", Verb::send, true},
      {"demo/split/1", "demo/counter/7", Verb::request, true},
      {"demo/split/1", "demo/counter/7", Verb::find, false},
      {"demo/split/1", "demo/report/1", Verb::send, false},
      {"demo/counter/7", "demo/split/1", Verb::send, false},  // an edge has a direction
      {"demo/counter/1", "demo/report/1", Verb::send, true},
      {"demo/counter/1", "demo/report/1", Verb::request, false},
      {"demo/counter/1", "demo/report/1", Verb::find, true},
      {"demo/counter/2", "demo/report/1", Verb::send, false},
      {"demo/counter/1", "demo/counter/1", Verb::send, false},  // to oneself is an edge like others
      {"demo/counter/1", "words", Verb::publish, true},
      {"demo/counter/1", "words.en", Verb::publish, true},
      {"demo/counter/1", "words.*", Verb::publish, false},  // not a topic
      {"demo/counter/1", "others", Verb::publish, false},
      {"demo/counter/1", "words.en", Verb::subscribe, false},
      {"demo/report/1", "words.en", Verb::subscribe, true},
      {"demo/report/1", "words.*", Verb::subscribe, true},
      {"demo/report/1", "words.#", Verb::subscribe, false},  // not wholly contained: "words" itself is not granted
      {"demo/report/1", "#", Verb::subscribe, false},
      {"airssys/lines/1", "demo/split/3", Verb::send, true},
      {"airssys/lines/2", "demo/split/3", Verb::send, false},  // gateways have no more rights than others
      {"shop/split/1", "demo/counter/7", Verb::send, false},
      {"demo/split/1", "demo/counter", Verb::send, false},
      {"demo/split/1", "", Verb::send, false},
      {"", "demo/counter/7", Verb::send, false},
      {"demo/split/1", "demo/counter/*", Verb::send, false},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(table.decide(one.from, one.to, one.verb).allowed, one.allowed)
        << one.from << " to " << one.to << ": " << name_of(one.verb);
    const auto from = core::Address::parse(one.from);
    const auto to = core::Address::parse(one.to);
    if (from && to) {
      EXPECT_EQ(table.decide(*from, *to, one.verb), table.decide(one.from, one.to, one.verb));
    }
  }
}

TEST(GrantTable, denies_everything_while_it_is_empty) {
  const GrantTable table;
  for (const Verb verb : kVerbs) {
    EXPECT_FALSE(table.decide("demo/a/1", "demo/b/1", verb)) << name_of(verb);
    EXPECT_FALSE(table.decide("demo/a/1", "words", verb)) << name_of(verb);
  }
}

TEST(GrantTable, lets_the_operator_do_everything_but_subscribe) {
  const GrantTable table;
  for (const Verb verb : {Verb::send, Verb::request, Verb::find}) {
    EXPECT_TRUE(table.decide("airssys/operator/1", "demo/b/1", verb)) << name_of(verb);
    EXPECT_FALSE(table.decide("airssys/operator/1", "demo/b", verb)) << name_of(verb);
    EXPECT_FALSE(table.decide("airssys/operator/2", "demo/b/1", verb)) << name_of(verb);
  }
  EXPECT_TRUE(table.decide("airssys/operator/1", "words.en", Verb::publish));
  EXPECT_FALSE(table.decide("airssys/operator/1", "words.#", Verb::publish));
  EXPECT_FALSE(table.decide("airssys/operator/1", "words.en", Verb::subscribe));
}

TEST(GrantTable, hands_out_the_limits_of_the_edge) {
  GrantTable table;
  const GrantId id = added(table, {.from = "demo/a/1"_pattern,
                                   .to = "demo/b/1"_pattern,
                                   .allow = {Verb::send},
                                   .rate = core::Rate{100},
                                   .body_bytes = 4_KiB});
  const Decision decision = table.decide("demo/a/1", "demo/b/1", Verb::send);
  EXPECT_EQ(decision, (Decision{.allowed = true, .grant = id, .rate = core::Rate{100}, .body_bytes = 4_KiB}));
}

TEST(GrantTable, lets_the_first_grant_added_decide) {
  GrantTable table;
  const auto grant = [](core::AddressPattern from, std::uint32_t rate) {
    return Grant{.from = std::move(from), .to = "demo/b/1"_pattern, .allow = {Verb::send}, .rate = core::Rate{rate}};
  };
  const auto rate_of = [&table](std::string_view from) { return table.decide(from, "demo/b/1", Verb::send).rate; };
  added(table, grant("demo/a/1"_pattern, 1));
  const GrantId wide = added(table, grant("demo/a/*"_pattern, 2));
  added(table, grant("demo/a/1"_pattern, 3));
  added(table, grant("demo/a/2"_pattern, 4));
  EXPECT_EQ(rate_of("demo/a/1"), core::Rate{1});
  EXPECT_EQ(rate_of("demo/a/2"), core::Rate{2});
  EXPECT_EQ(rate_of("demo/a/3"), core::Rate{2});
  EXPECT_TRUE(table.revoke(wide));
  EXPECT_EQ(rate_of("demo/a/2"), core::Rate{4});
  EXPECT_EQ(rate_of("demo/a/3"), std::nullopt);
}

TEST(GrantTable, forgets_what_is_revoked) {
  GrantTable table;
  const GrantId literal = added(table, {.from = "demo/a/1"_pattern, .to = "demo/b/1"_pattern, .allow = {Verb::send}});
  const GrantId wide = added(table, {.from = "demo/c/*"_pattern, .to = "demo/b/1"_pattern, .allow = {Verb::send}});
  EXPECT_TRUE(table.revoke(literal));
  EXPECT_FALSE(table.decide("demo/a/1", "demo/b/1", Verb::send));
  EXPECT_TRUE(table.decide("demo/c/1", "demo/b/1", Verb::send));
  EXPECT_TRUE(table.revoke(wide));
  EXPECT_FALSE(table.decide("demo/c/1", "demo/b/1", Verb::send));
  EXPECT_FALSE(table.revoke(wide));
  EXPECT_TRUE(table.grants().empty());
}

TEST(GrantTable, changes_its_version_with_every_change_and_no_other_call) {
  GrantTable table;
  const std::uint64_t first = table.version();
  const GrantId id = added(table, {.from = "demo/a/1"_pattern, .to = "demo/b/1"_pattern, .allow = {Verb::send}});
  const std::uint64_t second = table.version();
  EXPECT_NE(second, first);
  table.decide("demo/a/1", "demo/b/1", Verb::send);
  EXPECT_FALSE(table.revoke(GrantId{99}));
  EXPECT_FALSE(table.add({.from = "demo/a/1"_pattern, .to = "demo/b/1"_pattern, .allow = {}}));
  EXPECT_EQ(table.version(), second);
  EXPECT_TRUE(table.revoke(id));
  EXPECT_NE(table.version(), second);
  EXPECT_NE(table.version(), first);
}

TEST(GrantTable, lists_its_grants_in_order) {
  GrantTable table;
  added(table, {.from = "demo/z/1"_pattern, .to = "demo/b/1"_pattern, .allow = {Verb::send}});
  added(table, {.from = "demo/*/1"_pattern, .to = topic("words.#"), .allow = {Verb::publish}, .rate = core::Rate{10}});
  added(table,
        {.from = "demo/a/1"_pattern, .to = "demo/b/*"_pattern, .allow = {Verb::request, Verb::send}, .body_bytes = 1_MiB});
  std::vector<std::string> texts;
  for (const auto& [id, grant] : table.grants()) texts.push_back(to_string(grant));
  EXPECT_THAT(texts, testing::ElementsAre("demo/z/1 -> demo/b/1: send", "demo/*/1 -> topic words.#: publish, 10/s",
                                          "demo/a/1 -> demo/b/*: send, request, bodies up to 1MiB"));
}

TEST(Grant, must_make_sense) {
  const auto fault = [](Grant grant) {
    const auto checked = check(grant);
    return checked ? std::string() : checked.error().message();
  };
  const auto a = "demo/a/1"_pattern;
  const auto b = "demo/b/1"_pattern;
  EXPECT_EQ(fault({.from = a, .to = b, .allow = {Verb::send}}), "");
  EXPECT_EQ(fault({.from = a, .to = b, .allow = {}}),
            "the grant demo/a/1 -> demo/b/1: nothing makes no sense: it allows no verb");
  EXPECT_EQ(fault({.from = a, .to = b, .allow = {Verb::send, Verb::publish}}),
            "the grant demo/a/1 -> demo/b/1: send, publish makes no sense: publish needs a topic pattern");
  EXPECT_EQ(fault({.from = a, .to = topic("words"), .allow = {Verb::find}}),
            "the grant demo/a/1 -> topic words: find makes no sense: find needs an address pattern");
  EXPECT_THAT(fault({.from = a, .to = b, .allow = {Verb::send}, .rate = core::Rate{0}}),
              testing::HasSubstr("a rate of 0/s allows nothing"));
  EXPECT_THAT(fault({.from = a, .to = b, .allow = {Verb::send}, .body_bytes = 0}),
              testing::HasSubstr("bodies of 0 bytes say nothing"));
}

// What a sender's cache relies on: a decision made after version() was read is good as long as version() stays.
TEST(GrantTable, never_shows_a_new_version_with_an_old_decision) {
  GrantTable table;
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> granted_at = 0;
  std::atomic<std::uint64_t> revoked_at = 0;
  std::vector<std::jthread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        // The writer publishes these after its change: a decision made after reading one must reflect it or a later one.
        const std::uint64_t revoked = revoked_at.load();
        const std::uint64_t version = table.version();
        const bool allowed = table.decide("demo/a/1", "demo/b/1", Verb::send).allowed;
        if (table.version() == version && version == revoked) {
          EXPECT_FALSE(allowed);
        }
        if (table.version() == version && version == granted_at.load()) {
          EXPECT_TRUE(allowed);
        }
      }
    });
  }
  for (int i = 0; i < 200; ++i) {
    const GrantId id = added(table, {.from = "demo/a/1"_pattern, .to = "demo/b/1"_pattern, .allow = {Verb::send}});
    granted_at = table.version();
    std::this_thread::yield();
    table.revoke(id);
    revoked_at = table.version();
    std::this_thread::yield();
  }
  stop = true;
}

}  // namespace
}  // namespace airssys::security
