// Never ends the turn that config `where` names: initialize, message, calls (of the host, one after another), reply (of a
// request to itself), timer or stop. Each message leads there; the request "fine" is answered.
#include <airssys/guest.hpp>
using namespace airssys::guest;

struct Endless {
  std::string where = config_or("where", "message");
  volatile std::uint64_t rounds = 0;

  void initialize() { loop_in("initialize"); }

  Result<Response> handle_message(const Message& message) {
    if (message.text() == "fine") return reply("fine");
    if (message.is_request()) return done();
    loop_in("message");
    static constexpr std::string_view kNobody[] = {"nobody/at/1", "nobody/at/2"};
    while (where == "calls") AIRSSYS_TRY(broadcast(kNobody, raw("x")));
    if (where == "timer") arm(1, std::chrono::milliseconds(0));
    if (where == "reply") AIRSSYS_TRY(request(self(), raw("x"), std::chrono::hours(1)));
    return done();
  }

  void handle_reply(const Outcome&) { loop_in("reply"); }
  void handle_timer(const Firing&) { loop_in("timer"); }
  void stop() { loop_in("stop"); }

  void loop_in(std::string_view turn) {
    if (where == turn) log::info("loops");
    while (where == turn) rounds = rounds + 1;
  }
};
AIRSSYS_ACTOR(Endless)
