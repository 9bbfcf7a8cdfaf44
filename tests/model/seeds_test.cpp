// Cases that once broke a promise, each under the promise that it broke, as the model shrank them. They stay.

#include <gtest/gtest.h>

#include <ostream>

#include "property.hpp"

namespace airssys::model {
namespace {

struct Seed {
  const char* promise;
  const char* text;
};
std::ostream& operator<<(std::ostream& out, const Seed& seed) {
  return out << seed.promise;
}

class Seeds : public ::testing::TestWithParam<Seed> {};

TEST_P(Seeds, keep_their_promise) {
  const auto played = Case::from_text(GetParam().text);
  ASSERT_TRUE(played);
  const auto wrongs = wrongs_of(*played, [](const Case& one) { return std::make_unique<HandWorld>(one.seed); }, true);
  EXPECT_TRUE(wrongs.empty()) << *played << in_lines(wrongs);
}

INSTANTIATE_TEST_SUITE_P(
    Model, Seeds,
    ::testing::Values(Seed{"requests_of_a_turn_that_was_undone_are_not_counted",
                           "010000000000000000010000040100000401000004001000200300000000000100010011007200d00700000900720005"
                           "000000000054"},
                      Seed{"a_timer_armed_again_in_one_turn_counts_once",
                           "010000000000000000010000040004000401000100001000200300000000000000000015007400320007000000007400"
                           "9001000000030052d007"},
                      Seed{"replies_that_wait_where_an_actor_stops_are_counted_as_orphans",
                           "010000000000000000010003000004000400040004001000200300000000000100010013007200320001004901005472"
                           "000500000001004c020002000000050000000000"},
                      Seed{"a_turn_that_filled_the_mailbox_itself_is_not_run_over_and_over",
                           "01000000000000000001000200010001000004000400100020030000000000010001000b0021730001004c730001004a"},
                      Seed{"a_turn_that_wants_too_much_of_its_own_mailbox_is_not_run_over_and_over",
                           "010000000000000000010003000100000400040004001000200300000000000000000011007200900100000100582173"
                           "00030052000000000000010049"},
                      Seed{"a_deadline_behind_an_outcome_that_was_put_off_rings_no_alarm_for_ever",
                           "010000000000000000020000040004000400040004001001000300000000000000040100000400040004001000200300"
                           "030077014c0000000000001600720032000c00720105000000030077014c4c01004c4c"},
                      Seed{"a_timer_behind_a_firing_that_was_put_off_rings_no_alarm_for_ever",
                           "010000000000000000030000040004000401000004001000200300000000000000040004000401000004001000200300"
                           "000001004a000004000401000004000400100020030000000000010001000f0073000b007400900107000102007704"},
                      Seed{"broadcasts_of_a_turn_that_was_undone_are_not_counted",
                           "0100000000000000000100010000040004000401000010010003000000000000000000070062010001004c58"}),
    [](const ::testing::TestParamInfo<Seed>& seed) { return std::string(seed.param.promise); });

}  // namespace
}  // namespace airssys::model
