#include "airssys/security/topic.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace airssys::security {
namespace {

TopicPattern pattern(std::string_view text) {
  return TopicPattern::parse(text).value();
}

TEST(Topic, is_dot_separated_names) {
  for (const char* topic : {"a", "words", "words.en", "A.b-C.d_9", "1.2.3"}) EXPECT_TRUE(is_valid_topic(topic)) << topic;
  for (const char* topic : {"", ".", "a.", ".a", "a..b", "a b", "a.*", "a.#", "*", "#", "a/b", "\xc3\xa4", "a\n"}) {
    EXPECT_FALSE(is_valid_topic(topic)) << topic;
  }
  EXPECT_FALSE(is_valid_topic(std::string_view("a\0b", 3)));
  EXPECT_TRUE(is_valid_topic(std::string(255, 'a')));
  EXPECT_FALSE(is_valid_topic(std::string(256, 'a')));
}

struct Match {
  std::string_view pattern;
  std::string_view topic;
  bool expected;
};

TEST(TopicPattern, covers_what_its_segments_cover) {
  const std::vector<Match> cases{
      {"words", "words", true},
      {"words", "word", false},
      {"words", "words.en", false},
      {"words.en", "words", false},
      {"words.*", "words.en", true},
      {"words.*", "words", false},
      {"words.*", "words.en.x", false},
      {"*", "words", true},
      {"*", "words.en", false},
      {"*.en", "words.en", true},
      {"*.en", "en", false},
      {"*.*", "a.b", true},
      {"*.*", "a", false},
      {"#", "a", true},
      {"#", "a.b.c", true},
      {"words.#", "words", true},
      {"words.#", "words.en", true},
      {"words.#", "words.en.x.y", true},
      {"words.#", "wordsen", false},
      {"words.#", "other", false},
      {"a.*.#", "a", false},
      {"a.*.#", "a.b", true},
      {"a.*.#", "a.b.c", true},
      {"a.*.c.#", "a.b.c", true},
      {"a.*.c.#", "a.b.d", false},
      {"#", "", false},
      {"#", "a..b", false},
      {"#", "a b", false},
      {"words", "WORDS", false},
  };
  for (const Match& match : cases) {
    EXPECT_EQ(pattern(match.pattern).matches(match.topic), match.expected) << match.pattern << " on " << match.topic;
  }
}

struct BadText {
  std::string_view text;
  std::string_view fault;
};

TEST(TopicPattern, says_what_is_wrong_with_a_malformed_one) {
  const std::vector<BadText> cases{
      {"", R"("" is no topic pattern: it is empty)"},
      {"a.", R"("a." is no topic pattern: segment 2 is empty)"},
      {".a", R"(".a" is no topic pattern: segment 1 is empty)"},
      {"a..b", R"("a..b" is no topic pattern: segment 2 is empty)"},
      {"#.a", R"("#.a" is no topic pattern: segment 1 is #, which may only be the last)"},
      {"a.#.b", R"("a.#.b" is no topic pattern: segment 2 is #, which may only be the last)"},
      {"#.#", R"("#.#" is no topic pattern: segment 1 is #, which may only be the last)"},
      {"a*", R"("a*" is no topic pattern: segment 1 has other characters than a-z A-Z 0-9 - _)"},
      {"a.b#", R"("a.b#" is no topic pattern: segment 2 has other characters than a-z A-Z 0-9 - _)"},
      {"a.**", R"("a.**" is no topic pattern: segment 2 has other characters than a-z A-Z 0-9 - _)"},
      {"a b", R"("a b" is no topic pattern: segment 1 has other characters than a-z A-Z 0-9 - _)"},
      {"a\x1b", R"("a\x1b" is no topic pattern: segment 1 has other characters than a-z A-Z 0-9 - _)"},
  };
  for (const BadText& bad : cases) {
    const auto parsed = TopicPattern::parse(bad.text);
    ASSERT_FALSE(parsed) << bad.text;
    EXPECT_EQ(parsed.error().code(), core::ErrorCode::invalid);
    EXPECT_THAT(parsed.error().message(), testing::StartsWith(std::string(bad.fault) + "; expected segments of"));
  }
  EXPECT_FALSE(TopicPattern::parse(std::string(256, 'a')));
  EXPECT_TRUE(TopicPattern::parse(std::string(255, 'a')));
}

/// All texts of one to four of the segments.
std::vector<std::string> all_of(const std::vector<std::string>& segments) {
  std::vector<std::string> all;
  std::vector<std::string> longest{""};
  for (int length = 0; length < 4; ++length) {
    std::vector<std::string> longer;
    for (const std::string& beginning : longest) {
      for (const std::string& segment : segments) longer.push_back(beginning.empty() ? segment : beginning + "." + segment);
    }
    all.insert(all.end(), longer.begin(), longer.end());
    longest = std::move(longer);
  }
  return all;
}

// One pattern contains another exactly if it matches every topic that the other matches. Topics of up to five segments of
// three names (one that no pattern has) tell all patterns of up to four segments of two names apart.
TEST(TopicPattern, contains_exactly_the_patterns_whose_topics_it_matches) {
  std::vector<TopicPattern> patterns;
  for (const std::string& text : all_of({"a", "b", "*", "#"})) {
    if (auto parsed = TopicPattern::parse(text)) patterns.push_back(*parsed);
  }
  std::vector<std::string> topics = all_of({"a", "b", "c"});
  for (std::size_t i = 0, size = topics.size(); i < size; ++i) topics.push_back(topics[i] + ".c");
  std::vector<std::vector<bool>> matches;
  for (const TopicPattern& one : patterns) {
    std::vector<bool>& row = matches.emplace_back();
    for (const std::string& topic : topics) row.push_back(one.matches(topic));
  }
  const auto covers_all = [&](std::size_t outer, std::size_t inner) {
    for (std::size_t i = 0; i < topics.size(); ++i) {
      if (matches[inner][i] && !matches[outer][i]) return false;
    }
    return true;
  };
  ASSERT_GT(patterns.size(), 100U);
  for (std::size_t outer = 0; outer < patterns.size(); ++outer) {
    for (std::size_t inner = 0; inner < patterns.size(); ++inner) {
      ASSERT_EQ(patterns[outer].contains(patterns[inner]), covers_all(outer, inner))
          << patterns[outer] << " and " << patterns[inner];
    }
  }
}

}  // namespace
}  // namespace airssys::security
