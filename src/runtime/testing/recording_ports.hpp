#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "airssys/core/ports/host_ports.hpp"

namespace airssys::runtime::testing {

/// All ports in one. Each call is written down as a line of text; knobs decide what it answers.
class RecordingPorts final : public core::MessagingPort,
                             public core::ContextPort,
                             public core::TimerPort,
                             public core::TurnLogPort,
                             public core::ConfigPort,
                             public core::BudgetPort {
 public:
  core::HostPorts ports() {
    return {.messaging = *this, .context = *this, .timers = *this, .log = *this, .config = *this, .budget = *this};
  }

  /// What was called, in order, with the arguments.
  std::vector<std::string> calls;
  /// The token of the last call.
  void* turn = nullptr;

  // Knobs.
  std::optional<core::SendError> refusal;   ///< Every messaging call that can be refused is, with this.
  std::vector<Refusal> broadcast_refusals;  ///< What a broadcast answers.
  std::function<void()> on_send;            ///< Runs within `send`; may throw.
  std::function<void()> on_now;             ///< Runs within `now_ms`.
  int nows = 0;                             ///< How often the time was asked.
  bool says = true;                         ///< What cancel, answer, unsubscribe and disarm say.
  std::optional<core::TimerError> timer_error;
  std::map<std::string, std::string, std::less<>> config;
  std::optional<std::uint64_t> deadline;
  std::deque<std::uint64_t> ticks;  ///< What the budget gives, one look after another; then 0.
  int looks = 0;                    ///< How often the budget was asked.

  using core::MessagingPort::send;
  Sent send(core::TurnToken token, std::string_view to, core::Codec codec, std::span<const std::byte> body) override {
    note(token, fmt::format("send {} {} {}", to, core::to_string(codec), short_text(body)));
    if (on_send) on_send();
    return sent();
  }
  Sent send(core::TurnToken token, std::string_view to, core::Payload payload) override {
    return send(token, to, payload.codec, payload.body.bytes());
  }
  std::expected<core::MessageId, core::SendError> request(core::TurnToken token, std::string_view to, core::Codec codec,
                                                          std::span<const std::byte> body, std::uint64_t timeout_ms,
                                                          core::Tag tag) override {
    note(token, fmt::format("request {} {} {} timeout {} tag {}", to, core::to_string(codec), short_text(body), timeout_ms,
                            core::to_number(tag)));
    if (refusal) return std::unexpected(*refusal);
    return core::MessageId{0x1122334455667788U};
  }
  bool cancel(core::TurnToken token, core::MessageId id) override {
    note(token, fmt::format("cancel {:x}", core::to_number(id)));
    return says;
  }
  std::expected<bool, core::SendError> answer(core::TurnToken token, core::MessageId id,
                                              std::expected<core::Payload, core::Failure> outcome) override {
    const std::string what = outcome ? fmt::format("{} {}", core::to_string(outcome->codec), outcome->text())
                                     : fmt::format("{} {}", core::name_of(outcome.error().kind), outcome.error().text);
    note(token, fmt::format("answer {} {}", core::to_number(id), what));
    if (refusal) return std::unexpected(*refusal);
    return says;
  }
  std::expected<std::vector<Refusal>, core::SendError> broadcast(core::TurnToken token, std::span<const std::string_view> to,
                                                                 core::Codec codec, std::span<const std::byte> body) override {
    note(token, fmt::format("broadcast {} {} {}", fmt::join(to, ","), core::to_string(codec), short_text(body)));
    if (refusal) return std::unexpected(*refusal);
    return broadcast_refusals;
  }
  Sent publish(core::TurnToken token, std::string_view topic, core::Codec codec, std::span<const std::byte> body) override {
    note(token, fmt::format("publish {} {} {}", topic, core::to_string(codec), short_text(body)));
    return sent();
  }
  std::expected<core::MessageId, core::SendError> request(core::TurnToken token, std::string_view to, core::Payload payload,
                                                          std::uint64_t timeout_ms, core::Tag tag) override {
    return request(token, to, payload.codec, payload.body.bytes(), timeout_ms, tag);
  }
  std::expected<std::vector<Refusal>, core::SendError> broadcast(core::TurnToken token, std::span<const std::string_view> to,
                                                                 core::Payload payload) override {
    return broadcast(token, to, payload.codec, payload.body.bytes());
  }
  Sent publish(core::TurnToken token, std::string_view topic, core::Payload payload) override {
    return publish(token, topic, payload.codec, payload.body.bytes());
  }
  Sent subscribe(core::TurnToken token, std::string_view pattern) override {
    note(token, fmt::format("subscribe {}", pattern));
    return sent();
  }
  bool unsubscribe(core::TurnToken token, std::string_view pattern) override {
    note(token, fmt::format("unsubscribe {}", pattern));
    return says;
  }

  std::string_view self_address(core::TurnToken token) override {
    turn = token.turn;
    return "demo/self/1";
  }
  std::string_view system_id(core::TurnToken) override { return "system-1"; }
  std::uint64_t now_ms(core::TurnToken) override {
    ++nows;
    if (on_now) on_now();
    return 1'700'000'000'000;
  }
  std::uint64_t random_u64(core::TurnToken) override { return 0xfeed'beef'dead'f00d; }
  std::uint32_t attempt(core::TurnToken) override { return 3; }
  std::uint64_t sent_at_ms(core::TurnToken) override { return 1'600'000'000'000; }
  std::optional<std::uint64_t> deadline_ms(core::TurnToken) override { return deadline; }
  std::string_view trace_parent(core::TurnToken) override { return "00-trace"; }

  std::expected<void, core::TimerError> arm(core::TurnToken token, core::Tag tag, std::uint64_t delay_ms,
                                            std::optional<std::uint64_t> period_ms) override {
    note(token, fmt::format("arm {} delay {} period {}", core::to_number(tag), delay_ms,
                            period_ms ? std::to_string(*period_ms) : "none"));
    if (timer_error) return std::unexpected(*timer_error);
    return {};
  }
  bool disarm(core::TurnToken token, core::Tag tag) override {
    note(token, fmt::format("disarm {}", core::to_number(tag)));
    return says;
  }

  std::expected<bool, core::SendError> answer(core::TurnToken token, core::MessageId id, core::Codec codec,
                                              std::span<const std::byte> body) override {
    return answer(token, id, core::Payload{codec, core::Body::copy_of(body)});
  }

  void write(core::TurnToken token, core::LogLevel level, std::string_view text, std::span<const core::LogField> fields,
             std::size_t fields_left_out) noexcept override {
    std::string line = fmt::format("log {} {}", core::name_of(level), text);
    for (const core::LogField& field : fields) line += fmt::format(" {}={}", field.key, field.value);
    if (fields_left_out != 0) line += fmt::format(" and {} more", fields_left_out);
    note(token, std::move(line));
  }
  bool enabled(core::TurnToken, core::LogLevel level) noexcept override { return level >= core::LogLevel::info; }

  std::optional<std::string_view> get(core::TurnToken token, std::string_view key) override {
    note(token, fmt::format("config {}", key));
    const auto found = config.find(key);
    return found == config.end() ? std::nullopt : std::optional<std::string_view>(found->second);
  }

  std::uint64_t ticks_used_up(core::TurnToken token) noexcept override {
    turn = token.turn;
    ++looks;
    if (ticks.empty()) return 0;
    const std::uint64_t more = ticks.front();
    ticks.pop_front();
    return more;
  }

 private:
  static std::string short_text(std::span<const std::byte> bytes) {
    if (bytes.size() > 64) return fmt::format("({} bytes)", bytes.size());
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  void note(core::TurnToken token, std::string line) {
    turn = token.turn;
    calls.push_back(std::move(line));
  }
  Sent sent() const {
    if (refusal) return std::unexpected(*refusal);
    return {};
  }
};

}  // namespace airssys::runtime::testing
