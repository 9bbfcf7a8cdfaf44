#include "async_host.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "bridge_values.hpp"

namespace airssys::runtime {

namespace {

constexpr std::string_view kHostFault = "the host could not serve the call";
constexpr std::string_view kNoStorage = "storage is not served yet";

CallFrame& frame_of(void* turn) noexcept {
  return *static_cast<CallFrame*>(turn);
}

/// What `call` returns, or `fallback` if a port throws (it should not; memory may be short).
template <typename T, typename Call>
T guarded(T fallback, Call&& call) noexcept {
  try {
    return call();
  } catch (...) {
    return fallback;
  }
}

// ---- send errors. The enumerations follow the WIT on both sides, so a case is a number.

static_assert(static_cast<unsigned>(core::SendErrorKind::other) == AB_SEND_OTHER);
static_assert(static_cast<unsigned>(core::SendErrorKind::limit_reached) == AB_SEND_LIMIT_REACHED);
static_assert(static_cast<unsigned>(core::FailureKind::busy) == AB_FAIL_BUSY);

ab_send_error bridge_error(const core::SendError& error) noexcept {
  return {.kind = static_cast<std::uint32_t>(error.kind),
          .limit = static_cast<std::uint32_t>(error.limit),
          .number = error.largest_bytes,
          .text = view_of(error.text)};
}

CallFrame::Results& results_of(CallFrame& frame) {
  if (frame.results == nullptr) frame.results = std::make_unique<CallFrame::Results>();
  return *frame.results;
}

/// Keeps the error, whose text the bridge reads after we have returned. Always false: the answer of a refused call.
bool refuse(CallFrame& frame, core::SendError&& error, ab_send_error* out) {
  CallFrame::Results& results = results_of(frame);
  results.error = std::move(error);
  *out = bridge_error(results.error);
  return false;
}

/// Runs a call of the messaging port that may be refused.
template <typename Call>
bool messaging_call(ab_send_error* error, Call&& call) noexcept {
  try {
    return call();
  } catch (...) {
    *error = {.kind = AB_SEND_OTHER, .limit = 0, .number = 0, .text = view_of(kHostFault)};
    return false;
  }
}

bool settle(CallFrame& frame, core::MessagingPort::Sent&& sent, ab_send_error* error) {
  if (sent) [[likely]] {
    return true;
  }
  return refuse(frame, std::move(sent).error(), error);
}

core::Codec codec_of(std::uint32_t code) noexcept {
  return static_cast<core::Codec>(code);
}

// ---- messaging

bool send(void* turn, ab_view to, std::uint32_t codec, ab_view body, ab_send_error* error) noexcept {
  CallFrame& frame = frame_of(turn);
  return messaging_call(error, [&] {
    return settle(frame, frame.ports.messaging.send(frame.turn, text_of(to), codec_of(codec), bytes_of(body)), error);
  });
}

bool request(void* turn, ab_view to, std::uint32_t codec, ab_view body, std::uint64_t timeout_ms, std::uint64_t tag,
             std::uint64_t* id, ab_send_error* error) noexcept {
  CallFrame& frame = frame_of(turn);
  return messaging_call(error, [&] {
    auto sent =
        frame.ports.messaging.request(frame.turn, text_of(to), codec_of(codec), bytes_of(body), timeout_ms, core::Tag{tag});
    if (!sent) return refuse(frame, std::move(sent).error(), error);
    *id = core::to_number(*sent);
    return true;
  });
}

bool cancel(void* turn, std::uint64_t id) noexcept {
  CallFrame& frame = frame_of(turn);
  return guarded(false, [&] { return frame.ports.messaging.cancel(frame.turn, core::MessageId{id}); });
}

std::expected<bool, core::SendError> answer_through(CallFrame& frame, core::MessageId request, const std::uint32_t* failure,
                                                    std::uint32_t codec, ab_view body) {
  core::MessagingPort& port = frame.ports.messaging;
  if (failure == nullptr) return port.answer(frame.turn, request, codec_of(codec), bytes_of(body));
  core::Failure why{static_cast<core::FailureKind>(*failure), core::cut_text(text_of(body))};
  return port.answer(frame.turn, request, std::unexpected(std::move(why)));
}

bool answer(void* turn, std::uint64_t request_id, const std::uint32_t* failure, std::uint32_t codec, ab_view body,
            bool* waited_for, ab_send_error* error) noexcept {
  CallFrame& frame = frame_of(turn);
  return messaging_call(error, [&] {
    auto answered = answer_through(frame, core::MessageId{request_id}, failure, codec, body);
    if (!answered) return refuse(frame, std::move(answered).error(), error);
    *waited_for = *answered;
    return true;
  });
}

ab_refusals keep_refusals(CallFrame& frame, std::vector<core::MessagingPort::Refusal>&& refusals) {
  if (refusals.empty()) return {nullptr, 0};
  CallFrame::Results& results = results_of(frame);
  results.refusals = std::move(refusals);
  results.refusal_views.clear();
  for (const auto& [index, error] : results.refusals) results.refusal_views.push_back({index, bridge_error(error)});
  return {results.refusal_views.data(), results.refusal_views.size()};
}

bool broadcast(void* turn, const ab_view* to, std::size_t count, std::uint32_t codec, ab_view body, ab_refusals* refused,
               ab_send_error* error) noexcept {
  CallFrame& frame = frame_of(turn);
  return messaging_call(error, [&] {
    std::vector<std::string_view> targets;
    targets.reserve(count);
    for (const ab_view& target : std::span(to, count)) targets.push_back(text_of(target));
    auto sent = frame.ports.messaging.broadcast(frame.turn, targets, codec_of(codec), bytes_of(body));
    if (!sent) return refuse(frame, std::move(sent).error(), error);
    *refused = keep_refusals(frame, *std::move(sent));
    return true;
  });
}

bool publish(void* turn, ab_view topic, std::uint32_t codec, ab_view body, ab_send_error* error) noexcept {
  CallFrame& frame = frame_of(turn);
  return messaging_call(error, [&] {
    return settle(frame, frame.ports.messaging.publish(frame.turn, text_of(topic), codec_of(codec), bytes_of(body)), error);
  });
}

bool subscribe(void* turn, ab_view pattern, ab_send_error* error) noexcept {
  CallFrame& frame = frame_of(turn);
  return messaging_call(error,
                        [&] { return settle(frame, frame.ports.messaging.subscribe(frame.turn, text_of(pattern)), error); });
}

bool unsubscribe(void* turn, ab_view pattern) noexcept {
  CallFrame& frame = frame_of(turn);
  return guarded(false, [&] { return frame.ports.messaging.unsubscribe(frame.turn, text_of(pattern)); });
}

// ---- context

template <auto Get>
ab_view context_text(void* turn) noexcept {
  CallFrame& frame = frame_of(turn);
  return guarded(ab_view{}, [&] { return view_of((frame.ports.context.*Get)(frame.turn)); });
}

template <auto Get, typename Number>
Number context_number(void* turn) noexcept {
  CallFrame& frame = frame_of(turn);
  return guarded(Number{0}, [&] { return (frame.ports.context.*Get)(frame.turn); });
}

/// Gives `*out` the value; false if there is none.
template <typename T, typename Out>
bool hand_over(const std::optional<T>& value, Out&& out) {
  if (value) out(*value);
  return value.has_value();
}

bool deadline_ms(void* turn, std::uint64_t* out) noexcept {
  CallFrame& frame = frame_of(turn);
  return guarded(false, [&] {
    return hand_over(frame.ports.context.deadline_ms(frame.turn), [&](std::uint64_t value) { *out = value; });
  });
}

// ---- storage: every function with an error case says that it is not served

bool no_storage(ab_storage_error* error) noexcept {
  *error = {.kind = AB_STORAGE_UNAVAILABLE, .number = 0, .text = view_of(kNoStorage)};
  return false;
}

bool storage_get(void*, ab_view, bool*, ab_view*, ab_storage_error* error) noexcept {
  return no_storage(error);
}
bool storage_set(void*, ab_view, ab_view, ab_storage_error* error) noexcept {
  return no_storage(error);
}
bool storage_answer(void*, ab_view, bool*, ab_storage_error* error) noexcept {
  return no_storage(error);
}
bool storage_page(void*, ab_view, const ab_view*, std::uint32_t, ab_page*, ab_storage_error* error) noexcept {
  return no_storage(error);
}

// ---- not served and without an error to say so: there is nothing

void storage_usage(void*, std::uint64_t* bytes, std::uint64_t* quota_bytes, std::uint64_t* keys) noexcept {
  *bytes = *quota_bytes = *keys = 0;
}
bool secret_get(void*, ab_view, ab_view*) noexcept {
  return false;
}
void directory_find(void*, ab_view, const ab_view*, std::uint32_t, ab_page* page) noexcept {
  *page = {};
}

// ---- timers

std::uint32_t timer_arm(void* turn, std::uint64_t tag, std::uint64_t delay_ms, const std::uint64_t* period_ms) noexcept {
  constexpr auto kUnavailable = 1 + static_cast<std::uint32_t>(core::TimerError::unavailable);
  CallFrame& frame = frame_of(turn);
  return guarded(kUnavailable, [&]() -> std::uint32_t {
    const std::optional<std::uint64_t> period = period_ms == nullptr ? std::nullopt : std::optional(*period_ms);
    const auto armed = frame.ports.timers.arm(frame.turn, core::Tag{tag}, delay_ms, period);
    return armed ? 0 : 1 + static_cast<std::uint32_t>(armed.error());
  });
}

bool timer_disarm(void* turn, std::uint64_t tag) noexcept {
  CallFrame& frame = frame_of(turn);
  return guarded(false, [&] { return frame.ports.timers.disarm(frame.turn, core::Tag{tag}); });
}

// ---- log

core::LogLevel level_of(std::uint32_t level) noexcept {
  return static_cast<core::LogLevel>(std::min(level, static_cast<std::uint32_t>(core::LogLevel::error)));
}

core::LogField field_of(const ab_pair& pair) noexcept {
  return {.key = text_of(pair.key), .value = text_of(pair.value)};
}

void log_write(void* turn, std::uint32_t level, ab_view text, const ab_pair* fields, std::size_t count,
               std::size_t more) noexcept {
  CallFrame& frame = frame_of(turn);
  // A line is lost only if there is no memory for a view of its fields.
  guarded(false, [&] {
    std::vector<core::LogField> views(count);
    std::ranges::transform(std::span(fields, count), views.begin(), field_of);
    frame.ports.log.write(frame.turn, level_of(level), text_of(text), views, more);
    return true;
  });
}

bool log_enabled(void* turn, std::uint32_t level) noexcept {
  CallFrame& frame = frame_of(turn);
  return frame.ports.log.enabled(frame.turn, level_of(level));
}

// ---- config and budget

bool config_get(void* turn, ab_view key, ab_view* value) noexcept {
  CallFrame& frame = frame_of(turn);
  return guarded(false, [&] {
    return hand_over(frame.ports.config.get(frame.turn, text_of(key)),
                     [&](std::string_view found) { *value = view_of(found); });
  });
}

std::uint64_t epoch(void* turn) noexcept {
  CallFrame& frame = frame_of(turn);
  return frame.ports.budget.ticks_used_up(frame.turn);
}

// ---- what is imported in vain

struct Import {
  std::string_view interface;
  std::string_view function;
};

/// "import airssys:core/storage@0.1.0 get-usage" as interface, without version, and function; empty if it is something else.
Import import_in(std::string_view line) {
  constexpr std::string_view kVerb = "import ";
  const std::size_t space = line.rfind(' ');
  if (!line.starts_with(kVerb) || space < kVerb.size()) return {};
  std::string_view interface = line.substr(kVerb.size(), space - kVerb.size());
  // Whatever the version: the linker takes any that is compatible with ours.
  return {interface.substr(0, interface.find('@')), line.substr(space + 1)};
}

/// What the importer is told of; empty: it gets what it imports.
std::string_view in_vain(const Import& import, bool takes_replies, bool takes_firings) {
  const auto is = [&](std::string_view interface, std::string_view function) {
    return import.interface == interface && import.function == function;
  };
  if (import.interface == "airssys:core/storage") return "storage";
  if (import.interface == "airssys:core/secrets") return "secrets";
  if (import.interface == "airssys:core/directory") return "directory";
  if (!takes_replies && is("airssys:core/messaging", "request")) return "messaging.request (it exports no reply-handler)";
  if (!takes_firings && is("airssys:core/timers", "arm")) return "timers.arm (it exports no timer-handler)";
  if (import.interface.starts_with("wasi:filesystem/")) return "wasi:filesystem";
  if (import.interface.starts_with("wasi:http/")) return "wasi:http";
  if (import.interface.starts_with("wasi:sockets/")) return "wasi:sockets";
  return {};
}

}  // namespace

ab_imports host_imports() noexcept {
  using Port = core::ContextPort;
  ab_imports table{};
  table.size = sizeof(table);
  table.send = send;
  table.request = request;
  table.cancel = cancel;
  table.answer = answer;
  table.broadcast = broadcast;
  table.publish = publish;
  table.subscribe = subscribe;
  table.unsubscribe = unsubscribe;
  table.self_address = context_text<&Port::self_address>;
  table.system_id = context_text<&Port::system_id>;
  table.now_ms = context_number<&Port::now_ms, std::uint64_t>;
  table.random_u64 = context_number<&Port::random_u64, std::uint64_t>;
  table.attempt = context_number<&Port::attempt, std::uint32_t>;
  table.sent_at_ms = context_number<&Port::sent_at_ms, std::uint64_t>;
  table.deadline_ms = deadline_ms;
  table.trace_parent = context_text<&Port::trace_parent>;
  table.storage_get = storage_get;
  table.storage_set = storage_set;
  table.storage_delete = storage_answer;
  table.storage_exists = storage_answer;
  table.storage_scan = storage_page;
  table.storage_list_keys = storage_page;
  table.storage_usage = storage_usage;
  table.timer_arm = timer_arm;
  table.timer_disarm = timer_disarm;
  table.log_write = log_write;
  table.log_enabled = log_enabled;
  table.config_get = config_get;
  table.secret_get = secret_get;
  table.directory_find = directory_find;
  table.epoch = epoch;
  return table;
}

std::vector<std::string> imports_in_vain(std::string_view description, bool takes_replies, bool takes_firings) {
  std::set<std::string_view> found;
  while (!description.empty()) {
    const std::size_t end = description.find('\n');
    found.insert(in_vain(import_in(description.substr(0, end)), takes_replies, takes_firings));
    description.remove_prefix(end == std::string_view::npos ? description.size() : end + 1);
  }
  found.erase(std::string_view());
  return {found.begin(), found.end()};
}

}  // namespace airssys::runtime
