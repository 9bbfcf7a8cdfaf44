/// The guest kit of airssys: a component is one struct.
///
///     #include <airssys/guest.hpp>
///     using namespace airssys::guest;
///
///     struct Greeter {
///       Result<Response> handle_message(const Message& message) {
///         return reply("hello, " + std::string(message.text()));
///       }
///     };
///     AIRSSYS_ACTOR(Greeter)
///
/// An actor is single-threaded: its members are called one at a time, each call is a turn, and what it sends leaves when the
/// turn ends well. Optional members, found by their names: initialize, handle_reply, handle_timer, check, export_part with
/// import_part, stop. There are no exceptions: return a failure, or trap and be restarted.
#pragma once

#include <airssys/guest/actor.hpp>
#include <airssys/guest/context.hpp>
#include <airssys/guest/log.hpp>
#include <airssys/guest/messaging.hpp>
#include <airssys/guest/storage.hpp>
#include <airssys/guest/text.hpp>
#include <airssys/guest/timers.hpp>
#include <airssys/guest/values.hpp>
