#include "reply.hpp"

#include "airssys/control/operator_desk.hpp"

namespace airssys::cli {

void print_reply(const core::Payload& reply, core::MessageId id, Console& console) {
  if (console.verbosity() == Verbosity::verbose) {
    console.note(fmt::format("message {0}: see `airssys trace {0}`", core::to_number(id)));
  }
  if (console.json()) return console.print_json(control::to_json(reply, id));
  console.print(reply.text());
  if (console.output_is_terminal() && !reply.text().ends_with('\n')) console.print("\n");
}

}  // namespace airssys::cli
