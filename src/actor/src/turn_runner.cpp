#include "airssys/actor/turn_runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

#include "airssys/actor/told.hpp"
#include "airssys/core/plural.hpp"
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
      turn_(std::make_unique<Transaction>(services.ports, services.clock, services.random)),
      crash_writer_(std::make_unique<CrashWriter>(services.clock)),
      clock_(services.clock, services.ticks),
      traces_(services.clock, services.traces) {
  turn_->commit().permits = &permits_back_;
}

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

Transaction& TurnRunner::begin(ActorCell& actor, TurnKind kind) {
  turn_->begin(actor, kind, clock_.now());
  return *turn_;
}

TurnRunner::Step TurnRunner::start(ActorCell& actor) {
  actor.restart_at_ = {};
  Transaction& turn = begin(actor, TurnKind::initialize);
  turn.has_distance(Ending::kOfItsOwn);
  begin_trace(turn);
  Watch watched = watch(turn, {}, {});
  TurnResult result = actor.behaviour_->start(turn, actor.next_start_);
  note(watched, result);
  const bool again = actor.next_start_.reason == core::StartReason::restarted;
  if (again) actor.supervisor().started(actor.child(), result);
  if (classify(turn.kind(), result) == TurnEnding::stands) actor.state_.store(ActorState::running, std::memory_order_release);
  conclude(turn, result);
  if (again && actor.state() == ActorState::running) {
    actor.counters_.restarts.add();
    services_.events.restarted(actor);
  }
  return Step::turned;
}

TurnRunner::Step TurnRunner::run_envelope(ActorCell& actor, EnvelopePtr envelope) {
  if (envelope->kind == EnvelopeKind::reply) {
    reply_taken(actor, envelope->body.size());
    auto arrival = actor.correspondence().take(*envelope, clock_.monotonic());
    if (envelope->author) [[unlikely]] {
      end_without_turn(actor, std::move(envelope), DeadReason::orphaned_reply);
    }
    if (!arrival) return Step::turned;
    envelope.reset();
    actor.looks_for_messages_ = 0;
    return run_reply(actor, std::move(*arrival));
  }
  if (envelope->has_deadline() && envelope->deadline <= clock_.monotonic()) {
    end_without_turn(actor, std::move(envelope), DeadReason::expired);
    return Step::turned;
  }
  return run_message(actor, std::move(envelope));
}

TurnRunner::Step TurnRunner::run_message(ActorCell& actor, EnvelopePtr consumed) {
  Transaction& turn = begin(actor, TurnKind::message);
  Envelope& envelope = *consumed;
  turn.commit().consumed = std::move(consumed);
  actor.looks_for_messages_ = 0;
  turn.has_in_hand(envelope);
  turn.has_distance(Ending::after(envelope.distance));
  turn.belongs_to(envelope.trace);
  Watch watched = watch(turn, envelope.trace, envelope.id);
  if (watched) {
    watched->sender = envelope.sender()->address().text();
    if (clock_.wall_ms() > envelope.sent_at_ms) {
      watched->waited = std::chrono::milliseconds(clock_.wall_ms() - envelope.sent_at_ms);
    }
  }
  TurnResult result = actor.behaviour_->handle_message(turn, view_of(envelope));
  const core::Response& response = result.response;
  if (response.kind == core::ResponseKind::later || response.payload.body.size() > actor.limits().body_bytes) [[unlikely]] {
    check_response(actor, envelope, result);
  }
  note(watched, result);
  conclude(turn, result);
  return Step::turned;
}

TurnRunner::Step TurnRunner::run_reply(ActorCell& actor, Arrival&& arrival) {
  Transaction& turn = begin(actor, TurnKind::reply);
  turn.commit().outcome_of = arrival.id;
  arrival_ = &arrival;
  turn.has_deadline(arrival.deadline);
  turn.has_distance(Ending::after(arrival.distance));
  turn.belongs_to(arrival.trace);
  Watch watched = watch(turn, arrival.trace, arrival.id);
  const core::OutcomeView view{.id = arrival.id, .tag = arrival.tag, .outcome = &arrival.outcome};
  TurnResult result = actor.behaviour_->handle_reply(turn, view);
  if (result.kind != TurnResult::Kind::returned) arrival.keep_asked();
  note(watched, result);
  conclude(turn, result);
  return Step::turned;
}

TurnRunner::Step TurnRunner::run_timer(ActorCell& actor, Timers::Due due) {
  Transaction& turn = begin(actor, TurnKind::timer);
  due_ = &due;
  turn.has_distance(services_.ending.has_begun() ? Ending::kOfItsOwn : Ending::after(due.distance));
  if (due.trace.is_set()) {
    turn.belongs_to(due.trace);
  } else {
    begin_trace(turn);
  }
  Watch watched = watch(turn, due.trace, {});
  TurnResult result = actor.behaviour_->handle_timer(turn, due.firing);
  note(watched, result);
  conclude(turn, result);
  return Step::turned;
}

void TurnRunner::begin_trace(Transaction& turn) {
  if (traces_.begins(turn.cell().number(), clock_.monotonic())) turn.begin_recorded_trace();
}

TurnRecord TurnRunner::begin_record(const Transaction& turn, const core::TraceContext& cause, core::MessageId message) const {
  TurnRecord record{.trace = turn.trace_so_far(),
                    .parent_span = cause.span,
                    .actor = turn.self().text(),
                    .turn = name_of(turn.kind()),
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

void TurnRunner::end_record(TurnRecord& record, const TurnResult& result) const {
  traces_.end(record, outcome_word(result));
}

void TurnRunner::check_response(ActorCell& actor, Envelope& request, TurnResult& result) {
  if (result.kind != TurnResult::Kind::returned) return;
  const std::size_t bytes = result.response.payload.body.size();
  if (bytes > actor.limits().body_bytes) {
    result.kind = TurnResult::Kind::failed;
    result.failure = {core::FailureKind::internal,
                      fmt::format("a reply of {} bytes is beyond the limit body_bytes = {}", bytes, actor.limits().body_bytes)};
    return;
  }
  if (request.kind == EnvelopeKind::request && result.response.kind == core::ResponseKind::later &&
      !actor.correspondence().answered_in_hand() && !actor.correspondence().defer(request)) {
    result.kind = TurnResult::Kind::failed;
    result.failure = {core::FailureKind::rejected, fmt::format("owes {} already: the limit `deferred` is reached",
                                                               core::plural(actor.limits().deferred, "answer"))};
  }
}

void TurnRunner::stand(Transaction& turn, core::Response& response) {
  ActorCell& actor = turn.cell();
  Commit& commit = turn.commit();
  const bool asked = commit.consumed != nullptr && commit.consumed->kind == EnvelopeKind::request;
  const bool answers = asked && response.kind != core::ResponseKind::later && !actor.correspondence().answered_in_hand();
  if (turn.trace_so_far().is_recorded()) [[unlikely]] {
    turn.share_record(answers);
  }
  if (answers) {
    commit.consumed->trace = turn.trace_of_message();
    commit.answer = &response.payload;
  }
  commit.kind = CommitKind::stands;
  services_.door.release(commit);
  actor.retries_ = 0;
  turn.forget_effects();
  turn.forget_refusals();
  if (!commit.timers.empty()) apply_timers(turn);
  // Nobody has to be woken: it is seen before its next turn. What others signal meanwhile may be lost with it, to one that
  // stops.
  if (turn.stops_itself()) actor.signals_.store(bit(Signal::end), std::memory_order_relaxed);
}

void TurnRunner::apply_timers(Transaction& turn) {
  for (const auto& [tag, change] : turn.commit().timers) {
    if (change.arm) {
      turn.cell().timers_.arm(change.timer);
    } else {
      turn.cell().timers_.disarm(tag);
    }
  }
  turn.forget_timers();
}

bool TurnRunner::carry_on(ActorCell& actor) {
  if (!actor.correspondence().has_put_by()) return false;
  clock_.look();
  if (services_.ending.is_over_for_last_turns(clock_.monotonic())) {
    give_up_put_by(actor);
    return false;
  }
  const auto sent = actor.correspondence().carry_on(services_.door.at_once());
  actor.counters_.sent.add(sent.value_or(0));
  return sent.has_value();
}

void TurnRunner::give_up_put_by(ActorCell& actor) {
  constexpr std::string_view kWhy = "the system ended before it was sent";
  VolatileSink& sink = services_.door.at_once();
  for (EnvelopePtr& effect : actor.correspondence().take_put_by()) {
    if (effect->kind == EnvelopeKind::reply) {
      sink.outcome(std::move(effect), actor);
      continue;
    }
    if (effect->kind == EnvelopeKind::subscribe || effect->kind == EnvelopeKind::unsubscribe) continue;
    services_.ending.note_unhandled(effect->distance);
    // An event has no target of its own.
    const ActorRef target(effect->edge == nullptr ? &actor : &effect->edge->target());
    if (effect->edge == nullptr) effect->author = ActorRef(&actor);
    sink.dead_letter(std::move(effect), target->address(), DeadReason::target_stopped, kWhy);
  }
}

void TurnRunner::abort(Transaction& turn) noexcept {
  turn.cell().correspondence().abort();
  turn.drop_effects();
}

void TurnRunner::undo(Transaction& turn, TurnResult& result, TurnEnding ending) {
  ActorCell& actor = turn.cell();
  abort(turn);
  actor.retries_ = 0;
  if (turn.kind() == TurnKind::stop) return;
  const bool never_had_room = ending == TurnEnding::busy && turn.kind() == TurnKind::message;
  if (turn.kind() != TurnKind::initialize) (never_had_room ? actor.counters_.busy : actor.counters_.failed).add();
  turn.commit().kind = CommitKind::undone;
  if (ending == TurnEnding::died) {
    // Before the crash, which drops the instance and its trap with it.
    const bool tells = result.kind == TurnResult::Kind::trapped && turn.kind() == TurnKind::message;
    if (tells) result.failure = {core::FailureKind::internal, told_of(actor.behaviour_->trap(), turn.budget().stopped_because)};
    crash(turn, result);
  }
  give_up_in_hand(turn, result, ending);
  services_.door.release(turn.commit());
  // If it was its last crash, it was closed before this was counted.
  if (actor.stopped()) actor.correspondence().close();
}

void TurnRunner::give_up_in_hand(Transaction& turn, TurnResult& result, TurnEnding ending) {
  const bool is_cut = turn.budget().is_cut;
  const DeadReason reason = is_cut                       ? DeadReason::target_stopped
                            : ending == TurnEnding::died ? DeadReason::crashed
                            : ending == TurnEnding::busy ? DeadReason::never_had_room
                                                         : DeadReason::rejected;
  Commit& commit = turn.commit();
  if (turn.kind() == TurnKind::reply) {
    if (is_cut) services_.ending.note_unhandled(arrival_->distance);
    commit.consumed = outcome_again(std::move(*arrival_));
    commit.dead.emplace(reason, with_denial(is_cut ? turn.budget().stopped_because : std::string_view(result.failure.text)));
  } else if (turn.kind() == TurnKind::message) {
    core::Failure failure = std::move(result.failure);
    if (is_cut) {
      failure.text = turn.budget().stopped_because;
      services_.ending.note_unhandled(commit.consumed->distance);
    }
    if (ending == TurnEnding::busy) failure.text.clear();
    if (ending != TurnEnding::busy && commit.consumed->kind != EnvelopeKind::request) {
      failure.text = with_denial(failure.text);
    }
    if (turn.cell().stopped() && is_work_of_others(*commit.consumed)) services_.stopped.add_unhandled(turn.cell(), 1);
    give_up(commit, reason, core::RequestErrorKind::failed, std::move(failure));
  }
}

void TurnRunner::give_up(Commit& commit, DeadReason reason, core::RequestErrorKind kind, core::Failure failure) {
  if (commit.consumed->kind != EnvelopeKind::request) {
    commit.dead.emplace(reason, std::move(failure.text));
    return;
  }
  const EnvelopePtr request = std::move(commit.consumed);
  request->give_permit_back();
  commit.actor->counters_.refused.add();
  commit.consumed = make_outcome(request->id, request->trace);
  commit.consumed->distance = request->distance;
  commit.consumed->extra =
      core::make_counted<Extra>(core::RequestError{.kind = kind, .failure = std::move(failure), .text = {}});
  commit.consumed->slot = std::move(request->slot);
}

EnvelopePtr TurnRunner::outcome_again(Arrival arrival) {
  EnvelopePtr envelope = make_outcome(arrival.id, arrival.trace);
  if (arrival.asked != nullptr) envelope->author = ActorRef(&arrival.asked->target());
  if (arrival.outcome) {
    envelope->codec = arrival.outcome->codec;
    envelope->body = std::move(arrival.outcome->body);
  }
  return envelope;
}

Commit& TurnRunner::without_turn(ActorCell& actor) noexcept {
  aside_.kind = CommitKind::without_turn;
  aside_.actor = &actor;
  return aside_;
}

void TurnRunner::end_without_turn(ActorCell& actor, EnvelopePtr consumed, DeadReason reason) {
  Commit& commit = without_turn(actor);
  commit.consumed = std::move(consumed);
  commit.dead.emplace(reason, std::string());
  services_.door.release(commit);
}

void TurnRunner::end_instance(Commit& commit, core::RequestErrorKind owed, DeadReason reason) {
  ActorCell& actor = *commit.actor;
  actor.behaviour_->drop();
  const std::size_t waited = actor.correspondence().reset(owed, commit.effects);
  if (reason == DeadReason::target_stopped) services_.ending.note_unanswered(waited);
  actor.timers_.clear();
  actor.retry_at_ = {};
  actor.put_off_firing_.reset();
  if (actor.put_off_arrival_) {
    end_without_turn(actor, outcome_again(std::move(*std::exchange(actor.put_off_arrival_, nullptr))), reason);
  }
}

bool TurnRunner::put_off(Transaction& turn) {
  ActorCell& actor = turn.cell();
  switch (turn.kind()) {
    case TurnKind::message:
      return put_off_message(turn);
    case TurnKind::reply:
      if (!may_be_put_off(actor, arrival_->first_attempt)) return false;
      wait_for_room(turn);
      actor.put_off_arrival_ = std::make_unique<Arrival>(std::move(*arrival_));
      return true;
    case TurnKind::timer:
      if (!may_be_put_off(actor, due_->first_attempt)) return false;
      wait_for_room(turn);
      actor.put_off_firing_ = std::make_unique<Timers::Due>(*due_);
      return true;
    case TurnKind::initialize:
    case TurnKind::stop:
      return false;
  }
  return false;
}

bool TurnRunner::put_off_message(Transaction& turn) {
  ActorCell& actor = turn.cell();
  Envelope& envelope = *turn.commit().consumed;
  clock_.look();
  const bool expired = envelope.has_deadline() && envelope.deadline <= clock_.monotonic();
  if (!may_be_put_off(actor, envelope.first_attempt) || expired) return false;
  if (envelope.attempt < std::numeric_limits<std::uint8_t>::max()) ++envelope.attempt;
  wait_for_room(turn);
  if (envelope.has_deadline()) actor.retry_at_ = std::min(actor.retry_at_, envelope.deadline);
  actor.queue_.push_front(std::move(turn.commit().consumed));
  return true;
}

bool TurnRunner::may_be_put_off(const ActorCell& actor, core::MonotonicTime& first_attempt) const noexcept {
  if (first_attempt.count() == 0) first_attempt = clock_.monotonic();
  return clock_.monotonic() - first_attempt < actor.behaviour_->busy_time_max();
}

void TurnRunner::wait_for_room(Transaction& turn) {
  ActorCell& actor = turn.cell();
  actor.counters_.busy.add();
  // Whoever refused is remembered before the turn forgets it.
  std::vector<EdgePtr> refused = turn.take_refusals();
  abort(turn);
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

void TurnRunner::crash(Transaction& turn, const TurnResult& result) {
  ActorCell& actor = turn.cell();
  std::span<const std::string> log;
  if (actor.log_ != nullptr) log = actor.log_->recent;
  CrashReport report = crash_writer_->write({.address = actor.address(),
                                             .limits = actor.limits(),
                                             .behaviour = *actor.behaviour_,
                                             .log = log,
                                             .turn = name_of(turn.kind()),
                                             .result = result,
                                             .message = turn.message(),
                                             .stopped_because = turn.budget().stopped_because,
                                             .denied = turn.denied()});
  actor.counters_.trapped.add();
  actor.state_.store(ActorState::starting, std::memory_order_release);
  if (turn.budget().is_cut) return end_cut(turn, report);

  clock_.look();
  const Envelope* const message = turn.message();
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
  end_instance(turn.commit(), core::RequestErrorKind::interrupted, DeadReason::crashed);
  if (directive.kind == Directive::Kind::give_up) stop(actor, StopCause::gave_up, directive.reason);
}

void TurnRunner::end_cut(Transaction& turn, CrashReport& report) {
  ActorCell& actor = turn.cell();
  // Whoever was ordered to stop, or is to stop as all are, comes to that next: the order waits among its signals.
  if (services_.ending.is_ordered()) actor.signals_.fetch_or(bit(Signal::stop), std::memory_order_relaxed);
  const bool stops = (actor.signals_.load(std::memory_order_relaxed) & bit(Signal::stop)) != 0;
  report.decision = stops ? "it is stopped" : "a new instance is started";
  actor.restart_at_ = {};
  actor.next_start_ = {.reason = core::StartReason::restarted, .restarts = 0, .version = {}};
  services_.events.crashed(actor, report);
  end_instance(turn.commit(), stops ? core::RequestErrorKind::target_gone : core::RequestErrorKind::interrupted,
               DeadReason::target_stopped);
}

std::string TurnRunner::with_denial(std::string_view why) const {
  return actor::with_denial(why, turn_->self().text(), turn_->denied());
}

void TurnRunner::restart(ActorCell& actor) {
  const bool starts_now = actor.state() == ActorState::starting && actor.restart_at_.count() == 0;
  if (starts_now) return;
  Commit& commit = without_turn(actor);
  end_instance(commit, core::RequestErrorKind::interrupted, DeadReason::target_stopped);
  services_.door.release(commit);
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
    Transaction& turn = begin(actor, TurnKind::stop);
    turn.has_distance(services_.ending.has_begun() ? Ending::kOfItsOwn : std::uint16_t{0});
    TurnResult result = actor.behaviour_->stop(turn);
    conclude(turn, result);
  }
  while (carry_on(actor)) {
  }
  Commit& commit = without_turn(actor);
  end_instance(commit, core::RequestErrorKind::target_gone, DeadReason::target_stopped);
  services_.door.release(commit);
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
        actor.correspondence().take(*envelope, clock_.monotonic());
        if (envelope->author) end_without_turn(actor, std::move(envelope), DeadReason::orphaned_reply);
        continue;
      }
      if (is_work_of_others(*envelope)) ++unhandled;
      services_.ending.note_unhandled(envelope->distance);
      Commit& commit = without_turn(actor);
      commit.consumed = std::move(envelope);
      give_up(commit, DeadReason::target_stopped, core::RequestErrorKind::target_gone, {});
      services_.door.release(commit);
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
    // Once the end has begun, nobody waits for requests that nothing accepted has caused, as those of timers.
    const Correspondence& books = actor.correspondence();
    const bool owes = services_.ending.has_begun() ? books.has_accepted_requests() : books.open_requests() > 0;
    if (owes || books.has_put_by()) outlook |= ActorCell::kOwesNow;
    if (actor.timers_.fire_once() > 0) outlook |= ActorCell::kPromises;
  }
  if (actor.put_off_arrival_ != nullptr) outlook |= ActorCell::kOwesNow;
  if (actor.put_off_firing_ != nullptr) outlook |= ActorCell::kPromises;
  if (actor.outlook_.load(std::memory_order_relaxed) != outlook) actor.outlook_.store(outlook, std::memory_order_release);
  if (!actor.stopped()) actor.memory_bytes_.store(actor.behaviour_->memory_bytes(), std::memory_order_relaxed);
}

}  // namespace airssys::actor
