// A line is an order: `number,customer,cents`. With each it says what its customer has spent. That is right only if all lines
// of a customer come here, in their order: the gateway's `spread` and `key` see to it.
#include <airssys/guest.hpp>
#include <map>
#include <string>
using namespace airssys::guest;

struct Ledger {
  struct Account {
    unsigned orders = 0;
    std::uint64_t cents = 0;
  };

  std::map<std::string, Account, std::less<>> accounts;
  std::string to = config_or("to", "");

  Result<Response> handle_message(const Message& message) {
    const std::string_view order = message.text();
    const auto first = order.find(',');
    const auto second = order.find(',', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) return rejected("expected number,customer,cents");
    const auto cents = number<std::uint64_t>(order.substr(second + 1));
    if (!cents) return rejected("expected whole cents after the second comma");
    const std::string customer(order.substr(first + 1, second - first - 1));
    Account account = accounts[customer];
    account.cents += *cents;
    ++account.orders;
    AIRSSYS_TRY(send(
        to, raw(customer + ": " + std::to_string(account.orders) + " orders, " + std::to_string(account.cents) + " cents\n")));
    // The sum changes only now: if there was no room to say so, the turn never was, and the line comes again.
    accounts[customer] = account;
    return done();
  }
};
AIRSSYS_ACTOR(Ledger)
