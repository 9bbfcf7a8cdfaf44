#include "airssys/system/operator_desk.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <utility>

#include "airssys/actor/told.hpp"
#include "airssys/core/units.hpp"

namespace airssys::system {
namespace {

/// For an actor's books: as long as a turn may take by default.
constexpr std::chrono::seconds kPatience{1};

control::BooksStatus status_of(const actor::ActorBooks& books) {
  control::BooksStatus status{.open_requests = books.open_requests,
                              .answers_owed = books.owed_answers,
                              .timers = books.timers,
                              .targets_known = books.targets_known};
  for (const actor::TargetBook& target : books.targets) {
    status.targets.push_back({.address = target.to,
                              .waiting = target.waiting,
                              .waiting_bytes = target.waiting_bytes,
                              .taken = target.taken,
                              .refused = target.refused});
  }
  return status;
}

control::ActorDetails status_of(ActorDetails details) {
  control::ActorDetails status{.actor = std::move(details.info)};
  if (details.books) status.books = status_of(*details.books);
  for (const messaging::Denials::Edge& edge : details.denials) {
    status.denials.push_back({.verb = std::string(security::name_of(edge.verb)),
                              .target = edge.target,
                              .count = edge.count,
                              .last_ms = edge.last_ms});
  }
  status.last_crash = std::move(details.last_crash);
  return status;
}

core::Error nobody(const core::Address& address) {
  return {core::ErrorCode::not_found, "system", fmt::format("no actor {}: see `airssys list`", address.text())};
}

/// How long ago that was, for people: "34 s", "5 min", "3 h", "12 days".
std::string age_of(std::uint64_t time_ms) {
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
  const std::uint64_t seconds =
      (static_cast<std::uint64_t>(now.count()) - std::min<std::uint64_t>(time_ms, static_cast<std::uint64_t>(now.count()))) /
      1000;
  if (seconds < 120) return fmt::format("{} s", seconds);
  if (seconds < 2 * 3600) return fmt::format("{} min", seconds / 60);
  if (seconds < 2 * 86'400) return fmt::format("{} h", seconds / 3600);
  return fmt::format("{} days", seconds / 86'400);
}

/// How one that is no more has ended, and what brings it back.
std::string end_of(const ActorInfo& info) {
  return fmt::format("{0} is no more: {1}, {2} ago; `airssys restart {0}` starts it again", info.address, info.why,
                     age_of(info.stopped_ms));
}

/// What a target's limit was, behind the words that its requester has of how it ended: the operator may know.
std::string with_figure(std::string text, const core::Limits& limits) {
  const auto says = [&text](std::string_view what) { return text.find(what) != std::string::npos; };
  if (says(actor::kCpuUsedUp)) return text + fmt::format(" (turn_cpu = {})", core::duration_to_string(limits.turn_cpu));
  if (says(actor::kTimeUsedUp)) return text + fmt::format(" (turn_wall = {})", core::duration_to_string(limits.turn_wall));
  if (says(actor::kOutOfMemory)) return text + fmt::format(" (memory = {})", core::bytes_to_string(limits.memory));
  return text;
}

/// An order's error, in the operator's words.
core::Result<void> ordered(core::Result<void> result, const core::Address& address) {
  if (!result && result.error().code() == core::ErrorCode::not_found) return std::unexpected(nobody(address));
  return result;
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
  auto sent = key.empty() ? operator_.send(to, payload) : operator_.send_once(key, to, payload);
  if (!sent) return std::unexpected(with_the_end_of(to, std::move(sent).error()));
  return sent;
}

control::RequestResult SystemDesk::request(const core::Address& to, const core::Payload& payload,
                                           std::chrono::milliseconds timeout) {
  Client::Answer answer = operator_.ask(to, payload, timeout);
  if (!answer.reply) answer.reply = std::unexpected(with_crash(std::move(answer.reply).error(), to, answer.id));
  return {.id = answer.id, .reply = std::move(answer.reply)};
}

core::Error SystemDesk::with_the_end_of(const core::Address& target, core::Error error) const {
  if (error.code() != core::ErrorCode::not_found) return error;
  const auto info = system_.info(target.text());
  if (!info || info->stopped_ms == 0) return error;
  return {error.code(), "system", end_of(*info)};
}

core::Error SystemDesk::with_crash(core::Error error, const core::Address& target, core::MessageId request) const {
  if (error.code() == core::ErrorCode::not_found) return with_the_end_of(target, std::move(error));
  const auto info = system_.info(target.text());
  std::string text = error.to_string();
  if (info && error.code() == core::ErrorCode::internal) text = with_figure(std::move(text), info->limits);
  std::string crash = system_.crash_of(request);
  // It may have died over another message, with this one in its hands.
  const bool died_with_it = error.code() == core::ErrorCode::interrupted || error.code() == core::ErrorCode::target_gone;
  if (crash.empty() && died_with_it) crash = system_.last_crash_of(target.text());
  if (!crash.empty()) text += fmt::format(" (airssys crash show {})", crash);
  if (info && info->stopped_ms != 0) text += "; " + end_of(*info);
  return {error.code(), "system", std::move(text)};
}

core::Result<control::ActorPage> SystemDesk::list(const control::ActorQuery& query) {
  std::optional<core::AddressPattern> pattern;
  if (!query.pattern.empty()) {
    AIRSSYS_TRY(pattern, core::AddressPattern::parse(query.pattern));
  }
  ActorPage found = system_.list(query.after, pattern ? &*pattern : nullptr, query.most);
  return control::ActorPage{.actors = std::move(found.actors), .matching = found.matching};
}

core::Result<control::ActorDetails> SystemDesk::info(const core::Address& address) {
  auto details = system_.details(address.text(), kPatience);
  if (!details) return std::unexpected(nobody(address));
  return status_of(std::move(*details));
}

core::Result<void> SystemDesk::stop_actor(const core::Address& address) {
  const auto info = system_.info(address.text());
  if (info && info->stopped_ms != 0) {
    return std::unexpected(core::Error(core::ErrorCode::already_exists, "system", end_of(*info)));
  }
  if (info && info->profile.empty()) {
    return std::unexpected(
        core::Error(core::ErrorCode::invalid, "system",
                    fmt::format("{} is C++ of the program that runs the system: only that can stop it", address.text())));
  }
  return ordered(system_.stop_actor(address), address);
}

core::Result<void> SystemDesk::restart_actor(const core::Address& address) {
  return ordered(system_.restart_actor(address), address);
}

core::Result<void> SystemDesk::remove_actor(const core::Address& address) {
  return ordered(system_.remove_actor(address), address);
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

core::Result<control::DeadLetterList> SystemDesk::dead_letters(const control::DeadLetterQuery& query) {
  const messaging::DeadLetters& letters = system_.dead_letter_box();
  control::DeadLetterList list{.letters = {}, .forgotten = letters.forgotten(), .by_reason = {}};
  for (const messaging::DeadLetter& letter : letters.letters()) {
    if (list.letters.size() == query.most) break;
    if (letter.number <= query.after) continue;
    list.letters.push_back(status_of(letter));
    list.letters.back().why = why_of(letter);
  }
  const messaging::DeadLetters::Counts counts = letters.counts();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    list.by_reason.emplace_back(actor::name_of(static_cast<actor::DeadReason>(i)), counts[i]);
  }
  return list;
}

core::Result<control::DeadLetterInFull> SystemDesk::dead_letter(std::uint64_t number) {
  AIRSSYS_TRY(messaging::DeadLetter letter, system_.dead_letter_box().find(number));
  letter.why = why_of(letter);
  return control::DeadLetterInFull{.letter = status_of(letter), .payload = {.codec = letter.codec, .body = letter.body}};
}

core::Result<void> SystemDesk::retry_dead_letter(std::uint64_t number) {
  auto retried = system_.retry_dead_letter(number);
  if (retried || retried.error().code() != core::ErrorCode::not_found) return retried;
  const auto letter = system_.dead_letter_box().find(number);
  const auto info = letter ? system_.info(letter->target) : std::nullopt;
  if (!info || info->stopped_ms == 0) return retried;
  return std::unexpected(core::Error(core::ErrorCode::not_found, "system",
                                     fmt::format("dead letter {} can't be put back: {}", number, end_of(*info))));
}

std::string SystemDesk::why_of(const messaging::DeadLetter& letter) const {
  if (letter.reason != actor::DeadReason::target_stopped || !letter.why.empty()) return letter.why;
  const auto info = system_.info(letter.target);
  return info && info->stopped_ms != 0 ? end_of(*info) : std::string();
}

core::Result<void> SystemDesk::drop_dead_letter(std::uint64_t number) {
  return system_.drop_dead_letter(number);
}

core::Result<std::string> SystemDesk::trace(const std::string& id) {
  AIRSSYS_TRY(const monitoring::Trace trace, system_.trace(id));
  return monitoring::to_json(trace);
}

core::Result<std::string> SystemDesk::traces(std::uint64_t most) {
  return monitoring::to_json(system_.traces(most));
}

core::Result<void> SystemDesk::stop() {
  on_stop_();
  return {};
}

}  // namespace airssys::system
