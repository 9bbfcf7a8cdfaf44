// Makes every call of the contract, one for each word, and tells what it got: what the tests of the guest kit drive.
#include <airssys/guest.hpp>
#include <array>
#include <cassert>
#include <cstdio>
#include <format>
#include <random>
using namespace airssys::guest;
using namespace std::chrono_literals;

struct Surface {
  std::string started;
  std::string last_outcome = "none";
  std::string last_firing = "none";

  void initialize(const StartReason& reason) {
    started = std::format("{} {} {}", static_cast<int>(reason.kind), reason.restarts, reason.from_version);
  }

  Result<Response> handle_message(const Message& message) {
    const std::string_view word = message.text();
    if (word.starts_with("tell-")) return reply(remembered(word.substr(5), message));
    if (word.starts_with("context-")) return reply(context(word.substr(8)));
    if (word.starts_with("storage-")) return reply(stored(word.substr(8)));
    if (word.starts_with("log-")) return reply(logged(word.substr(4)));
    if (word.starts_with("try-")) return tried(word.substr(4));
    if (word.starts_with("text-")) return with_text(word.substr(5, word.find(':') - 5), word.substr(word.find(':') + 1));
    if (word.starts_with("assert ")) assert(word == "assert true");
    return reply(called(word, message));
  }

  void handle_reply(const Outcome& outcome) {
    last_outcome = std::format("{} {} ", outcome.id(), outcome.tag());
    if (outcome.ok()) {
      last_outcome += std::format("ok {:#x} {}", static_cast<std::uint32_t>(outcome.codec()), outcome.text());
    } else {
      const Failure passed_on = failure_of(outcome.error());
      last_outcome += std::format("{}: {} {}", name_of(outcome.error().code), static_cast<int>(passed_on.kind), passed_on.text);
    }
  }
  void handle_timer(const Firing& firing) { last_firing = std::format("{} {} {}", firing.tag, firing.due_ms, firing.missed); }
  Health check() { return degraded("only a test"); }
  Result<std::optional<std::string>> export_part(std::uint32_t part) {
    if (part > 0) return std::nullopt;
    return started;
  }
  void import_part(const Part& part) { started = std::format("{} {} {}", part.from_version, part.bytes, part.last); }
  void stop() { log::info("stopped"); }

  std::string remembered(std::string_view what, const Message& message) const {
    if (what == "start") return started;
    if (what == "outcome") return last_outcome;
    if (what == "firing") return last_firing;
    return std::format("id {} kind {} sender {} topic {} codec {:#x} bytes {}", message.id(), static_cast<int>(message.kind()),
                       message.sender(), message.topic(), static_cast<std::uint32_t>(message.codec()), message.bytes().size());
  }

  static std::string called(std::string_view word, const Message& message) {
    if (word == "send") return described(send("a/b/c", raw("body")));
    if (word == "send-json") return described(send("a/b/c", json(std::string("{}"))));
    if (word == "send-empty") return described(send("a/b/c", raw("")));
    if (word == "request") return described(request("a/b/c", raw("question"), 250ms, 77));
    if (word == "cancel") return cancel(0x55) ? "yes" : "no";
    if (word == "answer-reply") return described(answer(message.id(), json("[1]")));
    if (word == "answer-rejected") return described(answer(message.id(), rejected("no")));
    if (word == "answer-busy") return described(answer(message.id(), busy()));
    if (word == "broadcast") return broadcast_to_two();
    if (word == "publish") return described(publish("a.b", raw("news")));
    if (word == "subscribe") return described(subscribe("a.#"));
    if (word == "unsubscribe") return unsubscribe("a.#") ? "yes" : "no";
    if (word == "arm") return described(arm(5, 10ms));
    if (word == "arm-period") return described(arm(6, 10ms, 20ms));
    if (word == "disarm") return disarm(5) ? "yes" : "no";
    if (word == "config") return config_or("word", "none") + " " + std::to_string(config_or("number", 7));
    return "unknown word";
  }

  static std::string broadcast_to_two() {
    const std::array<std::string_view, 2> targets{"a/b/c", "d/e/f"};
    const auto refusals = broadcast(targets, raw("all"));
    if (!refusals) return described(refusals);
    std::string text;
    for (const Refusal& refusal : *refusals) text += std::format("{} {};", refusal.index, described(refusal.error));
    return text;
  }

  static std::string context(std::string_view what) {
    if (what == "self") return self();
    if (what == "system") return system_id();
    if (what == "now") return std::to_string(now_ms());
    if (what == "random") return std::to_string(random_u64());
    if (what == "attempt") return std::to_string(attempt());
    if (what == "sent") return std::to_string(sent_at_ms());
    if (what == "deadline") return deadline_ms() ? std::to_string(*deadline_ms()) : "none";
    if (what == "trace") return trace_parent();
    if (what == "time") return std::to_string(std::time(nullptr));
    return std::to_string(std::random_device()());
  }

  static std::string stored(std::string_view what) {
    if (what == "get") return described(storage::get("key"));
    if (what == "set") return described(storage::set("key", "value"));
    if (what == "delete") return described(storage::erase("key"));
    if (what == "exists") return described(storage::exists("key"));
    if (what == "scan") return described(storage::scan("k"));
    return described(storage::list_keys("k", "after"));
  }

  static std::string logged(std::string_view what) {
    if (what == "fields") log::warn("two fields", {{"word", "x"}, {"count", 3}});
    if (what == "lines") {
      std::printf("one\ntwo");
      std::printf(" goes on");
      std::fputs("bad", stderr);
    }
    if (what == "printf") std::printf("%s %.2f\n", "printed", 1.5), std::fflush(stdout);
    return log::enabled(log::Level::debug) ? "debug" : "no debug";
  }

  /// A call with `text` wherever the contract has a string.
  static Result<Response> with_text(std::string_view call, std::string_view text) {
    if (call == "send") return reply(described(send(text, raw(text))));
    if (call == "request") return reply(described(request(text, raw("question"), 250ms)));
    if (call == "broadcast") return reply(described(broadcast(std::array{text, std::string_view("d/e/f")}, raw("all"))));
    if (call == "publish") return reply(described(publish(text, raw("news"))));
    if (call == "subscribe") return reply(described(subscribe(text)));
    if (call == "unsubscribe") return reply(unsubscribe(text) ? "yes" : "no");
    if (call == "answer") return reply(described(answer(7, rejected(std::string(text)))));
    if (call == "config") return reply(config(text).value_or("none"));
    if (call == "secret") return reply(secret(text).value_or("none"));
    if (call == "key") return reply(described(storage::set(text, text)));
    if (call == "scan") return reply(described(storage::scan(text, text)));
    if (call == "find") return reply(std::to_string(find_actors(text, text).addresses.size()));
    if (call == "log") log::info(text, {{text, text}});
    if (call == "print") std::printf("%.*s\n", static_cast<int>(text.size()), text.data());
    if (call == "rejected") return rejected(std::string(text));
    return done();
  }

  static Result<Response> tried(std::string_view what) {
    if (what == "send") AIRSSYS_TRY(send("a/b/c", raw("body")));
    if (what == "publish") AIRSSYS_TRY(publish("a.b", raw("news")));
    if (what == "arm") AIRSSYS_TRY(arm(5, 10ms));
    if (what == "storage") AIRSSYS_TRY(storage::set("key", "value"));
    return done();
  }

  static std::string described(const SendError& error) {
    return std::format("{} {} {} {}", name_of(error.code), static_cast<int>(error.limit), error.number, error.text);
  }
  static std::string described(const StorageError& error) {
    return std::format("{} {} {}", name_of(error.code), error.number, error.text);
  }
  static std::string described(const TimerError& error) { return std::string(name_of(error.code)); }
  template <typename T, typename E>
  static std::string described(const std::expected<T, E>& result) {
    if (!result) return described(result.error());
    if constexpr (std::integral<T>) {
      return std::to_string(*result);
    } else {
      return "ok";
    }
  }
};
AIRSSYS_ACTOR(Surface)
