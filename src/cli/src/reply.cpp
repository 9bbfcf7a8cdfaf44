#include "reply.hpp"

#include "airssys/control/operator_desk.hpp"

namespace airssys::cli {

void print_reply(const core::Payload& reply, Console& console) {
  if (console.json()) return console.print_json(control::to_json(reply));
  console.print(reply.text());
  if (console.output_is_terminal() && !reply.text().ends_with('\n')) console.print("\n");
}

}  // namespace airssys::cli
