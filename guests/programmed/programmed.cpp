// Does what its messages say: see program.hpp for the format of programs and reports.
#include "program.hpp"

#include <airssys/guest.hpp>
using namespace airssys::guest;

struct GuestCalls {
  std::uint64_t random() { return random_u64(); }
  std::uint64_t now_ms() { return airssys::guest::now_ms(); }
  void log(std::string_view line) { log::info(line); }

  template <typename T>
  static std::string_view word(const SendResult<T>& result) {
    return result ? std::string_view("ok") : name_of(result.error().code);
  }
  std::string_view send(std::string_view to, std::string_view body) { return word(airssys::guest::send(to, raw(body))); }
  std::string_view publish(std::string_view topic, std::string_view body) {
    return word(airssys::guest::publish(topic, raw(body)));
  }
  std::string_view subscribe(std::string_view topic) { return word(airssys::guest::subscribe(topic)); }
  bool unsubscribe(std::string_view topic) { return airssys::guest::unsubscribe(topic); }

  std::pair<std::string_view, std::uint64_t> request(std::string_view to, std::string_view body, std::uint64_t timeout_ms,
                                                     std::uint64_t tag) {
    const auto sent = airssys::guest::request(to, raw(body), std::chrono::milliseconds(timeout_ms), tag);
    return {word(sent), sent ? *sent : 0};
  }
  bool cancel(std::uint64_t id) { return airssys::guest::cancel(id); }

  std::vector<std::string_view> broadcast(const std::vector<std::string>& to, std::string_view body) {
    const std::vector<std::string_view> targets(to.begin(), to.end());
    const auto refusals = airssys::guest::broadcast(targets, raw(body));
    if (!refusals) return std::vector<std::string_view>(to.size(), name_of(refusals.error().code));
    std::vector<std::string_view> results(to.size(), "ok");
    for (const Refusal& refusal : *refusals) results[refusal.index] = name_of(refusal.error.code);
    return results;
  }

  std::string_view answer(std::uint64_t id, unsigned how, const std::string& text) {
    const auto failure = how == 1 ? Failure::rejected : Failure::invalid;
    const auto answered = how == 0 ? airssys::guest::answer(id, raw(text)) : airssys::guest::answer(id, Failure{failure, text});
    if (!answered) return name_of(answered.error().code);
    return *answered ? "yes" : "no";
  }

  std::string_view arm(std::uint64_t tag, std::uint64_t delay_ms, std::uint64_t period_ms) {
    const auto period = period_ms == 0 ? std::nullopt : std::optional(std::chrono::milliseconds(period_ms));
    const auto armed = airssys::guest::arm(tag, std::chrono::milliseconds(delay_ms), period);
    return armed ? std::string_view("ok") : name_of(armed.error().code);
  }
  bool disarm(std::uint64_t tag) { return airssys::guest::disarm(tag); }
};

struct Programmed {
  using Instance = airssys::programmed::Instance<GuestCalls>;
  using End = airssys::programmed::End;

  GuestCalls calls;
  Instance instance{config_or("incarnation", std::uint64_t{1})};

  Result<void> initialize(const StartReason& reason) {
    const std::string_view why = reason.kind == StartReason::first ? "first" : "restarted";
    return plain(instance.start(calls, why, reason.restarts, airssys::programmed::from_hex(config_or("on_start", ""))));
  }

  Result<Response> handle_message(const Message& message) {
    static constexpr std::string_view kKinds[] = {"send", "request", "event"};
    End end = instance.message(calls, kKinds[static_cast<std::size_t>(message.kind())], message.id(), message.sender(),
                               message.topic(), message.text());
    if (end.kind == End::reply) return reply(std::move(end.text));
    if (end.kind == End::later) return later();
    if (end.kind == End::done) return done();
    return std::unexpected(failure(std::move(end)));
  }

  Result<void> handle_reply(const Outcome& outcome) {
    if (outcome.ok()) return plain(instance.outcome(calls, outcome.id(), outcome.tag(), "reply", outcome.text()));
    static constexpr std::string_view kKinds[] = {"rejected", "invalid", "internal", "busy"};
    const RequestError& error = outcome.error();
    std::string word(name_of(error.code));
    std::string text;
    if (error.failure) {
      word += ":" + std::string(kKinds[error.failure->kind]);
      text = error.failure->text;
    }
    return plain(instance.outcome(calls, outcome.id(), outcome.tag(), word, text));
  }

  Result<void> handle_timer(const Firing& firing) {
    return plain(instance.timer(calls, firing.tag, firing.due_ms, firing.missed));
  }

  void stop() {
    if (const auto end = plain(instance.stop(calls, airssys::programmed::from_hex(config_or("on_stop", "")))); !end) {
      __builtin_trap();
    }
  }

  static Failure failure(End end) {
    if (end.kind == End::trap) __builtin_trap();
    if (end.kind == End::busy) return {Failure::busy, {}};
    const auto kind = end.kind == End::rejected  ? Failure::rejected
                      : end.kind == End::invalid ? Failure::invalid
                                                 : Failure::internal;
    return {kind, std::move(end.text)};
  }
  static Result<void> plain(End end) {
    if (end.kind == End::done || end.kind == End::reply || end.kind == End::later) return {};
    return std::unexpected(failure(std::move(end)));
  }
};
AIRSSYS_ACTOR(Programmed)
