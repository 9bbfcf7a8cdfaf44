#include "airssys/security/verb.hpp"

#include <gtest/gtest.h>

namespace airssys::security {
namespace {

TEST(Verb, has_one_word_everywhere) {
  for (const Verb verb : kVerbs) EXPECT_EQ(verb_from_name(name_of(verb)), verb);
  EXPECT_EQ(name_of(Verb::subscribe), "subscribe");
  for (const char* name : {"", "Send", "send ", "call", "all", "*"}) EXPECT_EQ(verb_from_name(name), std::nullopt) << name;
}

TEST(VerbSet, holds_what_was_put_in) {
  VerbSet verbs{Verb::request, Verb::send};
  EXPECT_TRUE(verbs.contains(Verb::send));
  EXPECT_FALSE(verbs.contains(Verb::publish));
  verbs.insert(Verb::find);
  EXPECT_EQ(to_string(verbs), "send, request, find");
  EXPECT_EQ(verbs, (VerbSet{Verb::find, Verb::send, Verb::request, Verb::send}));
  EXPECT_TRUE(VerbSet().empty());
  EXPECT_EQ(to_string(VerbSet()), "nothing");
}

}  // namespace
}  // namespace airssys::security
