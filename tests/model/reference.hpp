#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "airssys/core/actor_counts.hpp"
#include "case.hpp"
#include "performance.hpp"

namespace airssys::model {

/// What the promises say about a run, as a reader of its journal: it knows nothing of mailboxes, permits or schedulers, only
/// what each turn reported, in which order, and what was promised to follow.
///
/// Each message and each answer has an identity of its own, so the reader can follow it:
///
///   message   a standing turn sends it -> handled by turns of its target, the last of them stands or fails
///                                      -> or never: then its reason is in the dead letters, or its requester was told
///   request   a message, and: open -> one outcome at the instance that asked; or cancelled; or that instance is gone
///                         its end at the target is settled once: answered, failed, interrupted, target gone
///   answer    a standing turn gives it -> the outcome of its request, or an orphan in the dead letters
///
/// From one sender to one receiver everything has a place, in the order in which turns ended and, within a turn, of the
/// calls; the receiver must meet rising places.
///
/// What depends on moments (deadlines, lateness) is judged only where the clock is by hand.
class Reference {
 public:
  Reference(const Case& played, bool by_hand) : case_(played), by_hand_(by_hand) {}

  /// Everything that is wrong with a run. Empty: it kept its promises.
  std::vector<std::string> judge(const Recording& recording);
  /// What the run was made of: how turns ended, what requesters were told, what was buried why. For a test that its cases are
  /// not all the same.
  const std::map<std::string, std::uint64_t>& seen() const noexcept { return seen_; }

 private:
  using Words = std::vector<std::string_view>;
  using Identity = std::uint64_t;
  static constexpr unsigned kHost = 255;

  enum class Fate { waiting, put_off, stood, failed };
  struct Message {
    std::string_view kind;
    unsigned from = 0;
    unsigned to = 0;
    Identity identity = 0;
    std::uint64_t bytes = 0;
    std::uint64_t place = 0;
    std::uint64_t id = 0;  ///< 0: not known yet.
    Fate fate = Fate::waiting;
    std::string_view grave;  ///< The reason under which it must be in the dead letters; empty: it must not, or it may.
    std::uint64_t put_off_at = 0;
    bool given_up = false;  ///< Something behind it was handled: it will not come again.
    bool maybe = false;     ///< Never sent, as far as is known: refused, or a copy of an event for who may be no subscriber.
    std::pair<unsigned, unsigned> by{};  ///< Its sender, with its incarnation.
  };

  enum class Stage { open, ended, cancelled, forgotten };
  struct Request {
    Message* message = nullptr;
    unsigned requester = 0;
    std::uint64_t asked_at = 0;
    std::optional<std::uint64_t> deadline;
    std::optional<std::uint64_t> turn_deadline;  ///< Of the turn that asked: the turn of the outcome has it again.
    std::uint64_t timeout_ms = 0;
    Stage stage = Stage::open;
    bool refused = false;
    // How it ended at the target.
    bool settled = false;
    std::string word;
    Identity answer = 0;
    std::uint64_t answer_bytes = 0;
    std::uint64_t place = 0;  ///< Of the answer, among what its target sent to the requester. 0: none.
    /// It ended when nobody waited for it any more, as far as is known: then it may be nowhere.
    bool unwanted = false;
    // What the requester was told.
    std::string_view told;
    // An outcome whose turn did not stand.
    std::string_view grave;
    bool put_off = false;
    std::uint64_t put_off_at = 0;
  };

  struct Timer {
    std::uint64_t due = 0;
    std::uint64_t period = 0;
  };
  struct Actor {
    unsigned incarnation = 0;
    bool lives = false;  ///< Has an instance.
    bool stopped = false;
    bool stop_ordered = false;
    unsigned crashes = 0;
    std::uint64_t crashed_at = 0;
    std::map<std::uint64_t, Timer> timers;
    std::set<std::uint64_t> asked;      ///< Ids of the requests of this instance that are open.
    std::set<std::uint64_t> owed;       ///< Ids of those that it answered `later`.
    Message* head = nullptr;            ///< Put off, and before everything else in the mailbox.
    std::uint64_t outcome_put_off = 0;  ///< The request whose outcome is put off; 0: none.
    std::uint64_t free_since = 0;       ///< When an outcome that was put off last came again: it holds others up.
    std::optional<std::array<std::uint64_t, 3>> firing_put_off;  ///< Tag, due, missed.
    std::uint64_t firing_put_off_at = 0;
    std::uint64_t timers_free_since = 0;
    std::set<std::uint64_t> subscribed;  ///< Kept across instances.
    std::map<unsigned, std::uint64_t> last_place;
  };
  using Expected = core::ActorCounts;

  /// A turn, as it is read.
  struct Turn {
    unsigned actor = 0;
    std::uint64_t now = 0;
    Words subject;
    std::vector<Words> calls;
    Words end;

    Message* message = nullptr;
    Request* outcome = nullptr;
    std::uint64_t request_in_hand = 0;
    std::optional<std::uint64_t> deadline;

    // What its calls did so far; real only if it stands.
    std::map<std::uint64_t, Timer> timers;
    std::set<std::uint64_t> subscribed;
    std::set<std::uint64_t> opened;
    std::set<std::uint64_t> cancelled;
    std::set<std::uint64_t> answered;
    std::string ends_as;  ///< After what the host makes of it.
    bool stands = false;
    bool crashes = false;
    bool busy = false;
    bool gives_up = false;  ///< Busy once too often.
    Identity text = 0;      ///< Identity of a failure's text.
  };

  template <typename... Arguments>
  void wrong(std::string_view format, const Arguments&... arguments);

  void read(const Journal::Entry& entry);
  void read_host(const Words& words);
  void host_will(const Words& words);
  void host_was_told(const Words& words);
  void read_turn(unsigned actor, const Words& words);
  static Turn parse(unsigned actor, const Words& words);

  void begin(Turn& turn);
  void begin_start(Turn& turn);
  void begin_message(Turn& turn);
  void begin_outcome(Turn& turn);
  void begin_timer(Turn& turn);
  void in_order(unsigned from, unsigned to, std::uint64_t place, bool again, std::string_view what);
  void passes_head(Turn& turn);
  void passes_outcome(Turn& turn);

  void judge_calls(Turn& turn);
  void judge_cancel(Turn& turn, const Words& call);
  void judge_answer(Turn& turn, const Words& call);
  void judge_arm(Turn& turn, const Words& call);
  void judge_subscription(Turn& turn, const Words& call);
  bool may_answer(const Turn& turn, std::uint64_t id) const;
  void judge_end(Turn& turn);

  void commit(Turn& turn);
  void commit_request(Turn& turn, const Words& call);
  void commit_answer(Turn& turn, const Words& call);
  void commit_event(Turn& turn, const Words& call);
  void finish(Turn& turn);
  void finish_timer(Turn& turn);
  void finish_message(Turn& turn);
  void finish_outcome(Turn& turn);
  void end_instance(Actor& actor, std::string_view word, std::string_view grave);
  void settle(std::uint64_t id, std::string_view word, Identity answer, std::uint64_t bytes, bool has_place);
  Message& add_message(std::string_view kind, unsigned from, unsigned to, Identity identity, std::uint64_t bytes);
  void told(Request& request, std::string_view word, Identity answer, std::uint64_t bytes, std::uint64_t now,
            std::uint64_t held_up_until);
  /// Its requester has neither been told nor given up, as far as is known.
  static bool waits(const Request& request);
  bool deadline_may_have_passed(const Request& request, std::uint64_t now) const;
  void count_refusal(std::string_view result);

  void judge_letters(const Recording& recording);
  void judge_unhandled(Message& message);
  void judge_requests();
  void judge_books(const Recording& recording);
  void judge_stats(const Recording& recording);
  bool take_letter(const std::string& key, std::string_view reason);
  std::string message_key(const Message& message) const;
  static std::string arrival_key(std::uint64_t id);

  const Case& case_;
  const bool by_hand_;
  std::vector<std::string> wrongs_;

  std::deque<Message> messages_;
  std::map<std::pair<Identity, unsigned>, Message*> by_identity_;
  std::map<Identity, Request> requests_;     ///< By the identity of the message.
  std::map<std::uint64_t, Identity> by_id_;  ///< Message ids seen so far.
  std::map<std::pair<unsigned, unsigned>, std::uint64_t> places_;
  std::map<unsigned, Actor> actors_;
  std::map<std::pair<unsigned, unsigned>, Expected> expected_;  ///< By actor and incarnation.
  std::map<unsigned, bool> was_stopped_;                        ///< Any incarnation, for good.
  std::map<std::string, std::multiset<std::string_view>> letters_;
  messaging::ServiceStats service_;  ///< What it should say.
  std::uint64_t letters_of_messages_ = 0;
  std::map<std::string, std::uint64_t, std::less<>> refused_;
  std::map<std::string, std::uint64_t> seen_;
  std::string now_reading_;
};

}  // namespace airssys::model
