#include "airssys/actor/turn_runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

#include "airssys/core/assert.hpp"
#include "crash_writer.hpp"

namespace airssys::actor {
namespace {

constexpr core::MonotonicTime kFirstRetry = std::chrono::milliseconds(1);
constexpr std::uint8_t kRetryDoublings = 7;

constexpr std::uint32_t bit(Signal signal) noexcept {
  return static_cast<std::uint32_t>(signal);
}

/// What ends an instance.
constexpr std::uint32_t kEnds = bit(Signal::stop) | bit(Signal::end) | bit(Signal::restart);

core::MessageKind kind_of(EnvelopeKind kind) noexcept {
  if (kind == EnvelopeKind::request) return core::MessageKind::request;
  return kind == EnvelopeKind::event ? core::MessageKind::event : core::MessageKind::send;
}

core::MessageView view_of(const Envelope& envelope) {
  core::MessageView view{.id = envelope.id,
                         .kind = kind_of(envelope.kind),
                         .codec = envelope.codec,
                         .sender = envelope.edge->sender().address().text(),
                         .topic = std::nullopt,
                         .body = envelope.body};
  if (const std::string* topic = envelope.topic()) view.topic = *topic;
  return view;
}

bool is_crash(const TurnResult& result) noexcept {
  return result.kind == TurnResult::Kind::trapped ||
         (result.kind == TurnResult::Kind::failed && result.failure.kind == core::FailureKind::internal);
}

std::string_view outcome_word(const TurnResult& result) noexcept {
  if (result.kind == TurnResult::Kind::returned) return "ok";
  return result.kind == TurnResult::Kind::trapped ? std::string_view("trapped") : core::name_of(result.failure.kind);
}

/// Accepted for the actor, and nobody is told if it comes to nothing: what a request comes to, its requester is.
bool is_work_of_others(const Envelope& message) noexcept {
  return message.kind != EnvelopeKind::request && message.sender() != &message.edge->target();
}

/// A timer is armed, a request open, or something was put by; or not any more. Whoever has none of these needs no closer look.
bool may_wait_for_time(ActorCell& actor) noexcept {
  constexpr core::MonotonicTime kBeforeNever = core::MonotonicTime::max() - core::MonotonicTime(1);
  return actor.timers() > 0 || actor.correspondence().may_have_expired(kBeforeNever);
}

}  // namespace

TurnRunner::TurnRunner(RunnerServices services)
    : services_(services),
      turn_(new Turn),
      crash_writer_(std::make_unique<CrashWriter>(services.clock)),
      clock_(services.clock, services.ticks),
      traces_(services.clock, services.traces) {}

TurnRunner::~TurnRunner() = default;

TurnRunner::Next TurnRunner::run(ActorCell& actor) {
  const Next next = run_batch(actor);
  hand_over_woken();
  return next;
}

TurnRunner::Next TurnRunner::run_batch(ActorCell& actor) {
  clock_.see();
  const core::MonotonicTime batch_end = clock_.monotonic() + core::MonotonicTime(kBatchTime);
  for (int turns = 0; turns < kBatchTurns && clock_.monotonic() < batch_end; ++turns) {
    clock_.see();
    switch (step(actor)) {
      case Step::turned:
        hand_over_woken();
        break;
      case Step::sliced:
        leave(actor);
        return Next::again;
      case Step::nothing: {
        const Next next = rest(actor);
        if (next != Next::again) return next;
        break;
      }
      case Step::suspended: {
        const Next next = suspend(actor, std::max(actor.restart_at_, actor.retry_at_));
        if (next != Next::again) return next;
        clock_.look();
        break;
      }
    }
  }
  leave(actor);
  return Next::again;
}

TurnRunner::Step TurnRunner::step(ActorCell& actor) {
  if (actor.signals_.load(std::memory_order_relaxed) != 0) {
    const std::uint32_t signals = actor.signals_.exchange(0, std::memory_order_seq_cst);
    if ((signals & bit(Signal::room)) != 0) actor.retry_at_ = {};
    if ((signals & bit(Signal::timer)) != 0) {
      actor.alarm_at_ = {};
      clock_.look();
    }
    if ((signals & bit(Signal::withdrawn)) != 0) actor.correspondence().forget_withdrawn();
    if ((signals & bit(Signal::look)) != 0) show_books(actor);
    // What its last turn did stands, and comes first.
    if (const std::uint32_t ends = signals & kEnds; ends != 0 && carry_on(actor)) {
      actor.signals_.fetch_or(ends, std::memory_order_relaxed);
      return Step::sliced;
    }
    if ((signals & bit(Signal::stop)) != 0) {
      stop(actor, StopCause::ordered, "stopped by order");
      return Step::turned;
    }
    if ((signals & bit(Signal::end)) != 0) {
      stop(actor, StopCause::ended_itself, "ended itself");
      return Step::turned;
    }
    if ((signals & bit(Signal::restart)) != 0 && !actor.stopped()) restart(actor);
  }
  if (actor.stopped()) {
    if (!actor.queue_.empty() || actor.mailbox_.take_into(actor.queue_)) drain_stopped(actor);
    return Step::nothing;
  }
  const core::MonotonicTime now = clock_.monotonic();
  if (actor.state() == ActorState::starting) return now < actor.restart_at_ ? Step::suspended : start(actor);
  const bool put_off = actor.put_off_arrival_ || actor.put_off_firing_;
  if (put_off || actor.correspondence().may_have_expired(now) || actor.timers_.is_due(now)) [[unlikely]] {
    if (const auto step = step_before_messages(actor)) return *step;
  }
  if (actor.queue_.empty() && !actor.mailbox_.take_into(actor.queue_)) return Step::nothing;
  if (now < actor.retry_at_) return Step::suspended;
  return run_envelope(actor, actor.queue_.pop_front());
}

std::optional<TurnRunner::Step> TurnRunner::step_before_messages(ActorCell& actor) {
  if (carry_on(actor)) return Step::sliced;
  const bool put_off = actor.put_off_arrival_ || actor.put_off_firing_;
  // What was put off stays ahead of messages, or they would overtake it.
  if (!put_off && actor.looks_for_messages_ > 0 && clock_.monotonic() >= actor.retry_at_ && message_is_next(actor)) {
    --actor.looks_for_messages_;
    return std::nullopt;
  }
  const bool timers_first = actor.timers_first_;
  auto step = timers_first ? step_timer(actor) : step_outcome(actor);
  actor.timers_first_ = step ? !timers_first : timers_first;
  if (!step) step = timers_first ? step_outcome(actor) : step_timer(actor);
  if (step) {
    actor.looks_for_messages_ = kLooksForMessages;
    return step;
  }
  if (put_off) return Step::suspended;
  return std::nullopt;
}

bool TurnRunner::message_is_next(ActorCell& actor) noexcept {
  return !actor.queue_.empty() || actor.mailbox_.take_into(actor.queue_);
}

std::optional<TurnRunner::Step> TurnRunner::step_outcome(ActorCell& actor) {
  if (actor.put_off_arrival_) {
    if (clock_.monotonic() < actor.retry_at_) return std::nullopt;
    return run_reply(actor, std::move(*std::exchange(actor.put_off_arrival_, nullptr)));
  }
  auto arrival = actor.correspondence().take_expired(clock_.monotonic());
  if (!arrival) return std::nullopt;
  return run_reply(actor, std::move(*arrival));
}

std::optional<TurnRunner::Step> TurnRunner::step_timer(ActorCell& actor) {
  if (actor.put_off_firing_) {
    if (clock_.monotonic() < actor.retry_at_) return std::nullopt;
    return run_timer(actor, *std::exchange(actor.put_off_firing_, nullptr));
  }
  const auto due = actor.timers_.take_due(clock_.monotonic());
  if (!due) return std::nullopt;
  return run_timer(actor, *due);
}

TurnRunner::Step TurnRunner::start(ActorCell& actor) {
  actor.restart_at_ = {};
  const bool again = actor.next_start_.reason == core::StartReason::restarted;
  Turn& turn = begin(actor);
  turn.distance_ = Ending::kOfItsOwn;
  begin_trace(turn);
  Watch watched = watch(turn, {}, "initialize", {});
  const TurnResult result = actor.behaviour_->start(turn, actor.next_start_);
  note(watched, result);
  if (again) actor.supervisor().started(actor.child(), result);
  if (result.kind != TurnResult::Kind::returned) {
    abort(turn);
    crash(actor, "initialize", nullptr, result);
    return Step::turned;
  }
  actor.state_.store(ActorState::running, std::memory_order_release);
  commit(turn);
  if (again) {
    actor.counters_.restarts.add();
    services_.events.restarted(actor);
  }
  return Step::turned;
}

TurnRunner::Step TurnRunner::run_envelope(ActorCell& actor, EnvelopePtr envelope) {
  if (envelope->kind == EnvelopeKind::reply) {
    reply_taken(actor, envelope->body.size());
    auto arrival = actor.correspondence().take(std::move(envelope), clock_.monotonic());
    if (!arrival) return Step::turned;
    actor.looks_for_messages_ = 0;
    return run_reply(actor, std::move(*arrival));
  }
  if (envelope->has_deadline() && envelope->deadline <= clock_.monotonic()) {
    services_.dead_letters.bury(std::move(envelope), actor.address(), DeadReason::expired);
    return Step::turned;
  }
  return run_message(actor, std::move(envelope));
}

TurnRunner::Step TurnRunner::run_message(ActorCell& actor, EnvelopePtr envelope) {
  Turn& turn = begin(actor);
  actor.looks_for_messages_ = 0;
  turn.message_ = envelope.get();
  turn.deadline_ = envelope->deadline;
  turn.distance_ = Ending::after(envelope->distance);
  turn.belongs_to(envelope->trace);
  Watch watched = watch(turn, envelope->trace, "handle-message", envelope->id);
  if (watched) {
    watched->sender = envelope->sender()->address().text();
    if (clock_.wall_ms() > envelope->sent_at_ms)
      watched->waited = std::chrono::milliseconds(clock_.wall_ms() - envelope->sent_at_ms);
  }
  TurnResult result = actor.behaviour_->handle_message(turn, view_of(*envelope));
  finish_message(actor, std::move(envelope), result);
  note(watched, result);
  return Step::turned;
}

void TurnRunner::begin_trace(Turn& turn) {
  if (!traces_.begins(turn.cell().number(), clock_.monotonic())) return;
  turn.trace();
  turn.name_span();
  turn.trace_.recorded = core::TraceContext::kTurns;
}

TurnRecord TurnRunner::begin_record(const Turn& turn, const core::TraceContext& cause, std::string_view turn_name,
                                    core::MessageId message) const {
  TurnRecord record{.trace = turn.trace_,
                    .parent_span = cause.span,
                    .actor = turn.self().text(),
                    .turn = turn_name,
                    .message = message,
                    .sender = {},
                    .start_ms = clock_.wall_ms(),
                    .start = {},
                    .duration = {},
                    .waited = {},
                    .outcome = {}};
  traces_.begin(record);
  return record;
}

void TurnRunner::note(Watch& watch, const TurnResult& result) const {
  if (watch) [[unlikely]] {
    traces_.end(*watch, outcome_word(result));
  }
}

bool TurnRunner::may_be_put_off(const ActorCell& actor, const TurnResult& result,
                                core::MonotonicTime& first_attempt) const noexcept {
  if (result.kind != TurnResult::Kind::failed || result.failure.kind != core::FailureKind::busy) return false;
  if (first_attempt.count() == 0) first_attempt = clock_.monotonic();
  return clock_.monotonic() - first_attempt < actor.behaviour_->busy_time_max();
}

TurnRunner::Step TurnRunner::run_reply(ActorCell& actor, Arrival&& arrival) {
  Turn& turn = begin(actor);
  turn.deadline_ = arrival.deadline;
  turn.distance_ = Ending::after(arrival.distance);
  turn.belongs_to(arrival.trace);
  Watch watched = watch(turn, arrival.trace, "handle-reply", arrival.id);
  const core::OutcomeView view{.id = arrival.id, .tag = arrival.tag, .outcome = &arrival.outcome};
  const TurnResult result = actor.behaviour_->handle_reply(turn, view);
  note(watched, result);
  if (result.kind == TurnResult::Kind::returned) {
    commit(turn);
    actor.retries_ = 0;
    return Step::turned;
  }
  arrival.keep_asked();
  if (may_be_put_off(actor, result, arrival.first_attempt)) {
    wait_for_room(actor);
    actor.put_off_arrival_ = std::make_unique<Arrival>(std::move(arrival));
    return Step::turned;
  }
  abort(turn);
  actor.counters_.failed.add();
  actor.retries_ = 0;
  const std::string why = with_denial(turn.is_cut_ ? turn.stopped_because_ : std::string_view(result.failure.text));
  if (turn.is_cut_) services_.ending.note_unhandled(arrival.distance);
  if (is_crash(result)) crash(actor, "handle-reply", nullptr, result);
  const bool busy = result.failure.kind == core::FailureKind::busy;
  const DeadReason reason = turn.is_cut_       ? DeadReason::target_stopped
                            : is_crash(result) ? DeadReason::crashed
                            : busy             ? DeadReason::never_had_room
                                               : DeadReason::rejected;
  bury_arrival(actor, std::move(arrival), reason, why);
  return Step::turned;
}

void TurnRunner::bury_arrival(ActorCell& actor, Arrival arrival, DeadReason reason, std::string_view why) {
  EnvelopePtr envelope = make_outcome(arrival.id, arrival.trace);
  if (arrival.asked != nullptr) envelope->author = ActorRef(&arrival.asked->target());
  if (arrival.outcome) {
    envelope->codec = arrival.outcome->codec;
    envelope->body = std::move(arrival.outcome->body);
  }
  services_.dead_letters.bury(std::move(envelope), actor.address(), reason, why);
}

void TurnRunner::end_instance(ActorCell& actor, core::RequestErrorKind owed, DeadReason reason) {
  actor.behaviour_->drop();
  const std::size_t waited = actor.correspondence().reset(owed);
  if (reason == DeadReason::target_stopped) services_.ending.note_unanswered(waited);
  actor.timers_.clear();
  actor.retry_at_ = {};
  actor.put_off_firing_.reset();
  if (actor.put_off_arrival_) bury_arrival(actor, std::move(*std::exchange(actor.put_off_arrival_, nullptr)), reason);
}

TurnRunner::Step TurnRunner::run_timer(ActorCell& actor, Timers::Due due) {
  Turn& turn = begin(actor);
  turn.distance_ = services_.ending.has_begun() ? Ending::kOfItsOwn : Ending::after(due.distance);
  if (due.trace.is_set()) {
    turn.belongs_to(due.trace);
  } else {
    begin_trace(turn);
  }
  Watch watched = watch(turn, due.trace, "handle-timer", {});
  const TurnResult result = actor.behaviour_->handle_timer(turn, due.firing);
  note(watched, result);
  if (result.kind == TurnResult::Kind::returned) {
    commit(turn);
    actor.retries_ = 0;
    return Step::turned;
  }
  if (may_be_put_off(actor, result, due.first_attempt)) {
    wait_for_room(actor);
    actor.put_off_firing_ = std::make_unique<Timers::Due>(due);
    return Step::turned;
  }
  abort(turn);
  actor.counters_.failed.add();
  actor.retries_ = 0;
  if (is_crash(result)) crash(actor, "handle-timer", nullptr, result);
  return Step::turned;
}

Turn& TurnRunner::begin(ActorCell& actor) {
  turn_->begin(actor, services_.ports, services_.clock, services_.random, clock_.now());
  return *turn_;
}

void TurnRunner::commit(Turn& turn, bool answers) {
  ActorCell& actor = turn.cell();
  if (turn.trace_.is_recorded()) [[unlikely]] {
    turn.share_record(answers);
  }
  // Requests are on the books before they leave, so that no answer can come too early.
  actor.correspondence().commit(turn);
  if (!turn.effects_.empty()) {
    std::size_t sent = 0;
    const auto target_of = [](const EnvelopePtr& effect) {
      return effect->edge == nullptr ? nullptr : &effect->edge->target();
    };
    for (auto effect = turn.effects_.begin(); effect != turn.effects_.end();) {
      ActorCell* const target = target_of(*effect);
      if (target == nullptr && sent < Correspondence::kSlice) sent += actor.correspondence().carry_out(*effect);
      if (sent >= Correspondence::kSlice || (target == nullptr && *effect != nullptr)) [[unlikely]] {
        // One turn's messages must not keep others waiting: the rest follows before the next one.
        if (*effect == nullptr) ++effect;
        actor.correspondence().put_by({effect, turn.effects_.end()});
        actor.note_owes();
        break;
      }
      if (target == nullptr) {
        ++effect;
        continue;
      }
      // What follows each other to one target is handed over at once.
      EnvelopeChain chain(std::move(*effect++));
      for (++sent; effect != turn.effects_.end() && target_of(*effect) == target; ++sent) chain.add(std::move(*effect++));
      target->deliver(std::move(chain));
    }
    actor.counters_.sent.add(sent);
    turn.effects_.clear();
    turn.effect_count_ = 0;
    turn.effect_bytes_ = 0;
    turn.copies_ = 0;
  }
  if (!turn.timer_changes_.empty()) {
    for (const auto& [tag, change] : turn.timer_changes_) {
      if (change.arm) {
        actor.timers_.arm(change.timer);
      } else {
        actor.timers_.disarm(tag);
      }
    }
    turn.timer_changes_.clear();
    turn.timers_more_ = 0;
  }
  turn.refused_.clear();
  // Nobody has to be woken: it is seen before its next turn. What others signal meanwhile may be lost with it, to one that
  // stops.
  if (turn.stops_) actor.signals_.store(bit(Signal::end), std::memory_order_relaxed);
  actor.counters_.handled.add();
}

bool TurnRunner::carry_on(ActorCell& actor) {
  if (!actor.correspondence().has_put_by()) return false;
  const auto sent = actor.correspondence().carry_on();
  actor.counters_.sent.add(sent.value_or(0));
  return sent.has_value();
}

void TurnRunner::abort(Turn& turn) noexcept {
  turn.cell().correspondence().abort(turn);
  turn.drop_effects();
}

void TurnRunner::finish_message(ActorCell& actor, EnvelopePtr envelope, TurnResult& result) {
  Turn& turn = *turn_;
  const bool asked = envelope->kind == EnvelopeKind::request;
  if (result.kind == TurnResult::Kind::returned && result.response.payload.body.size() > actor.limits().body_bytes) {
    result.kind = TurnResult::Kind::failed;
    result.failure = {core::FailureKind::internal, fmt::format("a reply of {} bytes is beyond the limit body_bytes = {}",
                                                               result.response.payload.body.size(), actor.limits().body_bytes)};
  }
  if (result.kind == TurnResult::Kind::returned && asked && result.response.kind == core::ResponseKind::later &&
      !actor.correspondence().answered_in_hand(turn) && !actor.correspondence().defer(*envelope)) {
    result.kind = TurnResult::Kind::failed;
    result.failure = {core::FailureKind::rejected,
                      fmt::format("owes {} answers already: the limit `deferred` is reached", actor.limits().deferred)};
  }
  if (result.kind == TurnResult::Kind::returned) {
    const bool answered = asked && actor.correspondence().answered_in_hand(turn);
    const bool answers = asked && !answered && result.response.kind != core::ResponseKind::later;
    commit(turn, answers);
    // Counted before its permit is back: who sees it back, and nothing else that is left, sees that it was handled.
    actor.counters_.messages.add();
    envelope->give_permit_back(permits_back_);
    actor.retries_ = 0;
    if (answers) answer(actor, std::move(envelope), std::move(result.response));
    return;
  }
  if (result.kind == TurnResult::Kind::failed && result.failure.kind == core::FailureKind::busy) {
    put_off(actor, std::move(envelope));
    return;
  }
  abort(turn);
  actor.counters_.failed.add();
  actor.retries_ = 0;
  if (!is_crash(result)) {
    if (!asked) result.failure.text = with_denial(result.failure.text);
    give_up(actor, std::move(envelope), DeadReason::rejected, core::RequestErrorKind::failed, result.failure);
    return;
  }
  crash(actor, "handle-message", envelope.get(), result);
  core::Failure failure{core::FailureKind::internal,
                        result.kind == TurnResult::Kind::trapped ? "the component trapped" : result.failure.text};
  if (turn.is_cut_) {
    failure.text = turn.stopped_because_;
    services_.ending.note_unhandled(envelope->distance);
  }
  if (!asked) failure.text = with_denial(failure.text);
  if (actor.stopped() && is_work_of_others(*envelope)) services_.stopped.add_unhandled(actor, 1);
  give_up(actor, std::move(envelope), turn.is_cut_ ? DeadReason::target_stopped : DeadReason::crashed,
          core::RequestErrorKind::failed, std::move(failure));
  // If it was its last crash, it was closed before this was counted.
  if (actor.stopped()) actor.correspondence().close();
}

void TurnRunner::answer(ActorCell& actor, EnvelopePtr request, core::Response response) {
  // The request has given its permit back, and its envelope has all that the outcome needs, in the cache.
  EnvelopePtr outcome = std::move(request);
  outcome->kind = EnvelopeKind::reply;
  outcome->attempt = 1;
  outcome->codec = response.payload.codec;
  outcome->body = std::move(response.payload.body);
  outcome->deadline = {};
  outcome->first_attempt = {};
  outcome->trace = turn_->trace_of_message();
  if (actor.correspondence().has_put_by()) [[unlikely]] {
    actor.correspondence().put_by({&outcome, 1});
    return;
  }
  ReplySlot& slot = *outcome->slot;
  slot.settle(std::move(outcome), actor);
}

void TurnRunner::put_off(ActorCell& actor, EnvelopePtr envelope) {
  clock_.look();
  const core::MonotonicTime now = clock_.monotonic();
  if (envelope->first_attempt.count() == 0) envelope->first_attempt = now;
  const bool too_long = now - envelope->first_attempt >= actor.behaviour_->busy_time_max();
  if (too_long || (envelope->has_deadline() && envelope->deadline <= now)) {
    abort(*turn_);
    actor.counters_.busy.add();
    actor.retries_ = 0;
    give_up(actor, std::move(envelope), DeadReason::never_had_room, core::RequestErrorKind::failed,
            {core::FailureKind::busy, {}});
    return;
  }
  if (envelope->attempt < std::numeric_limits<std::uint8_t>::max()) ++envelope->attempt;
  wait_for_room(actor);
  if (envelope->has_deadline()) actor.retry_at_ = std::min(actor.retry_at_, envelope->deadline);
  actor.queue_.push_front(std::move(envelope));
}

void TurnRunner::wait_for_room(ActorCell& actor) {
  actor.counters_.busy.add();
  // Whoever refused is remembered before the turn forgets it.
  std::vector<EdgePtr> refused = std::move(turn_->refused_);
  abort(*turn_);
  clock_.look();
  actor.retry_at_ = clock_.monotonic() + kFirstRetry * (std::int64_t{1} << std::min(actor.retries_, kRetryDoublings));
  if (actor.retries_ < kRetryDoublings) ++actor.retries_;
  for (EdgePtr& edge : refused) {
    // Room that is there by now is what this very turn had taken, and will be too little again: only time may help. To be
    // told of it at once would run the turn over and over.
    const ActorRef target(&edge->target());
    if (target->mailbox().has_fair_room() && edge->has_fair_share()) continue;
    target->mailbox().wait_for_room(ActorRef(&actor), std::move(edge));
  }
}

void TurnRunner::give_up(ActorCell& actor, EnvelopePtr envelope, DeadReason reason, core::RequestErrorKind kind,
                         core::Failure failure) {
  if (envelope->kind != EnvelopeKind::request) {
    services_.dead_letters.bury(std::move(envelope), actor.address(), reason, failure.text);
    return;
  }
  envelope->give_permit_back();
  actor.counters_.refused.add();
  EnvelopePtr outcome = make_outcome(envelope->id, envelope->trace);
  outcome->distance = envelope->distance;
  outcome->extra = core::make_counted<Extra>(core::RequestError{.kind = kind, .failure = std::move(failure), .text = {}});
  outcome->slot = std::move(envelope->slot);
  ReplySlot& slot = *outcome->slot;
  slot.settle(std::move(outcome), actor);
}

void TurnRunner::crash(ActorCell& actor, std::string_view turn_name, const Envelope* message, const TurnResult& result) {
  std::span<const std::string> log;
  if (actor.log_ != nullptr) log = actor.log_->recent;
  CrashReport report = crash_writer_->write({.address = actor.address(),
                                             .limits = actor.limits(),
                                             .behaviour = *actor.behaviour_,
                                             .log = log,
                                             .turn = turn_name,
                                             .result = result,
                                             .message = message,
                                             .stopped_because = turn_->stopped_because_,
                                             .denied = turn_->denied_});
  actor.counters_.trapped.add();
  actor.state_.store(ActorState::starting, std::memory_order_release);
  if (turn_->is_cut_) return end_cut(actor, report);

  clock_.look();
  const Directive directive = actor.supervisor().died({.child = actor.child(),
                                                       .reason = report.reason,
                                                       .message = message == nullptr ? core::MessageId{} : message->id,
                                                       .edge = message == nullptr ? nullptr : message->edge},
                                                      clock_.monotonic(), services_.random.next_u64());
  report.decision = directive.reason;
  if (directive.kind == Directive::Kind::restart) {
    actor.restart_at_ = directive.at;
    actor.next_start_ = {.reason = core::StartReason::restarted, .restarts = directive.restarts, .version = {}};
  }
  services_.events.crashed(actor, report);
  // After the report has its number: whose requests end now may ask for it.
  end_instance(actor, core::RequestErrorKind::interrupted, DeadReason::crashed);
  if (directive.kind == Directive::Kind::give_up) stop(actor, StopCause::gave_up, directive.reason);
}

void TurnRunner::end_cut(ActorCell& actor, CrashReport& report) {
  // Whoever was ordered to stop, or is to stop as all are, comes to that next: the order waits among its signals.
  if (services_.ending.is_ordered()) actor.signals_.fetch_or(bit(Signal::stop), std::memory_order_relaxed);
  const bool stops = (actor.signals_.load(std::memory_order_relaxed) & bit(Signal::stop)) != 0;
  report.decision = stops ? "it is stopped" : "a new instance is started";
  actor.restart_at_ = {};
  actor.next_start_ = {.reason = core::StartReason::restarted, .restarts = 0, .version = {}};
  services_.events.crashed(actor, report);
  end_instance(actor, stops ? core::RequestErrorKind::target_gone : core::RequestErrorKind::interrupted,
               DeadReason::target_stopped);
}

std::string TurnRunner::with_denial(std::string_view why) const {
  return actor::with_denial(why, turn_->self().text(), turn_->denied_);
}

void TurnRunner::restart(ActorCell& actor) {
  const bool starts_now = actor.state() == ActorState::starting && actor.restart_at_.count() == 0;
  if (starts_now) return;
  end_instance(actor, core::RequestErrorKind::interrupted, DeadReason::target_stopped);
  actor.state_.store(ActorState::starting, std::memory_order_release);
  actor.restart_at_ = {};
  actor.next_start_ = {.reason = core::StartReason::restarted, .restarts = 0, .version = {}};
}

void TurnRunner::show_books(ActorCell& actor) {
  ActorBooks books{.open_requests = actor.correspondence().open_requests(),
                   .owed_answers = actor.correspondence().owed_answers(),
                   .timers = actor.timers_.size()};
  actor.correspondence().add_targets(books);
  services_.inspections.show(actor, books);
}

void TurnRunner::stop(ActorCell& actor, StopCause cause, std::string_view why) {
  if (actor.stopped()) return;
  clock_.look();
  // All last turns together have a time; who comes after it has none.
  if (actor.state() == ActorState::running && !services_.ending.is_over_for_last_turns(clock_.monotonic())) {
    Turn& turn = begin(actor);
    turn.is_last_ = true;
    turn.distance_ = services_.ending.has_begun() ? Ending::kOfItsOwn : std::uint16_t{0};
    const TurnResult result = actor.behaviour_->stop(turn);
    if (result.kind == TurnResult::Kind::returned) {
      commit(turn);
    } else {
      abort(turn);
    }
  }
  while (carry_on(actor)) {
  }
  end_instance(actor, core::RequestErrorKind::target_gone, DeadReason::target_stopped);
  actor.restart_at_ = {};
  actor.memory_bytes_.store(0, std::memory_order_relaxed);
  services_.alarms.disarm(actor);
  actor.alarm_at_ = {};
  if (actor.counters_.trapped.read() > 0) actor.supervisor().ended(actor.child());
  // First, so that who looks for it finds it in the one place or the other.
  if (StoppedActors::keeps(actor, cause)) {
    services_.stopped.add({.actor = ActorRef(&actor), .cause = cause, .why = std::string(why), .time_ms = clock_.wall_ms()});
  }
  services_.registry.erase(actor);
  actor.state_.store(ActorState::stopped, std::memory_order_release);
  drain_stopped(actor);
  actor.mailbox_.dismiss_waiters();
  services_.events.stopped(actor, why);
}

void TurnRunner::retire(ActorCell& actor, std::string_view why) {
  clock_.look();
  if (actor.stopped()) return drain_stopped(actor);
  // An actor that sleeps has nothing in its mailbox but the mark of sleep.
  actor.take_over();
  actor.state_.store(ActorState::starting, std::memory_order_release);
  stop(actor, StopCause::system_ended, why);
}

void TurnRunner::drain_stopped(ActorCell& actor) {
  std::uint64_t unhandled = 0;
  do {
    while (EnvelopePtr envelope = actor.queue_.pop_front()) {
      if (envelope->kind == EnvelopeKind::reply) {
        reply_taken(actor, envelope->body.size());
        // Nobody here waits for it any more: an orphan like any other, counted where all of them are.
        actor.correspondence().take(std::move(envelope), clock_.monotonic());
        continue;
      }
      if (is_work_of_others(*envelope)) ++unhandled;
      services_.ending.note_unhandled(envelope->distance);
      give_up(actor, std::move(envelope), DeadReason::target_stopped, core::RequestErrorKind::target_gone, {});
    }
  } while (actor.mailbox_.take_into(actor.queue_));
  services_.stopped.add_unhandled(actor, unhandled);
  give_reply_bytes_back(actor);
  // Each time: what came too late has been counted since.
  actor.correspondence().close();
}

TurnRunner::Next TurnRunner::rest(ActorCell& actor) {
  leave(actor);
  if (actor.alarm_at_.count() != 0 || may_wait_for_time(actor)) {
    set_alarm(actor,
              std::min(actor.correspondence().next_deadline().value_or(kNever), actor.timers_.next_due().value_or(kNever)));
  }
  if (!actor.mailbox_.try_sleep()) return Next::again;
  // A signal that came before the sleep found the actor awake: it is for us to see it.
  if (actor.signals_.load(std::memory_order_seq_cst) != 0 && actor.mailbox_.wake()) return Next::again;
  return Next::asleep;
}

TurnRunner::Next TurnRunner::suspend(ActorCell& actor, core::MonotonicTime until) {
  leave(actor);
  core::MonotonicTime alarm = until;
  if (actor.state() == ActorState::running) {
    // What waits behind an outcome or a firing that is put off may be due already: an alarm for it would ring for ever.
    if (!actor.put_off_firing_) alarm = std::min(alarm, actor.timers_.next_due().value_or(alarm));
    if (!actor.put_off_arrival_) alarm = std::min(alarm, actor.correspondence().next_deadline().value_or(alarm));
  }
  set_alarm(actor, alarm);
  actor.suspended_.store(true, std::memory_order_seq_cst);
  if (actor.signals_.load(std::memory_order_seq_cst) != 0 && actor.suspended_.exchange(false, std::memory_order_seq_cst)) {
    return Next::again;
  }
  return Next::suspended;
}

void TurnRunner::set_alarm(ActorCell& actor, core::MonotonicTime when) {
  if (actor.alarm_at_.count() == 0) {
    if (when == kNever) return;
  } else if (actor.alarm_at_ == when || (actor.alarm_at_ < when && actor.alarm_at_ - clock_.monotonic() <= kAlarmMayBeEarly)) {
    return;
  }
  if (when == kNever) {
    actor.alarm_at_ = {};
    services_.alarms.disarm(actor);
  } else {
    actor.alarm_at_ = when;
    services_.alarms.arm(actor, when);
  }
}

void TurnRunner::reply_taken(ActorCell& actor, core::Bytes bytes) noexcept {
  reply_bytes_back_ += bytes;
  if (reply_bytes_back_ > actor.limits().reply_bytes / kPartOfReplyBytes) give_reply_bytes_back(actor);
}

void TurnRunner::give_reply_bytes_back(ActorCell& actor) noexcept {
  if (reply_bytes_back_ == 0) return;
  actor.waiting_reply_bytes_.fetch_sub(std::exchange(reply_bytes_back_, 0), std::memory_order_relaxed);
}

void TurnRunner::leave(ActorCell& actor) noexcept {
  permits_back_.flush();
  give_reply_bytes_back(actor);
  // What it owes is on the books of who asked: they wait for as long as they are open there.
  std::uint32_t outlook = 0;
  if (may_wait_for_time(actor)) {
    if (actor.correspondence().open_requests() > 0 || actor.correspondence().has_put_by()) outlook |= ActorCell::kOwesNow;
    if (actor.timers_.fire_once() > 0) outlook |= ActorCell::kPromises;
  }
  if (actor.put_off_arrival_ != nullptr) outlook |= ActorCell::kOwesNow;
  if (actor.put_off_firing_ != nullptr) outlook |= ActorCell::kPromises;
  if (actor.outlook_.load(std::memory_order_relaxed) != outlook) actor.outlook_.store(outlook, std::memory_order_release);
  if (!actor.stopped()) actor.memory_bytes_.store(actor.behaviour_->memory_bytes(), std::memory_order_relaxed);
}

}  // namespace airssys::actor
