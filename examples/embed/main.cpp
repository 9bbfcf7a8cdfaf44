// A program of ours with code of somebody else in it: embed FOLDER, where FOLDER holds a component that counts words.
#include <airssys/prelude.hpp>
#include <iostream>

using namespace airssys;
using namespace airssys::literals;  // "shop/stock/1"_address, 4_MiB: a malformed one does not compile
using namespace std::chrono_literals;

/// C++ of ours with a guest's mailbox, turns and restarts. One turn at a time: its members need no lock.
class Stock final : public NativeActor {
 public:
  explicit Stock(int pieces) : pieces_(pieces) {}
  Result<Response> handle_message(Turn&, const MessageView&) override { return reply(raw(std::to_string(pieces_--))); }

 private:
  int pieces_;
};

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: embed FOLDER\n";
    return 2;
  }
  const auto system = or_exit(System::start({.name = "shop"}));
  const Address stock = or_exit(system->spawn_native<Stock>("shop/stock/1"_address, 3));
  const Address counter =
      or_exit(system->spawn(or_exit(system->load(arguments[1])),
                            {.address = "shop/counter/1"_address, .limits = Limits{.memory = 4_MiB, .turn_cpu = 50ms}}));

  Client checkout = or_exit(system->client("shop/checkout/1"_address));  // The sender that actors see.
  or_exit(system->grant({.from = checkout.address(), .to = "shop/*/*"_pattern, .allow = {Verb::send, Verb::request}}));

  or_exit(checkout.send(counter, raw("to be or not to be")));
  const Result<Payload> times = checkout.request(counter, raw("be"), 5s);
  if (times) {
    std::cout << "be: " << times->text() << '\n';
  } else {  // It is not ours: it may be slow, wrong or hostile.
    std::cout << "be: no answer, because " << times.error() << '\n';
  }
  std::cout << "in stock: " << or_exit(checkout.request(stock, raw("tea"), 5s)).text() << '\n';
  return system->stop(5s) ? 0 : 1;
}
