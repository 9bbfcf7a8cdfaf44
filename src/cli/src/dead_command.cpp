#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <vector>

#include "airssys/core/address.hpp"
#include "airssys/core/plural.hpp"
#include "airssys/monitoring/crash_store.hpp"
#include "airssys/prelude.hpp"
#include "connection.hpp"
#include "json_text.hpp"

namespace airssys::cli {
namespace {

using Json = nlohmann::ordered_json;
using control::DeadLetterStatus;

constexpr std::size_t kBodyBytesShown = 1024;

std::string list_text(const std::vector<DeadLetterStatus>& letters) {
  using Align = Table::Align;
  Table table({{"NUMBER", Align::right}, {"TIME"}, {"REASON"}, {"KIND"}, {"FROM"}, {"TO"}, {"BYTES", Align::right}});
  for (const DeadLetterStatus& letter : letters) {
    table.add({std::to_string(letter.number), local_time(letter.time_ms), letter.reason, letter.kind,
               letter.sender.empty() ? "-" : letter.sender, letter.target, std::to_string(letter.bytes)});
  }
  return table.text();
}

std::string letter_text(const control::DeadLetterInFull& dead) {
  const DeadLetterStatus& letter = dead.letter;
  std::string text;
  const auto add = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) text += fmt::format("{:<11} {}\n", key, value);
  };
  add("dead letter", std::to_string(letter.number));
  add("reason", letter.reason);
  add("why", printable(letter.why));
  add("time", local_time(letter.time_ms));
  add("message", fmt::format("{}, {}, attempt {}", letter.id, letter.kind, letter.attempt));
  add("from", letter.sender);
  add("to", letter.target);
  add("topic", letter.topic);
  add("trace", letter.trace);
  add("codec", letter.codec);
  const std::string_view body = dead.payload.text();
  add("body", core::plural(body.size(), "byte"));
  if (body.empty()) return text;
  return text + fmt::format("{}{}\n", monitoring::escaped(body.substr(0, kBodyBytesShown)),
                            body.size() > kBodyBytesShown ? " ..." : "");
}

/// What is to be done with a letter, and how it is said.
struct Order {
  core::Result<void> (control::ControlClient::*call)(std::uint64_t number);
  const char* key;   ///< In JSON.
  const char* done;  ///< For people.
};
constexpr Order kRetry{&control::ControlClient::retry_dead_letter, "retried", "put back"};
constexpr Order kDrop{&control::ControlClient::drop_dead_letter, "dropped", "dropped"};

/// All that are kept, page by page.
core::Result<control::DeadLetterList> all_letters(control::ControlClient& client) {
  control::DeadLetterQuery query;
  AIRSSYS_TRY(control::DeadLetterList all, client.dead_letters(query));
  for (std::size_t seen = 0; seen < all.letters.size();) {
    seen = all.letters.size();
    query.after = all.letters.back().number;
    AIRSSYS_TRY(control::DeadLetterList more, client.dead_letters(query));
    std::ranges::move(more.letters, std::back_inserter(all.letters));
  }
  return all;
}

/// The numbers of those that the order is about.
core::Result<std::vector<std::uint64_t>> numbers_of(const DeadArguments& arguments, control::ControlClient& client) {
  if (!arguments.all) return std::vector{arguments.number};
  std::optional<core::AddressPattern> pattern;
  if (!arguments.target.empty()) {
    AIRSSYS_TRY(pattern, core::AddressPattern::parse(arguments.target));
  }
  AIRSSYS_TRY(const control::DeadLetterList list, all_letters(client));
  std::vector<std::uint64_t> numbers;
  for (const DeadLetterStatus& letter : list.letters) {
    if (!pattern || pattern->matches(letter.target)) numbers.push_back(letter.number);
  }
  return numbers;
}

struct Failed {
  std::uint64_t number;
  core::Error error;
};

void report(const Order& order, const std::vector<std::uint64_t>& done, const std::vector<Failed>& failed, Console& console) {
  if (console.json()) {
    Json failures = Json::array();
    for (const Failed& one : failed) {
      failures.push_back(
          {{"number", one.number}, {"kind", core::name_of(one.error.code())}, {"message", one.error.to_string()}});
    }
    return console.print_json(json_text({{order.key, done}, {"failed", failures}}));
  }
  for (const Failed& one : failed) console.complain("airssys: " + one.error.to_string());
  const std::size_t all = done.size() + failed.size();
  console.note(fmt::format("{} {}{}", order.done, failed.empty() ? "" : fmt::format("{} of ", done.size()),
                           core::plural(all, "dead letter")));
}

ExitCode carry_out(const Order& order, const DeadArguments& arguments, Console& console) {
  if (arguments.all == (arguments.number != 0)) {
    return console.fail(ExitCode::usage, "usage", "which dead letter? a NUMBER of `airssys dead list`, or --all");
  }
  const auto client = connect(arguments.place, console);
  if (!client) return client.error();
  const auto numbers = numbers_of(arguments, **client);
  if (!numbers) {
    const bool misused = numbers.error().code() == core::ErrorCode::invalid;
    return console.fail(misused ? ExitCode::usage : ExitCode::general, numbers.error());
  }
  std::vector<std::uint64_t> done;
  std::vector<Failed> failed;
  for (const std::uint64_t number : *numbers) {
    auto result = ((**client).*order.call)(number);
    if (result) {
      done.push_back(number);
    } else if (!arguments.all) {
      return console.fail(ExitCode::general, result.error());
    } else {
      failed.push_back({number, std::move(result).error()});
    }
  }
  report(order, done, failed, console);
  return failed.empty() ? ExitCode::ok : ExitCode::general;
}

}  // namespace

ExitCode list_dead(const Place& place, Console& console) {
  const auto client = connect(place, console);
  if (!client) return client.error();
  const auto list = all_letters(**client);
  if (!list) return console.fail(ExitCode::general, list.error());
  if (console.json()) {
    console.print_json(control::to_json(*list));
    return ExitCode::ok;
  }
  if (!list->letters.empty()) console.print(list_text(list->letters));
  if (list->letters.empty()) console.note("no dead letters");
  if (list->forgotten != 0) console.note(core::plural(list->forgotten, "older one") + " had to make room");
  return ExitCode::ok;
}

ExitCode show_dead(const DeadArguments& arguments, Console& console) {
  const auto client = connect(arguments.place, console);
  if (!client) return client.error();
  const auto dead = (*client)->dead_letter(arguments.number);
  if (!dead) return console.fail(ExitCode::general, dead.error());
  if (arguments.raw) {
    console.print(dead->payload.text());
  } else if (arguments.multicodec) {
    console.print(MulticodecCodec::encode(dead->payload));
  } else {
    if (console.json()) {
      console.print_json(control::to_json(*dead));
    } else {
      console.print(letter_text(*dead));
    }
  }
  return ExitCode::ok;
}

ExitCode retry_dead(const DeadArguments& arguments, Console& console) {
  return carry_out(kRetry, arguments, console);
}

ExitCode drop_dead(const DeadArguments& arguments, Console& console) {
  return carry_out(kDrop, arguments, console);
}

}  // namespace airssys::cli
