#include "reference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "program.hpp"

namespace airssys::model {
namespace {

constexpr std::uint64_t kBusyMostMs = 30'000;

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

std::uint64_t number(std::string_view word) {
  std::uint64_t value = 0;
  std::from_chars(word.data(), word.data() + word.size(), value);
  return value;
}

unsigned actor_of(std::string_view address) {
  constexpr std::string_view kActors = "model/actor/";
  return address.starts_with(kActors) ? static_cast<unsigned>(number(address.substr(kActors.size()))) : 255;
}

}  // namespace

template <typename... Arguments>
void Reference::wrong(std::string_view format, const Arguments&... arguments) {
  constexpr std::size_t kMost = 20;
  if (wrongs_.size() < kMost) {
    wrongs_.push_back(fmt::format(fmt::runtime(format), arguments...) +
                      (now_reading_.empty() ? std::string() : "\n    in: " + now_reading_));
  }
}

std::vector<std::string> Reference::judge(const Recording& recording) {
  wrongs_ = recording.defects;
  for (const Journal::Entry& entry : recording.journal) read(entry);
  now_reading_.clear();
  // A system that never came to rest has no end to judge.
  if (!recording.defects.empty()) return wrongs_;
  for (auto& [number_of, actor] : actors_) was_stopped_[number_of] = true;
  judge_letters(recording);
  judge_requests();
  judge_books(recording);
  judge_stats(recording);
  return wrongs_;
}

void Reference::read(const Journal::Entry& entry) {
  now_reading_ = entry.source + " " + entry.text;
  const Words words = split(entry.text);
  if (entry.source == "host") return read_host(words);
  const unsigned actor = actor_of(entry.source);
  if (actor != kHost) read_turn(actor, words);
}

// ---- what the host did ------------------------------------------------------------------------------------------------

void Reference::read_host(const Words& words) {
  const auto actor = [&] { return static_cast<unsigned>(number(words[1])); };
  if (words[0] == "spawn") {
    const auto places = std::move(actors_[actor()].last_place);
    if (actors_.at(actor()).incarnation != 0) was_stopped_[actor()] = true;
    actors_[actor()] = Actor{};
    actors_[actor()].incarnation = static_cast<unsigned>(number(words[2]));
    actors_[actor()].last_place = places;
  } else if (words[0] == "stop") {
    actors_[actor()].stop_ordered = true;
  } else if (words[0] == "will") {
    host_will(words);
  } else if (words[0] == "did" && words[2] != "ok") {
    count_refusal(words[2]);
    for (auto& [key, message] : by_identity_) {
      if (key.first != number(words[1])) continue;
      if (message->fate != Fate::waiting) wrong("a message was handled whose sending was refused");
      message->fate = Fate::stood;
      message->maybe = true;
      requests_.erase(message->identity);
    }
  } else if (words[0] == "did") {
    const auto found = requests_.find(number(words[1]));
    if (found != requests_.end()) ++service_.requests_opened;
  } else if (words[0] == "outcome") {
    host_was_told(words);
  }
}

void Reference::host_will(const Words& words) {
  Message& message = add_message(words[1], kHost, static_cast<unsigned>(number(words[2])), number(words[3]), number(words[4]));
  if (words[1] != "request") return;
  Request& request = requests_[message.identity];
  request.message = &message;
  request.requester = kHost;
  request.asked_at = number(words[5]);
  request.timeout_ms = number(words[6]);
  request.deadline = request.asked_at + request.timeout_ms;
}

void Reference::host_was_told(const Words& words) {
  const auto found = requests_.find(number(words[1]));
  if (found == requests_.end()) return wrong("an outcome of a request that the host never made");
  told(found->second, words[2], number(words[3]), number(words[4]), ~std::uint64_t{0}, 0);
}

// ---- a turn -----------------------------------------------------------------------------------------------------------

void Reference::read_turn(unsigned number_of, const Words& words) {
  Turn turn = parse(number_of, words);
  Actor& actor = actors_[number_of];
  if (number(words[0]) != actor.incarnation) return wrong("a turn of an actor that was replaced");
  if (actor.stopped) return wrong("a turn after the last one");
  begin(turn);
  judge_calls(turn);
  judge_end(turn);
  ++seen_[fmt::format("{} ends as {}", turn.subject[0], turn.ends_as)];
  for (const Words& call : turn.calls)
    ++seen_[fmt::format("{} {}", call[0], call.back().size() > 20 ? "" : call[0] == "request" ? call[4] : call.back())];
  if (turn.stands) commit(turn);
  finish(turn);
}

Reference::Turn Reference::parse(unsigned actor, const Words& words) {
  Turn turn;
  turn.actor = actor;
  turn.now = number(words[1]);
  Words* part = &turn.subject;
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (words[i] == ";") {
      part = &turn.calls.emplace_back();
    } else if (words[i] == "=") {
      part = &turn.end;
    } else {
      part->push_back(words[i]);
    }
  }
  return turn;
}

void Reference::begin(Turn& turn) {
  Actor& actor = actors_[turn.actor];
  turn.timers = actor.timers;
  turn.subscribed = actor.subscribed;
  const std::string_view subject = turn.subject[0];
  if (subject == "start") return begin_start(turn);
  if (!actor.lives) return wrong("a turn without an instance");
  if (subject == "stop") {
    if (!actor.stop_ordered) wrong("a last turn that nobody ordered");
  } else if (subject == "timer") {
    begin_timer(turn);
  } else if (subject == "outcome") {
    begin_outcome(turn);
  } else {
    begin_message(turn);
  }
}

void Reference::begin_start(Turn& turn) {
  Actor& actor = actors_[turn.actor];
  if (actor.lives) wrong("a start of an actor that lives");
  const bool first = turn.subject[1] == "first";
  if (first != (actor.crashes == 0)) wrong("started as {} after {} crashes", turn.subject[1], actor.crashes);
  if (!first && number(turn.subject[2]) != actor.crashes) wrong("told of {} restarts, not {}", turn.subject[2], actor.crashes);
  if (!first && by_hand_) {
    // 10 ms, doubled each time up to 100 ms, spread by up to a quarter.
    const std::uint64_t most = std::min<std::uint64_t>(100, 10ULL << std::min(actor.crashes - 1, 10U)) * 5 / 4 + 1;
    if (turn.now - actor.crashed_at > most) wrong("restarted after {} ms", turn.now - actor.crashed_at);
  }
  actor.lives = true;
}

void Reference::begin_message(Turn& turn) {
  const std::uint64_t id = number(turn.subject[1]);
  const Identity identity = number(turn.subject[2]);
  const auto found = by_identity_.find({identity, turn.actor});
  if (found == by_identity_.end()) return wrong("a message that no standing turn has sent to it");
  Message& message = *found->second;
  turn.message = &message;
  if (message.kind != turn.subject[0]) wrong("sent as {}", message.kind);
  if (message.from != actor_of(turn.subject[3])) wrong("the sender is not who sent it");
  if (message.fate == Fate::stood || message.fate == Fate::failed) wrong("a message twice");
  if (message.given_up) wrong("a message again after one that was behind it");
  if (message.id != 0 && message.id != id) wrong("another id at another attempt");
  const auto known = by_id_.emplace(id, identity).first;
  if (known->second != identity) wrong("a message id that was used before");
  message.id = id;
  message.maybe = false;
  in_order(message.from, turn.actor, message.place, message.fate == Fate::put_off, "message");
  passes_head(turn);
  if (message.kind == "request") {
    turn.request_in_hand = id;
    Request& request = requests_.at(identity);
    turn.deadline = request.deadline;
    if (by_hand_ && request.deadline && turn.now > *request.deadline)
      wrong("a request {} ms past its deadline", turn.now - *request.deadline);
  }
}

void Reference::begin_outcome(Turn& turn) {
  Actor& actor = actors_[turn.actor];
  const std::uint64_t id = number(turn.subject[1]);
  const auto known = by_id_.find(id);
  if (known == by_id_.end() || !requests_.contains(known->second)) return wrong("an outcome of a request that was never made");
  Request& request = requests_.at(known->second);
  turn.outcome = &request;
  if (number(turn.subject[3]) != known->second) wrong("an outcome with another tag");
  const std::string_view word = turn.subject[4];
  if (request.put_off) {
    actor.free_since = turn.now;
    if (actor.outcome_put_off != id) wrong("an outcome comes again that was not put off");
    if (word != request.told) wrong("an outcome comes again as another");
  } else if (request.stage != Stage::open || !actor.asked.contains(id)) {
    wrong("an outcome of a request that is not open here");
  } else {
    passes_outcome(turn);
    actor.asked.erase(id);
    told(request, word, number(turn.subject[5]), number(turn.subject[6]), turn.now, actor.free_since);
  }
  turn.deadline = request.turn_deadline;
  if (word != "timeout") {
    if (request.place != 0) in_order(request.message->to, turn.actor, request.place, request.put_off, "answer");
    passes_head(turn);
  }
}

void Reference::begin_timer(Turn& turn) {
  Actor& actor = actors_[turn.actor];
  const std::array<std::uint64_t, 3> firing{number(turn.subject[1]), number(turn.subject[2]), number(turn.subject[3])};
  const auto [tag, due, missed] = firing;
  if (actor.firing_put_off) {
    if (*actor.firing_put_off != firing) wrong("a firing before one that was put off");
    actor.timers_free_since = turn.now;
    return;
  }
  const auto found = actor.timers.find(tag);
  if (found == actor.timers.end()) return wrong("a timer that is not armed");
  Timer& timer = found->second;
  if (due != timer.due + missed * timer.period)
    wrong("due at {}, armed for {} + {} x {}", due, timer.due, missed, timer.period);
  if (timer.period == 0 && missed != 0) wrong("missed firings of a timer that fires once");
  if (turn.now < due) wrong("a timer {} ms early", due - turn.now);
  const std::uint64_t expected = std::max(due, actor.timers_free_since);
  if (by_hand_ && turn.now > expected + 1) wrong("a timer {} ms late", turn.now - expected);
  if (timer.period == 0) {
    actor.timers.erase(found);
  } else {
    timer.due = due + timer.period;
  }
  turn.timers = actor.timers;
}

void Reference::in_order(unsigned from, unsigned to, std::uint64_t place, bool again, std::string_view what) {
  std::uint64_t& last = actors_[to].last_place[from];
  if (again ? place != last : place <= last) wrong("out of order: {} {} of {} after {}", what, place, from, last);
  last = std::max(last, place);
}

/// What was put off keeps its place at the head, unless it was given up.
void Reference::passes_head(Turn& turn) {
  Actor& actor = actors_[turn.actor];
  if (actor.firing_put_off && (turn.outcome == nullptr || !turn.outcome->put_off)) {
    wrong("something was handled before a firing that was put off");
  }
  if (turn.message != nullptr) passes_outcome(turn);
  if (actor.head == nullptr || actor.head == turn.message) return;
  Message& head = *actor.head;
  const bool too_long = turn.now + 1 >= head.put_off_at + kBusyMostMs;
  const bool expired = head.kind == "request" && deadline_may_have_passed(requests_.at(head.identity), turn.now);
  if (!too_long && !expired) wrong("something was handled before what was put off at the head");
  head.given_up = true;
  actor.head = nullptr;
}

void Reference::passes_outcome(Turn& turn) {
  Actor& actor = actors_[turn.actor];
  if (actor.outcome_put_off == 0) return;
  wrong("something was handled before an outcome that was put off");
}

// ---- its calls --------------------------------------------------------------------------------------------------------

void Reference::judge_calls(Turn& turn) {
  for (const Words& call : turn.calls) {
    const std::string_view verb = call[0];
    if (verb == "send" || verb == "publish" || verb == "request") count_refusal(call[4]);
    if (verb == "broadcast") {
      // A turn that has no room for it is one refusal; else each target is one.
      for (std::size_t i = 4; i < call.size(); i += 2) {
        if (call[i] != "limit-reached" || i == 4) count_refusal(call[i]);
      }
    }
    if (verb == "request" && call[4] == "ok") {
      const std::uint64_t id = number(call[5]);
      if (!by_id_.emplace(id, number(call[2])).second) wrong("a request got an id that was used before");
      turn.opened.insert(id);
    }
    if (verb == "cancel") judge_cancel(turn, call);
    if (verb == "answer") judge_answer(turn, call);
    if (verb == "arm") judge_arm(turn, call);
    if (verb == "subscribe" || verb == "unsubscribe") judge_subscription(turn, call);
    if (verb == "disarm") {
      const bool armed = turn.timers.erase(number(call[1])) > 0;
      if (armed != (call[2] == "yes")) wrong("disarm says {}", call[2]);
    }
  }
}

void Reference::judge_subscription(Turn& turn, const Words& call) {
  const std::uint64_t topic = std::min<std::uint64_t>(number(call[1]), programmed::kFirstWildTopic);
  if (call[0] == "subscribe") {
    count_refusal(call[2]);
    if (call[2] == "ok") turn.subscribed.insert(topic);
    return;
  }
  const bool was = turn.subscribed.contains(topic);
  const bool scarce = case_.actors[turn.actor].turn_effects < ActorPlan{}.turn_effects;
  if (call[2] == "yes" ? !was : was && !scarce) wrong("unsubscribe says {}", call[2]);
  if (call[2] == "yes") turn.subscribed.erase(topic);
}

void Reference::judge_cancel(Turn& turn, const Words& call) {
  const Actor& actor = actors_[turn.actor];
  const std::uint64_t id = number(call[1]);
  const bool open = (actor.asked.contains(id) || turn.opened.contains(id)) && !turn.cancelled.contains(id);
  if (open != (call[2] == "yes")) wrong("cancel says {}", call[2]);
  if (open) turn.cancelled.insert(id);
}

bool Reference::may_answer(const Turn& turn, std::uint64_t id) const {
  if (turn.answered.contains(id)) return false;
  return id == turn.request_in_hand || actors_.at(turn.actor).owed.contains(id);
}

void Reference::judge_answer(Turn& turn, const Words& call) {
  const std::string_view result = call[5];
  if (result != "yes" && result != "no") return count_refusal(result);
  const std::uint64_t id = number(call[1]);
  if (!may_answer(turn, id)) {
    if (result != "no") wrong("an answer was taken for a request that is not its to answer");
    return;
  }
  turn.answered.insert(id);
  // On threads the requester may have ended between the call and its report.
  if (!by_hand_) return;
  if (waits(requests_.at(by_id_.at(id))) != (result == "yes")) wrong("answer says {}", result);
}

bool Reference::waits(const Request& request) {
  // The host waits until it is told at the end, or gives up then.
  return (request.requester == kHost ? request.told.empty() : request.stage == Stage::open) && !request.settled;
}

void Reference::judge_arm(Turn& turn, const Words& call) {
  const std::uint64_t tag = number(call[1]);
  const std::size_t most = case_.actors[turn.actor].timers;
  if (call[4] == "ok") {
    turn.timers[tag] = {.due = turn.now + number(call[2]), .period = number(call[3])};
    if (turn.timers.size() > most) wrong("more timers than its limit");
  } else if (turn.timers.contains(tag) || turn.timers.size() < most) {
    wrong("a timer was refused below the limit");
  }
}

/// What the host makes of how the program meant the turn to end.
void Reference::judge_end(Turn& turn) {
  const std::string_view subject = turn.subject[0];
  const Actor& actor = actors_[turn.actor];
  std::string_view end = turn.end[0];
  turn.text = end == "rejected" || end == "invalid" || end == "internal" ? number(turn.end[1]) : 0;
  if (turn.message != nullptr && end == "reply" && number(turn.end[2]) > case_.actors[turn.actor].body_bytes) end = "internal";
  if (turn.request_in_hand != 0 && end == "later" && !turn.answered.contains(turn.request_in_hand)) {
    // What nobody waits for is not owed. On threads, where that is not known for sure, the limit is out of reach.
    const auto owed = std::ranges::count_if(
        actor.owed, [&](std::uint64_t id) { return !turn.answered.contains(id) && waits(requests_.at(by_id_.at(id))); });
    if (owed >= case_.actors[turn.actor].deferred) end = "rejected";
  }
  turn.stands = end == "done" || end == "reply" || end == "later";
  if (subject == "start" && !turn.stands) end = "internal";
  turn.crashes = subject != "stop" && (end == "internal" || end == "trap");
  turn.busy = end == "busy";
  if (turn.busy && turn.outcome != nullptr && turn.outcome->put_off) {
    turn.gives_up = turn.now >= turn.outcome->put_off_at + kBusyMostMs;
  }
  if (turn.busy && subject == "timer" && actor.firing_put_off) {
    turn.gives_up = turn.now >= actor.firing_put_off_at + kBusyMostMs;
  }
  turn.ends_as = end;
}

// ---- its end ----------------------------------------------------------------------------------------------------------

void Reference::commit(Turn& turn) {
  Actor& actor = actors_[turn.actor];
  service_.requests_opened += turn.opened.size();
  service_.cancelled += turn.cancelled.size();
  for (const Words& call : turn.calls) {
    const std::string_view verb = call[0];
    if (verb == "send" && call[4] == "ok") {
      add_message(verb, turn.actor, static_cast<unsigned>(number(call[1])), number(call[2]), number(call[3]));
    }
    if (verb == "broadcast") {
      if (call[4] != "limit-reached") ++service_.broadcasts;
      for (std::size_t i = 3; i + 1 < call.size(); i += 2) {
        if (call[i + 1] != "ok") continue;
        add_message("send", turn.actor, static_cast<unsigned>(number(call[i])), number(call[1]), number(call[2]));
      }
    }
    if (verb == "request" && call[4] == "ok") commit_request(turn, call);
    if (verb == "cancel" && call[2] == "yes") {
      const std::uint64_t id = number(call[1]);
      actor.asked.erase(id);
      requests_.at(by_id_.at(id)).stage = Stage::cancelled;
    }
    if (verb == "answer") commit_answer(turn, call);
    if (verb == "publish" && call[4] == "ok") commit_event(turn, call);
    const std::uint64_t topic = std::min<std::uint64_t>(number(call[1]), programmed::kFirstWildTopic);
    if (verb == "subscribe" && call[2] == "ok") actor.subscribed.insert(topic);
    if (verb == "unsubscribe" && call[2] == "yes") actor.subscribed.erase(topic);
  }
  actor.timers = turn.timers;
  ++expected_[{turn.actor, actor.incarnation}].handled;
}

void Reference::commit_request(Turn& turn, const Words& call) {
  Message& message =
      add_message("request", turn.actor, static_cast<unsigned>(number(call[1])), number(call[2]), number(call[3]));
  Request& request = requests_[message.identity];
  request.message = &message;
  message.id = number(call[5]);
  request.requester = turn.actor;
  request.asked_at = turn.now;
  request.timeout_ms = number(call[6]);
  request.deadline = turn.now + request.timeout_ms;
  request.turn_deadline = turn.deadline;
  if (turn.deadline) request.deadline = std::min(*request.deadline, *turn.deadline);
  actors_[turn.actor].asked.insert(message.id);
}

void Reference::commit_answer(Turn& turn, const Words& call) {
  const std::uint64_t id = number(call[1]);
  // The first one of a turn counts.
  if ((call[5] != "yes" && call[5] != "no") || !turn.answered.contains(id) || requests_.at(by_id_.at(id)).settled) return;
  // Of those that nobody waits for only the last are remembered.
  if (actors_[turn.actor].owed.erase(id) > 0) requests_.at(by_id_.at(id)).unwanted = call[5] == "no";
  const bool reply = call[2] == "reply";
  settle(id, reply ? "reply" : "answered:" + std::string(call[2]), number(call[3]), reply ? number(call[4]) : 0, true);
}

/// To those who are subscribed when the turn has come so far. On threads that moment is between two reports: anybody may be.
void Reference::commit_event(Turn& turn, const Words& call) {
  ++service_.published;
  const std::uint64_t topic = number(call[1]);
  for (auto& [number_of, actor] : actors_) {
    const bool subscribed = actor.subscribed.contains(topic) || actor.subscribed.contains(programmed::kFirstWildTopic);
    if (by_hand_ && (!subscribed || actor.stopped)) continue;
    Message& message = add_message("event", turn.actor, number_of, number(call[2]), number(call[3]));
    // One without an instance leaves no report when it stops.
    message.maybe = !by_hand_ || (actor.stop_ordered && !actor.lives);
  }
}

void Reference::finish(Turn& turn) {
  Actor& actor = actors_[turn.actor];
  Expected& expected = expected_[{turn.actor, actor.incarnation}];
  const std::string_view subject = turn.subject[0];
  if (subject != "start" && subject != "stop" && !turn.stands) {
    ++(turn.busy && !turn.gives_up ? expected.busy : expected.failed);
  }
  if (subject == "start" && turn.stands && turn.subject[1] == "restarted") ++expected.restarts;
  if (turn.crashes) {
    ++expected.trapped;
    ++actor.crashes;
    actor.crashed_at = turn.now;
    end_instance(actor, "interrupted", "crashed");
  }
  if (turn.message != nullptr) finish_message(turn);
  if (turn.outcome != nullptr) finish_outcome(turn);
  if (subject == "timer") finish_timer(turn);
  if (subject == "stop") {
    end_instance(actor, "target-gone", "target-stopped");
    actor.stopped = true;
  }
  if (turn.crashes && actor.crashes > case_.actors[turn.actor].max_restarts) actor.stopped = true;
}

void Reference::finish_message(Turn& turn) {
  Actor& actor = actors_[turn.actor];
  Message& message = *turn.message;
  if (turn.busy) {
    if (message.fate != Fate::put_off) message.put_off_at = turn.now;
    message.fate = Fate::put_off;
    actor.head = &message;
    return;
  }
  if (actor.head == &message) actor.head = nullptr;
  message.fate = turn.stands ? Fate::stood : Fate::failed;
  Expected& expected = expected_[{turn.actor, actor.incarnation}];
  if (turn.stands) ++expected.messages;
  if (turn.request_in_hand == 0) {
    if (!turn.stands) message.grave = turn.crashes ? "crashed" : "rejected";
    return;
  }
  const std::uint64_t id = turn.request_in_hand;
  if (!turn.stands) {
    ++expected.refused;
    const std::string_view kind = turn.crashes ? "internal" : std::string_view(turn.ends_as);
    settle(id, "failed:" + std::string(kind), turn.end[0] == turn.ends_as ? turn.text : 0, 0, false);
  } else if (turn.answered.contains(id)) {
    return;
  } else if (turn.ends_as == "later") {
    actor.owed.insert(id);
  } else if (turn.ends_as == "reply") {
    settle(id, "reply", number(turn.end[1]), number(turn.end[2]), true);
  } else {
    settle(id, "reply", 0, 0, true);
  }
}

void Reference::finish_outcome(Turn& turn) {
  Actor& actor = actors_[turn.actor];
  Request& request = *turn.outcome;
  const std::uint64_t id = number(turn.subject[1]);
  if (turn.busy && !request.put_off) request.put_off_at = turn.now;
  request.put_off = turn.busy && !turn.gives_up;
  actor.outcome_put_off = request.put_off ? id : 0;
  if (turn.gives_up) request.grave = "never-had-room";
  if (!turn.stands && !turn.busy) request.grave = turn.crashes ? "crashed" : "rejected";
}

void Reference::finish_timer(Turn& turn) {
  Actor& actor = actors_[turn.actor];
  if (!turn.busy || turn.gives_up) {
    actor.firing_put_off.reset();
    return;
  }
  if (!actor.firing_put_off) actor.firing_put_off_at = turn.now;
  actor.firing_put_off = {number(turn.subject[1]), number(turn.subject[2]), number(turn.subject[3])};
}

/// What an instance holds ends with it: its requests are forgotten, its timers gone, those it owed are told `word`.
void Reference::end_instance(Actor& actor, std::string_view word, std::string_view grave) {
  actor.lives = false;
  actor.timers.clear();
  actor.firing_put_off.reset();
  for (const std::uint64_t id : actor.asked) requests_.at(by_id_.at(id)).stage = Stage::forgotten;
  actor.asked.clear();
  for (const std::uint64_t id : actor.owed) {
    Request& request = requests_.at(by_id_.at(id));
    request.unwanted = !by_hand_ || !waits(request);
    settle(id, word, 0, 0, false);
  }
  actor.owed.clear();
  if (actor.outcome_put_off == 0) return;
  Request& request = requests_.at(by_id_.at(actor.outcome_put_off));
  request.put_off = false;
  request.grave = grave;
  actor.outcome_put_off = 0;
}

void Reference::settle(std::uint64_t id, std::string_view word, Identity answer, std::uint64_t bytes, bool has_place) {
  Request& request = requests_.at(by_id_.at(id));
  if (request.settled) return wrong("request {} ended twice: {} and {}", id, request.word, word);
  request.settled = true;
  request.word = word;
  request.answer = answer;
  request.answer_bytes = bytes;
  if (has_place) request.place = ++places_[{request.message->to, request.requester}];
}

Reference::Message& Reference::add_message(std::string_view kind, unsigned from, unsigned to, Identity identity,
                                           std::uint64_t bytes) {
  Message& message = messages_.emplace_back();
  message.kind = kind;
  message.from = from;
  message.to = to;
  message.identity = identity;
  message.bytes = bytes;
  message.place = ++places_[{from, to}];
  message.by = {from, actors_[from].incarnation};
  by_identity_[{identity, to}] = &message;
  return message;
}

bool Reference::deadline_may_have_passed(const Request& request, std::uint64_t now) const {
  return request.deadline && (!by_hand_ || now >= *request.deadline);
}

/// A requester hears of its request, once, and what it hears agrees with what is known of the target.
void Reference::told(Request& request, std::string_view word, Identity answer, std::uint64_t bytes, std::uint64_t now,
                     std::uint64_t held_up_until) {
  request.told = word;
  ++seen_[fmt::format("told {}", word)];
  request.stage = Stage::ended;
  if (word == "timeout") {
    if (by_hand_ && now < *request.deadline) wrong("a timeout {} ms early", *request.deadline - now);
    const std::uint64_t expected = std::max(*request.deadline, held_up_until);
    if (by_hand_ && request.requester != kHost && now > expected + 1) wrong("a timeout {} ms late", now - expected);
    // The host gives up only at the end: what was settled before, in time, must have reached it.
    if (request.requester == kHost && request.settled) wrong("a timeout of a request that ended as {}", request.word);
    return;
  }
  if (by_hand_ && request.requester != kHost && now > *request.deadline) wrong("an outcome after the deadline");
  if (!request.settled) {
    // What ends a request that no turn has taken is in no report.
    const Message& message = *request.message;
    const bool untouched = message.fate == Fate::waiting || message.fate == Fate::put_off;
    const Actor& target = actors_[message.to];
    const bool gone = was_stopped_[message.to] || target.stopped || target.stop_ordered;
    const bool busy = message.fate == Fate::put_off;
    if (!untouched || !((word == "target-gone" && gone) || (word == "failed:busy" && busy))) {
      wrong("told {} of a request that has not ended", word);
    }
    request.settled = true;
    request.word = word;
    return;
  }
  if (word == "reply-refused") {
    if (request.word != "reply") wrong("a refused reply of a request that ended as {}", request.word);
    return;
  }
  if (word != request.word || answer != request.answer || bytes != request.answer_bytes) {
    wrong("told {} {} of {} bytes; it ended as {} {} of {} bytes", word, answer, bytes, request.word, request.answer,
          request.answer_bytes);
  }
}

void Reference::count_refusal(std::string_view result) {
  if (result != "ok" && result != "yes" && result != "no") ++refused_[std::string(result)];
}

// ---- after the end ----------------------------------------------------------------------------------------------------

std::string Reference::message_key(const Message& message) const {
  return fmt::format("message {} to {}", message.identity, message.to);
}
std::string Reference::arrival_key(std::uint64_t id) {
  return fmt::format("outcome of {}", id);
}

bool Reference::take_letter(const std::string& key, std::string_view reason) {
  const auto found = letters_.find(key);
  if (found == letters_.end()) return false;
  const auto letter = found->second.find(reason);
  if (letter == found->second.end()) return false;
  found->second.erase(letter);
  return true;
}

void Reference::judge_letters(const Recording& recording) {
  std::uint64_t counted = 0;
  for (const std::uint64_t count : recording.letter_counts) counted += count;
  if (counted != recording.letters.size()) return wrong("{} dead letters counted, {} kept", counted, recording.letters.size());
  for (const messaging::DeadLetter& letter : recording.letters) {
    const std::string_view reason = actor::name_of(letter.reason);
    ++seen_[fmt::format("buried as {}", reason)];
    // What was put to rest as the outcome of a request has no sender, but for orphans.
    const bool outcome = letter.kind == actor::EnvelopeKind::reply;
    if (!outcome) ++letters_of_messages_;
    const Identity identity = programmed::Reader(letter.body.text()).u64();
    letters_[outcome ? arrival_key(letter.id) : fmt::format("message {} to {}", identity, actor_of(letter.target))].insert(
        reason);
  }
  for (Message& message : messages_) {
    if (!message.grave.empty() && !take_letter(message_key(message), message.grave)) {
      wrong("{} is not in the dead letters as {}", message_key(message), message.grave);
    }
    if (message.fate == Fate::waiting || message.fate == Fate::put_off) judge_unhandled(message);
    if (message.maybe) continue;
    ++service_.sent;
    if (message.from != kHost) ++expected_[message.by].sent;
  }
  for (auto& [identity, request] : requests_) {
    const std::uint64_t id = request.message->id;
    if (!request.grave.empty() && !take_letter(arrival_key(id), request.grave)) {
      wrong("the outcome of {} is not in the dead letters as {}", id, request.grave);
    }
    if (request.put_off) wrong("the outcome of {} was lost", id);
    const bool arrived = !request.told.empty() && request.told != "timeout";
    if (request.settled && !arrived && !take_letter(arrival_key(id), "orphaned-reply") && !request.unwanted) {
      wrong("request {} ended as {}, and neither was its requester told nor is it in the dead letters", id, request.word);
    }
  }
  for (const auto& [key, reasons] : letters_) {
    for (const std::string_view reason : reasons) wrong("{} is in the dead letters as {}, for no reason", key, reason);
  }
}

/// No turn has ended it: where is it?
void Reference::judge_unhandled(Message& message) {
  const std::string key = message_key(message);
  const bool put_off = message.fate == Fate::put_off;
  const bool stopped = was_stopped_[message.to];
  if (message.kind != "request") {
    if (stopped && take_letter(key, "target-stopped")) {
      message.maybe = false;
      return;
    }
    if (put_off && take_letter(key, "never-had-room")) return;
    if (message.kind == "event" && (take_letter(key, "no-room") || take_letter(key, "too-large"))) {
      message.maybe = false;
      return;
    }
    if (message.maybe) return;
    return wrong("{} was lost", key);
  }
  Request& request = requests_.at(message.identity);
  if (take_letter(key, "expired")) {
    if (request.settled) wrong("{} expired and ended as {}", key, request.word);
    return;
  }
  if (request.settled) return;
  if ((stopped || put_off) && take_letter(arrival_key(message.id), "orphaned-reply")) return;
  // The host does not learn the id of a request that nobody has handled.
  if (message.id == 0 && stopped) {
    const auto orphan = std::ranges::find_if(letters_, [&](auto& entry) {
      return entry.first.starts_with("outcome of") && !by_id_.contains(number(entry.first.substr(11))) &&
             entry.second.contains("orphaned-reply");
    });
    if (orphan != letters_.end()) {
      orphan->second.erase(orphan->second.find("orphaned-reply"));
      return;
    }
  }
  wrong("{} was lost", key);
}

void Reference::judge_requests() {
  for (const auto& [identity, request] : requests_) {
    if (request.stage == Stage::open) wrong("request {} has no outcome", request.message->id);
    const bool heard = !request.told.empty();
    if (request.stage != Stage::ended && heard) wrong("request {} had an outcome after its end", request.message->id);
  }
}

void Reference::judge_books(const Recording& recording) {
  std::uint64_t crashes = 0;
  for (const Books& books : recording.books) {
    const Expected& expected = expected_[{books.actor, books.incarnation}];
    const auto equal = [&](std::string_view what, std::uint64_t counted, std::uint64_t right) {
      if (counted != right) wrong("actor {} counts {} {}, not {}", books.actor, counted, what, right);
    };
    for (const core::ActorCounter& counter : core::kActorCounters) {
      const std::uint64_t counted = books.counts.*counter.value;
      const std::uint64_t right = expected.*counter.value;
      const bool may_be_more = counter.value == &core::ActorCounts::refused;
      if (!may_be_more || counted < right) equal(counter.name, counted, right);
    }
    equal("permits taken", books.mailbox_messages, 0);
    equal("bytes taken", books.mailbox_bytes, 0);
    equal("bytes of replies waiting", books.reply_bytes, 0);
    equal("requests open", books.open, 0);
    equal("answers owed", books.owed, 0);
    equal("places of requests kept", books.kept, 0);
    equal("who wait for room", books.waiters, 0);
    if (!books.stopped) wrong("actor {} was stopped and has not ended", books.actor);
    crashes += expected.trapped;
  }
  if (by_hand_ && recording.crashes != crashes) wrong("{} crashes reported, not {}", recording.crashes, crashes);
}

void Reference::judge_stats(const Recording& recording) {
  const messaging::MessagingStats& stats = recording.stats;
  const auto equal = [&](std::string_view what, std::uint64_t counted, std::uint64_t right) {
    if (counted != right) wrong("{} {} counted, not {}", counted, what, right);
  };
  std::uint64_t timeouts = 0;
  std::uint64_t routed = 0;
  std::uint64_t errors = 0;
  std::uint64_t refused_replies = 0;
  for (const auto& [identity, request] : requests_) {
    if (request.told.empty()) continue;
    ++(request.told == "timeout" ? timeouts : routed);
    if (request.told != "timeout" && request.told != "reply") ++errors;
    if (request.told == "reply-refused") ++refused_replies;
  }
  std::uint64_t handled = 0;
  std::uint64_t busy = 0;
  for (const auto& [of, expected] : expected_) {
    handled += expected.messages;
    busy += expected.busy;
  }
  equal("messages sent", stats.service.sent, service_.sent);
  equal("broadcasts", stats.service.broadcasts, service_.broadcasts);
  equal("events", stats.service.published, service_.published);
  equal("requests opened", stats.service.requests_opened, service_.requests_opened);
  equal("requests cancelled", stats.service.cancelled, service_.cancelled);
  equal("timeouts", stats.service.timeouts, timeouts);
  for (std::size_t kind = 0; kind < stats.service.refused.size(); ++kind) {
    const std::string name(core::name_of(static_cast<core::SendErrorKind>(kind)));
    equal("calls refused as " + name, stats.service.refused[kind], refused_[name]);
  }
  equal("outcomes", stats.responses.routed, routed);
  equal("outcomes that are errors", stats.responses.errors, errors);
  equal("orphans", stats.responses.orphaned,
        recording.letter_counts[static_cast<std::size_t>(actor::DeadReason::orphaned_reply)]);
  if (stats.responses.refused < refused_replies) equal("replies refused", stats.responses.refused, refused_replies);
  equal("messages handled", stats.reception.handled, handled);
  equal("turns put off", stats.reception.put_off, busy);
  // What was sent was handled, or its requester was told, or it is in the dead letters.
  equal("messages sent, of those that ended,", stats.service.sent,
        stats.reception.handled + stats.reception.refused + letters_of_messages_);
}

}  // namespace airssys::model
