import unittest

import door
from test.planted import Planted, shown

SINK = "src/actor/src/commit_sink.cpp"
WHOLE = "void out() { target.deliver(chain); slot->settle(outcome); dead_letters_.bury(envelope); }\n"


class Door(unittest.TestCase):
    def found(self, files):
        with Planted({SINK: WHOLE} | files) as project:
            return shown(door.effects_leave_by_the_sink(project))

    def test_the_sink_alone_passes(self):
        self.assertEqual(self.found({}), [])

    def test_each_call_beside_the_sink_is_found(self):
        for call in ("target->deliver(x)", "slot . settle(outcome)", "services_.dead_letters.bury(std::move(e))", "edge->target()\n  .deliver(x)"):
            with self.subTest(call=call):
                path = "src/messaging/src/message_router.cpp"
                found = self.found({path: f"void f() {{\n  {call};\n}}\n"})
                self.assertEqual(len(found), 1)
                self.assertTrue(found[0].startswith(path), found)

    def test_a_header_counts_like_a_source(self):
        self.assertTrue(self.found({"src/actor/include/airssys/actor/mailbox.hpp": "inline void f() { a.deliver(b); }\n"}))

    def test_comments_strings_and_other_names_do_not_count(self):
        text = '// a.deliver(b)\nconst char* s = "a.bury(b)";\nvoid f() { a.delivered(b); settle(c); a.resettle(d); }\n'
        self.assertEqual(self.found({"src/messaging/src/message_router.cpp": text}), [])

    def test_tests_may_look_behind_the_door(self):
        self.assertEqual(self.found({"src/messaging/test/message_router_test.cpp": "void f() { a.deliver(b); }\n"}), [])

    def test_a_sink_that_lets_nothing_out_does_not_pass(self):
        self.assertTrue(self.found({SINK: "void out() { target.deliver(chain); }\n"}))
