#include "performance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <utility>

#include "program.hpp"
#include "programmed_actor.hpp"

namespace airssys::model {
namespace {

class Performer {
 public:
  Performer(const Case& played, World& world) : case_(played), world_(world), identities_(~played.seed) {}

  Recording perform();

 private:
  struct Cell {
    unsigned actor;
    unsigned incarnation;
    actor::ActorRef ref;
  };
  struct Asked {
    std::uint64_t identity;
    core::IntrusivePtr<messaging::HostRequest> request;
  };

  void spawn(unsigned actor);
  void act(const Action& action);
  void send(const Action& action);
  void request(const Action& action);
  void stop(unsigned actor);
  void come_to_rest();
  void note_rest();
  void note_books_of_all(std::string_view when);
  void collect_outcomes();
  void stop_all();
  void close_books();
  void keep(bool rests) {
    if (!rests && recording_.defects.empty()) recording_.defects.emplace_back("the system never comes to rest");
  }
  bool defective() const { return !recording_.defects.empty(); }
  std::string address(unsigned actor) const { return programmed::address_of(actor); }

  const Case& case_;
  World& world_;
  SeededRandom identities_;
  std::unique_ptr<messaging::HostSender> host_;
  std::map<unsigned, unsigned> incarnations_;
  std::vector<Cell> cells_;
  std::vector<Asked> asked_;
  Recording recording_;
};

Recording Performer::perform() {
  auto host = world_.assembly().open_sender(core::make_checked_address("model/host/1"));
  if (!host) throw std::runtime_error(host.error().to_string());
  host_ = std::move(*host);
  for (unsigned actor = 0; actor < case_.actors.size(); ++actor) spawn(actor);
  for (const Action& action : case_.actions) {
    if (action.actor < case_.actors.size() && !defective()) act(action);
  }
  if (!defective()) come_to_rest();
  if (!defective()) stop_all();
  close_books();
  return std::move(recording_);
}

void Performer::spawn(unsigned actor) {
  const ActorPlan& plan = case_.actors[actor];
  system::Assembly& assembly = world_.assembly();
  if (assembly.actors().registry().find(address(actor))) return;
  const unsigned incarnation = ++incarnations_[actor];
  world_.journal().host(fmt::format("spawn {} {}", actor, incarnation));
  const core::Address at = core::make_checked_address(address(actor));
  const core::RestartPolicy restart{.max_restarts = plan.max_restarts,
                                    .window = std::chrono::hours(24),
                                    .backoff = std::chrono::milliseconds(10),
                                    .backoff_max = std::chrono::milliseconds(100)};
  core::ActorSpec spec{.address = at, .limits = plan.limits(), .restart = restart};
  core::Result<core::Address> spawned = at;
  if (plan.guest) {
    auto component = assembly.load(std::filesystem::path(AIRSSYS_GUESTS) / "programmed");
    if (!component) throw std::runtime_error(component.error().to_string());
    spec.config = {{"incarnation", std::to_string(incarnation)},
                   {"on_start", programmed::to_hex(plan.on_start)},
                   {"on_stop", programmed::to_hex(plan.on_stop)}};
    spawned = assembly.spawn({.actor = std::move(spec), .component = *component});
  } else {
    spawned = assembly.spawn_native({.actor = std::move(spec), .make = [incarnation, &plan] {
                                       return std::make_unique<ProgrammedActor>(incarnation, plan.on_start, plan.on_stop);
                                     }});
  }
  if (!spawned) throw std::runtime_error(spawned.error().to_string());
  // Null if it has stopped for good already: on threads that may be.
  if (auto cell = assembly.actors().registry().find(address(actor))) cells_.push_back({actor, incarnation, std::move(cell)});
}

void Performer::act(const Action& action) {
  switch (action.kind) {
    case Action::send:
      return send(action);
    case Action::request:
      return request(action);
    case Action::run:
      return world_.run(action.number);
    case Action::settle:
      return keep(world_.settle());
    case Action::advance:
      return keep(world_.advance(std::chrono::milliseconds(action.number)));
    case Action::stop:
      return stop(action.actor);
    case Action::spawn:
      return spawn(action.actor);
  }
}

void Performer::send(const Action& action) {
  const std::uint64_t identity = identities_.next_u64();
  const std::string body = programmed::body_of(identity, action.program);
  world_.journal().host(fmt::format("will send {} {} {}", action.actor, identity, body.size()));
  const auto sent = host_->send(address(action.actor), core::raw(body));
  world_.journal().host(fmt::format("did {} {}", identity, sent ? "ok" : core::name_of(sent.error().kind)));
}

void Performer::request(const Action& action) {
  const std::uint64_t identity = identities_.next_u64();
  const std::string body = programmed::body_of(identity, action.program);
  const auto timeout = std::chrono::milliseconds(std::max<int>(1, action.number));
  world_.journal().host(
      fmt::format("will request {} {} {} {} {}", action.actor, identity, body.size(), world_.now_ms(), timeout.count()));
  const auto sent = host_->request(address(action.actor), core::raw(body), timeout);
  world_.journal().host(fmt::format("did {} {}", identity, sent ? "ok" : core::name_of(sent.error().kind)));
  if (sent) asked_.push_back({identity, *sent});
}

void Performer::stop(unsigned actor) {
  world_.journal().host(fmt::format("stop {}", actor));
  if (world_.assembly().actors().stop(address(actor))) return;
  world_.journal().host(fmt::format("nobody {}", actor));
}

void Performer::come_to_rest() {
  keep(world_.come_to_rest());
  if (defective()) return;
  world_.journal().host("at-rest");
  collect_outcomes();
  // Whom the host gave up on waits no longer for an answer: those who owe it are told.
  keep(world_.come_to_rest());
  if (!defective()) note_rest();
}

/// What nobody may hold any more once nothing can happen.
void Performer::note_rest() {
  for (Cell& cell : cells_) {
    const auto wrong = [&](std::string_view what, std::uint64_t count) {
      if (count != 0) recording_.defects.push_back(fmt::format("at rest {} has {} {}", address(cell.actor), count, what));
    };
    actor::ActorCell& actor = *cell.ref;
    wrong("permits taken", actor.mailbox().messages());
    wrong("bytes taken", actor.mailbox().bytes());
    wrong("who wait for room", actor.mailbox().waiters());
    wrong("bytes of replies waiting", actor.waiting_reply_bytes());
    wrong("requests open", actor.correspondence().open_requests());
    wrong("places of requests kept", actor.correspondence().kept_requests());
    wrong("answers owed", actor.correspondence().owed_answers());
    wrong("timers armed", actor.timers());
    if (!actor.mailbox().asleep()) recording_.defects.push_back(address(cell.actor) + " is stuck: neither asleep nor running");
    if (!actor.done()) recording_.defects.push_back(address(cell.actor) + " says that it has more to do");
  }
  note_books_of_all("at rest");
}

/// What the system as a whole may not hold any more.
void Performer::note_books_of_all(std::string_view when) {
  const auto wrong = [&](std::string_view what, std::uint64_t count) {
    if (count != 0) recording_.defects.push_back(fmt::format("{} there are {} {}", when, count, what));
  };
  wrong("alarms", world_.assembly().actors().alarms().size());
  wrong("requests of the host open", world_.assembly().messaging().responses().host_requests());
}

void Performer::collect_outcomes() {
  for (const Asked& asked : asked_) {
    asked.request->expire();
    const core::Outcome outcome = *asked.request->take();
    std::string word = "reply";
    std::uint64_t identity = 0;
    std::size_t bytes = 0;
    if (outcome) {
      identity = programmed::Reader(outcome->text()).u64();
      bytes = outcome->body.size();
    } else {
      const core::RequestError& error = outcome.error();
      word = core::name_of(error.kind);
      if (error.kind == core::RequestErrorKind::failed || error.kind == core::RequestErrorKind::answered) {
        word += fmt::format(":{}", core::name_of(error.failure.kind));
        const std::string& text = error.failure.text;
        if (!text.empty() && text.find_first_not_of("0123456789") == text.npos) identity = std::stoull(text);
      }
    }
    world_.journal().host(fmt::format("outcome {} {} {} {}", asked.identity, word, identity, bytes));
  }
}

void Performer::stop_all() {
  for (unsigned actor = 0; actor < case_.actors.size(); ++actor) {
    if (world_.assembly().actors().registry().find(address(actor))) stop(actor);
  }
  keep(world_.come_to_rest());
  if (defective()) return;
  note_books_of_all("after all have stopped");
  if (const std::size_t deaths = world_.assembly().actors().supervisors().remembered(); deaths != 0) {
    recording_.defects.push_back(fmt::format("after all have stopped the deaths of {} are remembered", deaths));
  }
  if (defective()) return;
  for (std::string& defect : world_.commits().defects()) recording_.defects.push_back(std::move(defect));
}

void Performer::close_books() {
  for (const Cell& cell : cells_) {
    actor::ActorCell& actor = *cell.ref;
    recording_.books.push_back({.actor = cell.actor,
                                .incarnation = cell.incarnation,
                                .counts = actor.counters().read(),
                                .mailbox_messages = actor.mailbox().messages(),
                                .mailbox_bytes = actor.mailbox().bytes(),
                                .reply_bytes = actor.waiting_reply_bytes(),
                                .open = actor.correspondence().open_requests(),
                                .owed = actor.correspondence().owed_answers(),
                                .kept = actor.correspondence().kept_requests(),
                                .waiters = actor.mailbox().waiters(),
                                .stopped = actor.stopped()});
  }
  messaging::MessagingService& messaging = world_.assembly().messaging();
  recording_.letters = messaging.dead_letters().letters();
  recording_.letter_counts = messaging.dead_letters().counts();
  recording_.stats = messaging.metrics().stats();
  recording_.crashes = world_.events().crashes;
  recording_.restarts = world_.events().restarts;
  recording_.stops = world_.events().stops;
  recording_.journal = world_.journal().take();
}

}  // namespace

Recording perform(const Case& played, World& world) {
  return Performer(played, world).perform();
}

}  // namespace airssys::model
