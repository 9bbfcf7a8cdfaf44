#include "airssys/system/operator_desk.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <numeric>
#include <utility>

namespace airssys::system {
namespace {

control::ActorStatus status_of(ActorInfo info) {
  return {.address = std::move(info.address),
          .state = std::move(info.state),
          .component = std::move(info.component),
          .profile = std::move(info.profile),
          .supervisor = std::move(info.supervisor),
          .mailbox_messages = info.mailbox_messages,
          .mailbox_bytes = info.mailbox_bytes,
          .memory_bytes = info.memory_bytes,
          .handled = info.handled,
          .failed = info.failed,
          .trapped = info.trapped,
          .restarts = info.restarts,
          .busy = info.busy,
          .sent = info.sent,
          .memory_limit = info.limits.memory,
          .mailbox_messages_limit = info.limits.mailbox_messages,
          .mailbox_bytes_limit = info.limits.mailbox_bytes,
          .body_bytes_limit = info.limits.body_bytes,
          .turn_cpu_limit = info.limits.turn_cpu,
          .turn_wall_limit = info.limits.turn_wall};
}

control::DeadLetterStatus status_of(const messaging::DeadLetter& letter) {
  return {.number = letter.number,
          .time_ms = letter.time_ms,
          .reason = std::string(actor::name_of(letter.reason)),
          .why = letter.why,
          .kind = std::string(messaging::name_of(letter.kind)),
          .sender = letter.sender,
          .target = letter.target,
          .topic = letter.topic,
          .id = letter.id,
          .attempt = letter.attempt,
          .trace = letter.trace.is_set() ? fmt::format("{:016x}{:016x}", letter.trace.trace_high, letter.trace.trace_low) : "",
          .codec = core::to_string(letter.codec),
          .bytes = letter.body.size()};
}

}  // namespace

SystemDesk::SystemDesk(System& system, std::function<void()> on_stop)
    : system_(system), operator_(system.operator_client()), on_stop_(std::move(on_stop)) {}

core::Result<core::MessageId> SystemDesk::send(const core::Address& to, const core::Payload& payload, std::string_view key) {
  return key.empty() ? operator_.send(to, payload) : operator_.send_once(key, to, payload);
}

core::Result<core::Payload> SystemDesk::request(const core::Address& to, const core::Payload& payload,
                                                std::chrono::milliseconds timeout) {
  return operator_.request(to, payload, timeout);
}

core::Result<std::vector<control::ActorStatus>> SystemDesk::list() {
  std::vector<control::ActorStatus> actors;
  for (ActorInfo& info : system_.list()) actors.push_back(status_of(std::move(info)));
  return actors;
}

core::Result<control::ActorStatus> SystemDesk::info(const core::Address& address) {
  auto info = system_.info(address.text());
  if (!info) {
    return std::unexpected(
        core::Error(core::ErrorCode::not_found, "system", fmt::format("no actor {}: see `airssys list`", address.text())));
  }
  return status_of(std::move(*info));
}

core::Result<control::SystemStatus> SystemDesk::status() {
  const SystemStats stats = system_.stats();
  return control::SystemStatus{
      .name = system_.name(),
      .version = std::string(runtime::Engine::version()),
      .process = static_cast<std::uint64_t>(getpid()),
      .actors = stats.actors,
      .messages_waiting = stats.messages_waiting,
      .dead_letters = std::accumulate(stats.dead_letters.begin(), stats.dead_letters.end(), std::uint64_t{0}),
      .requests_opened = stats.messaging.service.requests_opened,
      .timeouts = stats.messaging.service.timeouts,
      .idle = system_.idle()};
}

core::Result<control::DeadLetterList> SystemDesk::dead_letters() {
  const messaging::DeadLetters& letters = system_.dead_letter_box();
  control::DeadLetterList list{.letters = {}, .forgotten = letters.forgotten(), .by_reason = {}};
  for (const messaging::DeadLetter& letter : letters.letters()) list.letters.push_back(status_of(letter));
  const messaging::DeadLetters::Counts counts = letters.counts();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    list.by_reason.emplace_back(actor::name_of(static_cast<actor::DeadReason>(i)), counts[i]);
  }
  return list;
}

core::Result<control::DeadLetterInFull> SystemDesk::dead_letter(std::uint64_t number) {
  AIRSSYS_TRY(const messaging::DeadLetter letter, system_.dead_letter_box().find(number));
  return control::DeadLetterInFull{.letter = status_of(letter), .payload = {.codec = letter.codec, .body = letter.body}};
}

core::Result<void> SystemDesk::retry_dead_letter(std::uint64_t number) {
  return system_.retry_dead_letter(number);
}

core::Result<void> SystemDesk::drop_dead_letter(std::uint64_t number) {
  return system_.drop_dead_letter(number);
}

core::Result<std::string> SystemDesk::trace(const std::string& id) {
  AIRSSYS_TRY(const monitoring::Trace trace, system_.trace(id));
  return monitoring::to_json(trace);
}

core::Result<void> SystemDesk::stop() {
  on_stop_();
  return {};
}

}  // namespace airssys::system
