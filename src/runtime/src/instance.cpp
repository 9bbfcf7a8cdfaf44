#include "airssys/runtime/instance.hpp"

#include <fmt/format.h>

#include <new>
#include <utility>

#include "airssys/core/plural.hpp"
#include "async_host.hpp"
#include "bridge_values.hpp"
#include "trap_report.hpp"

namespace airssys::runtime {

namespace {

core::TurnResult failed(core::FailureKind kind, std::string_view text) {
  return {.kind = core::TurnResult::Kind::failed, .response = {}, .failure = {kind, core::cut_text(text)}};
}

/// What the bridge answered, with the bytes that go with it.
struct OwnedResponse : ab_response {
  OwnedResponse() noexcept : ab_response{} {}
  OwnedResponse(const OwnedResponse&) = delete;
  OwnedResponse& operator=(const OwnedResponse&) = delete;
  ~OwnedResponse() {
    if (bytes.data != nullptr) ab_buffer_free(bytes);
  }

  ab_view view() const noexcept { return {bytes.data, bytes.size}; }
};

core::TurnResult outcome_with_more(const OwnedResponse& response) {
  core::TurnResult result{};
  switch (response.kind) {
    case AB_RESPONSE_REPLY:
      result.response.kind = core::ResponseKind::reply;
      result.response.payload.codec = static_cast<core::Codec>(response.codec);
      result.response.payload.body = core::Body::copy_of(bytes_of(response.view()));
      return result;
    case AB_RESPONSE_TOO_LARGE:
      return failed(core::FailureKind::internal,
                    fmt::format("a reply of {} bytes is far beyond the limit body_bytes", response.size));
    case AB_RESPONSE_LATER:
      result.response.kind = core::ResponseKind::later;
      return result;
    default:
      return failed(static_cast<core::FailureKind>(response.failure), text_of(response.view()));
  }
}

/// How large it is, the guest says: that the host has no memory for a copy is its fault, and not the host's end.
core::TurnResult outcome_or_no_memory(const OwnedResponse& response) noexcept try {
  return outcome_with_more(response);
} catch (const std::bad_alloc&) {
  return failed(core::FailureKind::internal, fmt::format("the host has no memory for its answer of {} bytes", response.size));
}

ab_message message_of(const core::MessageView& message) noexcept {
  return {.id = core::to_number(message.id),
          .kind = static_cast<std::uint32_t>(message.kind),
          .codec = static_cast<std::uint32_t>(message.codec),
          .sender = view_of(message.sender),
          .has_topic = message.topic.has_value(),
          .topic = view_of(message.topic.value_or(std::string_view{})),
          .body = view_of(message.body.bytes())};
}

/// The views are into `outcome`.
ab_outcome outcome_for_guest(const core::OutcomeView& view) noexcept {
  ab_outcome result{};
  result.id = core::to_number(view.id);
  result.tag = core::to_number(view.tag);
  if (const core::Outcome& outcome = *view.outcome; outcome) {
    result.codec = static_cast<std::uint32_t>(outcome->codec);
    result.body = view_of(outcome->body.bytes());
  } else {
    const core::RequestError& error = outcome.error();
    const bool has_failure = error.kind == core::RequestErrorKind::failed || error.kind == core::RequestErrorKind::answered;
    result.error = 1 + static_cast<std::uint32_t>(error.kind);
    result.failure = static_cast<std::uint32_t>(error.failure.kind);
    result.body = view_of(has_failure ? error.failure.text : error.text);
  }
  return result;
}

std::string describe(ab_status status) {
  if (status == AB_PANIC) return "a defect of the engine: it panicked; please report it with the component";
  if (status == AB_RESOURCES) return "the host had no room to go on";
  return fmt::format("the engine ended the call with status {}", static_cast<int>(status));
}

/// It died in its own allocator, before its code saw the message.
std::string while_handed_a_body(const core::Trap& trap, std::uint64_t bytes) {
  return fmt::format("{} a body of {}: {}", trap.growth_refused ? "its memory had no room for" : "its allocator did not take",
                     core::plural(bytes, "byte"), trap.message);
}

}  // namespace

Instance::Instance(std::shared_ptr<const Component> component, BridgeHandle<ab_instance> handle,
                   std::shared_ptr<Count> alive) noexcept
    : component_(std::move(component)), handle_(std::move(handle)), alive_(std::move(alive)) {
  alive_->fetch_add(1, std::memory_order_relaxed);
}

Instance::~Instance() {
  handle_.reset();
  alive_->fetch_sub(1, std::memory_order_relaxed);
}

template <typename Call>
core::TurnResult Instance::run(core::TurnToken turn, Call&& call) noexcept {
  CallFrame frame{.ports = component_->ports_, .turn = turn};
  OwnedResponse response;
  const ab_status status = call(&frame, &response);
  if (status != AB_OK) [[unlikely]] {
    return ended_badly(status);
  }
  if (response.kind == AB_RESPONSE_DONE) [[likely]] {
    return {};
  }
  return outcome_or_no_memory(response);
}

core::TurnResult Instance::initialize(core::TurnToken turn, const core::Start& start, std::uint64_t ticks) noexcept {
  return run(turn, [&](CallFrame* frame, ab_response* response) {
    return ab_initialize(handle_.get(), frame, ticks, static_cast<std::uint32_t>(start.reason), start.restarts,
                         view_of(start.version), response);
  });
}

core::TurnResult Instance::handle_message(core::TurnToken turn, const core::MessageView& message,
                                          std::uint64_t ticks) noexcept {
  const ab_message view = message_of(message);
  return run(turn, [&](CallFrame* frame, ab_response* response) {
    return ab_handle_message(handle_.get(), frame, ticks, &view, response);
  });
}

core::TurnResult Instance::handle_reply(core::TurnToken turn, const core::OutcomeView& outcome, std::uint64_t ticks) noexcept {
  const ab_outcome view = outcome_for_guest(outcome);
  return run(turn, [&](CallFrame* frame, ab_response* response) {
    return ab_handle_reply(handle_.get(), frame, ticks, &view, response);
  });
}

core::TurnResult Instance::handle_timer(core::TurnToken turn, core::Tag tag, std::uint64_t due_ms, std::uint64_t missed,
                                        std::uint64_t ticks) noexcept {
  return run(turn, [&](CallFrame* frame, ab_response* response) {
    return ab_handle_timer(handle_.get(), frame, ticks, core::to_number(tag), due_ms, missed, response);
  });
}

core::TurnResult Instance::stop(core::TurnToken turn, std::uint64_t ticks) noexcept {
  if (!component_->has(Export::shutdown) && trap_ == nullptr) return {};
  return run(turn, [&](CallFrame* frame, ab_response*) { return ab_stop(handle_.get(), frame, ticks); });
}

core::Bytes Instance::memory_bytes() const noexcept {
  return ab_instance_memory(handle_.get());
}

core::TurnResult Instance::ended_badly(int status) noexcept {
  if (status == AB_NO_EXPORT) return failed(core::FailureKind::internal, "the component has no export for this call");
  if (status == AB_INVALID) return failed(core::FailureKind::internal, "the host handed over a text that is not UTF-8");
  if (status == AB_REENTERED) return failed(core::FailureKind::internal, "the instance is already running on this stack");
  if (trap_ == nullptr) {
    const ab_trap_report* report = ab_instance_trap(handle_.get());
    const ab_trap view = report == nullptr ? ab_trap{} : ab_trap_view(report);
    auto trap = std::make_unique<core::Trap>();
    if (report != nullptr) *trap = trap_of(view);
    if (trap->message.empty()) trap->message = describe(static_cast<ab_status>(status));
    trap->growth_refused = ab_instance_growth_refused(handle_.get());
    if (view.handed_in != 0) trap->message = while_handed_a_body(*trap, view.handed_in);
    trap->memory_bytes = ab_instance_memory(handle_.get());
    trap_ = std::move(trap);
  }
  return {.kind = core::TurnResult::Kind::trapped, .response = {}, .failure = {}};
}

}  // namespace airssys::runtime
