#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "airssys/actor/native_actor.hpp"
#include "program.hpp"

namespace airssys::model {

/// A turn of a native actor, in the words of guests/programmed/program.hpp.
class NativeCalls {
 public:
  explicit NativeCalls(actor::Turn& turn) noexcept : turn_(turn) {}

  std::uint64_t random() { return turn_.random_u64(); }
  std::uint64_t now_ms() { return turn_.now_ms(); }
  void log(std::string_view line) { turn_.log(core::LogLevel::info, line); }

  std::string_view send(const std::string& to, const std::string& body) {
    return word(turn_.send(core::make_checked_address(to), core::raw(body)));
  }
  std::pair<std::string_view, std::uint64_t> request(const std::string& to, const std::string& body, std::uint64_t timeout_ms,
                                                     std::uint64_t tag) {
    const auto sent =
        turn_.request(core::make_checked_address(to), core::raw(body), std::chrono::milliseconds(timeout_ms), core::Tag{tag});
    return {word(sent), sent ? core::to_number(*sent) : 0};
  }
  bool cancel(std::uint64_t id) { return turn_.cancel(core::MessageId{id}); }
  std::string_view answer(std::uint64_t id, unsigned how, const std::string& text) {
    std::expected<core::Payload, core::Failure> outcome = core::raw(text);
    const auto kind = how == 1 ? core::FailureKind::rejected : core::FailureKind::invalid;
    if (how != 0) outcome = std::unexpected(core::Failure{kind, text});
    const auto answered = turn_.answer(core::MessageId{id}, std::move(outcome));
    if (!answered) return core::name_of(answered.error().code());
    return *answered ? "yes" : "no";
  }

  std::string_view arm(std::uint64_t tag, std::uint64_t delay_ms, std::uint64_t period_ms) {
    const auto period = period_ms == 0 ? std::nullopt : std::optional(std::chrono::milliseconds(period_ms));
    return word(turn_.arm(core::Tag{tag}, std::chrono::milliseconds(delay_ms), period));
  }
  bool disarm(std::uint64_t tag) { return turn_.disarm(core::Tag{tag}); }

  std::vector<std::string_view> broadcast(const std::vector<std::string>& to, const std::string& body) {
    std::vector<core::Address> targets;
    for (const std::string& target : to) targets.push_back(core::make_checked_address(target));
    const auto refusals = turn_.broadcast(targets, core::raw(body));
    if (!refusals) return std::vector<std::string_view>(to.size(), core::name_of(refusals.error().code()));
    std::vector<std::string_view> results(to.size(), "ok");
    for (const auto& [index, error] : *refusals) results[index] = core::name_of(error.code());
    return results;
  }
  std::string_view publish(const std::string& topic, const std::string& body) {
    return word(turn_.publish(topic, core::raw(body)));
  }
  std::string_view subscribe(const std::string& pattern) { return word(turn_.subscribe(pattern)); }
  bool unsubscribe(const std::string& pattern) { return turn_.unsubscribe(pattern); }

 private:
  template <typename T>
  static std::string_view word(const core::Result<T>& result) {
    return result ? std::string_view("ok") : core::name_of(result.error().code());
  }

  actor::Turn& turn_;
};

/// The native twin of guests/programmed.
class ProgrammedActor final : public actor::NativeActor {
 public:
  ProgrammedActor(std::uint64_t incarnation, std::string on_start, std::string on_stop)
      : instance_(incarnation), on_start_(std::move(on_start)), on_stop_(std::move(on_stop)) {}

  core::Result<void> initialize(actor::Turn& turn, const core::Start& start) override {
    NativeCalls calls(turn);
    const std::string_view why = start.reason == core::StartReason::first ? "first" : "restarted";
    return plain(instance_.start(calls, why, start.restarts, on_start_));
  }
  core::Result<core::Response> handle_message(actor::Turn& turn, const core::MessageView& message) override {
    NativeCalls calls(turn);
    End end = instance_.message(calls, core::name_of(message.kind), core::to_number(message.id), message.sender,
                                message.topic.value_or(""), message.text());
    if (end.kind == End::reply) return core::reply(core::raw(end.text));
    if (end.kind == End::later) return core::later();
    if (end.kind == End::done) return core::done();
    return std::unexpected(failure(std::move(end)));
  }
  core::Result<void> handle_reply(actor::Turn& turn, const core::OutcomeView& view) override {
    NativeCalls calls(turn);
    const core::Outcome& outcome = *view.outcome;
    std::string word = "reply";
    std::string_view text = outcome ? outcome->text() : outcome.error().failure.text;
    if (!outcome) {
      using Kind = core::RequestErrorKind;
      const core::RequestError& error = outcome.error();
      word = core::name_of(error.kind);
      if (error.kind == Kind::failed || error.kind == Kind::answered) {
        word += ":" + std::string(core::name_of(error.failure.kind));
      }
    }
    return plain(instance_.outcome(calls, core::to_number(view.id), core::to_number(view.tag), word, text));
  }
  core::Result<void> handle_timer(actor::Turn& turn, const actor::Firing& firing) override {
    NativeCalls calls(turn);
    return plain(instance_.timer(calls, core::to_number(firing.tag), firing.due_ms, firing.missed));
  }
  void stop(actor::Turn& turn) override {
    NativeCalls calls(turn);
    if (!plain(instance_.stop(calls, on_stop_))) throw std::runtime_error("its last turn fails");
  }

 private:
  using End = programmed::End;

  static core::Error failure(End end) {
    using Code = core::ErrorCode;
    if (end.kind == End::trap) throw std::runtime_error("a trap");
    const Code code = end.kind == End::rejected  ? Code::rejected
                      : end.kind == End::invalid ? Code::invalid
                      : end.kind == End::busy    ? Code::busy
                                                 : Code::internal;
    return {code, "model", std::move(end.text)};
  }
  static core::Result<void> plain(End end) {
    if (end.kind == End::done || end.kind == End::reply || end.kind == End::later) return {};
    return std::unexpected(failure(std::move(end)));
  }

  programmed::Instance<NativeCalls> instance_;
  std::string on_start_;
  std::string on_stop_;
};

}  // namespace airssys::model
