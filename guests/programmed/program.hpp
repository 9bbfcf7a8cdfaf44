/// An actor whose behaviour is data: each body is an identity and a small program. One interpreter for both worlds: the guest
/// beside this file and the native actor of tests/model give it their calls, so a system may mix the two.
///
///   body      identity (u64)  program          of a reply: identity, then zeros
///   program   step*                            what is cut off or unknown ends it
///   block     length (u16), so many bytes      a program again
///   numbers are little-endian; `actor` is a u8: model/actor/<n>; `topic` is a u8: t.<n>, to subscribe from 3 on: t.*
///
///   step                                            what the turn does
///   s actor block                                   sends the program
///   b count actor* block                            broadcasts it
///   p topic block                                   publishes it
///   + topic | - topic                               subscribes, unsubscribes
///   r actor timeout_ms(u16) block block             requests the first program; the second runs with the outcome
///   c which(u8)                                     cancels one of its requests, the `which`-th of those it remembers
///   a which(u8) how(u8) size(u16)                   answers one it holds; how 0: a reply, 1: rejected, 2: invalid
///   h how(u8) size(u16)                             answers the request in hand
///   t tag(u8) delay_ms(u16) period_ms(u16) times(u8) block    arms a timer; period 0: once
///   d tag(u8)                                       disarms one
///   !                                               from here on a full mailbox ends the turn as busy
///   w times(u8)                                     ends it as busy, so many times; then goes on
///   D | R size(u16) | L | J | I | X | T             ends it: done, a reply, later, rejected, invalid, internal, by a trap
///
/// The end of a program is D. Each turn reports, in one log line, what it was about, each call with its result, and how it
/// means to end (log lines are not undone, so failed turns report too):
///
///   <incarnation> <now_ms> <subject> { ; <call> } = <end>
///
///   subject   start <reason> <restarts> | send|request|event <id> <identity> <sender> <topic> | timer <tag> <due_ms> <missed>
///             | outcome <id> <identity> <tag> <word> <identity of the answer> <bytes of the answer> | stop
///   call      send|request <to> <identity> <bytes> <result> [<id> <timeout_ms> <tag>]
///             | broadcast <identity> <bytes> { <to> <result> } | publish <topic> <identity> <bytes> <result>
///             | subscribe|unsubscribe <topic> <result> | cancel <id> <result> | answer <id> <how> <identity> <bytes> <result>
///             | arm <tag> <delay_ms> <period_ms> <result> | disarm <tag> <result>
///   result    ok, or the name of the error; yes or no where the call says so
///   end       done | reply <identity> <bytes> | later | rejected|invalid|internal <identity> | trap | busy
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace airssys::programmed {

/// Reads numbers and blocks; past the end it reads zeros and nothing.
class Reader {
 public:
  explicit Reader(std::string_view bytes) noexcept : rest_(bytes) {}

  bool more() const noexcept { return !rest_.empty(); }
  std::string_view rest() const noexcept { return rest_; }
  std::uint64_t number(std::size_t bytes) noexcept {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes && i < rest_.size(); ++i) {
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(rest_[i])) << (8 * i);
    }
    rest_.remove_prefix(std::min(bytes, rest_.size()));
    return value;
  }
  std::uint8_t u8() noexcept { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() noexcept { return static_cast<std::uint16_t>(number(2)); }
  std::uint64_t u64() noexcept { return number(8); }
  std::string_view block() noexcept {
    const std::size_t size = std::min<std::size_t>(u16(), rest_.size());
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }

 private:
  std::string_view rest_;
};

inline void put(std::string& bytes, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>((value >> (8 * i)) & 0xFF);
}
inline std::string body_of(std::uint64_t identity, std::string_view program) {
  std::string bytes;
  put(bytes, identity, 8);
  bytes += program;
  return bytes;
}
inline std::string reply_of(std::uint64_t identity, std::size_t size) {
  return body_of(identity, std::string(size, '\0'));
}

inline std::string address_of(unsigned actor) {
  return "model/actor/" + std::to_string(actor);
}
inline std::string topic_of(unsigned topic) {
  return "t." + std::to_string(topic);
}

inline constexpr unsigned kFirstWildTopic = 3;
inline std::string pattern_of(unsigned topic) {
  return topic < kFirstWildTopic ? topic_of(topic) : "t.*";
}

inline std::string from_hex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) bytes += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  return bytes;
}
inline std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    hex += kDigits[static_cast<unsigned char>(c) / 16];
    hex += kDigits[static_cast<unsigned char>(c) % 16];
  }
  return hex;
}

/// How a program means its turn to end.
struct End {
  enum Kind : std::uint8_t { done, reply, later, rejected, invalid, internal, trap, busy };
  Kind kind = done;
  std::string text{};  ///< A reply's body; a failure's text, which is its identity in decimal.
};

/// One instance. `Calls` is what a turn can do, in the words of the world it runs in:
///
///   std::uint64_t random(), now_ms();   void log(std::string_view);
///   std::string_view send(to, body), publish(topic, body), subscribe(topic);          "ok" or the error's name
///   std::pair<std::string_view, std::uint64_t> request(to, body, timeout_ms, tag);    with the request's id
///   std::vector<std::string_view> broadcast(targets, body);                           one result for each target
///   std::string_view answer(id, how, text);                                           "yes", "no" or the error's name
///   std::string_view arm(tag, delay_ms, period_ms);
///   bool cancel(id), disarm(tag), unsubscribe(topic);
template <typename Calls>
class Instance {
 public:
  explicit Instance(std::uint64_t incarnation) : incarnation_(incarnation) {}

  End start(Calls& calls, std::string_view reason, std::uint64_t restarts, std::string_view program) {
    begin(calls);
    words("start", reason, restarts);
    return run(calls, program, 0);
  }

  End message(Calls& calls, std::string_view kind, std::uint64_t id, std::string_view sender, std::string_view topic,
              std::string_view body) {
    Reader reader(body);
    const std::uint64_t identity = reader.u64();
    begin(calls);
    words(kind, id, identity, sender, topic.empty() ? std::string_view("-") : topic);
    in_hand_ = kind == "request" ? id : 0;
    return run(calls, reader.rest(), identity);
  }

  End outcome(Calls& calls, std::uint64_t id, std::uint64_t tag, std::string_view word, std::string_view text) {
    const bool reply = word == "reply";
    begin(calls);
    words("outcome", id, tag, tag, word, reply ? Reader(text).u64() : decimal(text), reply ? text.size() : 0);
    std::erase(asked_, id);
    const auto found = on_outcome_.find(tag);
    const std::string program = found == on_outcome_.end() ? std::string() : found->second;
    return run(calls, program, id);
  }

  End timer(Calls& calls, std::uint64_t tag, std::uint64_t due_ms, std::uint64_t missed) {
    begin(calls);
    words("timer", tag, due_ms, missed);
    Timer& timer = timers_[tag];
    // Beyond its times a periodic timer does nothing but end: whatever its program does, it can't fire for ever.
    if (timer.left == 0) {
      note_disarm(calls, tag);
      return finish(calls, {});
    }
    --timer.left;
    const std::string program = timer.program;
    End end = run(calls, program, tag);
    // Put off, it comes again; but not for ever.
    Timer& after = timers_[tag];
    if (end.kind == End::busy && after.patience > 0) {
      --after.patience;
      ++after.left;
    }
    return end;
  }

  End stop(Calls& calls, std::string_view program) {
    begin(calls);
    words("stop");
    return run(calls, program, 1);
  }

 private:
  struct Timer {
    std::string program;
    unsigned left = 0;
    unsigned patience = 100;
  };

  // ---- the report ----

  void begin(Calls& calls) {
    report_.clear();
    in_hand_ = 0;
    answered_.clear();
    words(incarnation_, calls.now_ms());
  }
  template <typename... Word>
  void words(const Word&... word) {
    (add(word), ...);
  }
  void add(std::string_view word) {
    if (!report_.empty()) report_ += ' ';
    report_ += word;
  }
  void add(const char* word) { add(std::string_view(word)); }
  template <typename Number>
    requires std::is_integral_v<Number>
  void add(Number number) {
    add(std::string_view(std::to_string(number)));
  }
  static std::uint64_t decimal(std::string_view text) {
    std::uint64_t value = 0;
    for (const char c : text) {
      if (c < '0' || c > '9') return 0;
      value = value * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return value;
  }

  // ---- the program ----

  /// `subject`: whose attempts `w` counts.
  End run(Calls& calls, std::string_view program, std::uint64_t subject) {
    Reader steps(program);
    bool strict = false;
    while (steps.more()) {
      full_ = false;
      const char step = static_cast<char>(steps.u8());
      if (std::optional<End> end = ending(calls, step, steps)) return finish(calls, std::move(*end));
      if (step == '!') strict = true;
      if (step == 'w' && tries_[subject]++ < steps.u8()) return finish(calls, {End::busy});
      if (!act(calls, step, steps)) break;
      if (strict && full_) return finish(calls, {End::busy});
    }
    return finish(calls, {});
  }

  std::optional<End> ending(Calls& calls, char step, Reader& steps) {
    const auto failure = [&](End::Kind kind) { return End{kind, std::to_string(calls.random())}; };
    switch (step) {
      case 'D':
        return End{};
      case 'R':
        return End{End::reply, reply_of(calls.random(), steps.u16())};
      case 'L':
        if (in_hand_ != 0) held_.push_back(in_hand_);
        return End{End::later};
      case 'J':
        return failure(End::rejected);
      case 'I':
        return failure(End::invalid);
      case 'X':
        return failure(End::internal);
      case 'T':
        return End{End::trap};
      default:
        return std::nullopt;
    }
  }

  End finish(Calls& calls, End end) {
    static constexpr std::string_view kNames[] = {"done", "reply", "later", "rejected", "invalid", "internal", "trap", "busy"};
    words("=", kNames[end.kind]);
    if (end.kind == End::reply) words(Reader(end.text).u64(), end.text.size());
    if (end.kind >= End::rejected && end.kind <= End::internal) words(end.text);
    // What a failed turn answered is still owed; so is, perhaps, what a turn answered that ends as `later` and is refused.
    if (end.kind == End::done || end.kind == End::reply) {
      for (const std::uint64_t id : answered_) std::erase(held_, id);
    }
    calls.log(report_);
    return end;
  }

  /// False: no step begins so.
  bool act(Calls& calls, char step, Reader& steps) {
    switch (step) {
      case '!':
      case 'w':
        return true;
      case 's':
        return send(calls, steps);
      case 'b':
        return broadcast(calls, steps);
      case 'p':
        return publish(calls, steps);
      case '+': {
        const unsigned topic = steps.u8();
        words(";", "subscribe", topic, calls.subscribe(pattern_of(topic)));
        return true;
      }
      case '-': {
        const unsigned topic = steps.u8();
        words(";", "unsubscribe", topic, yes(calls.unsubscribe(pattern_of(topic))));
        return true;
      }
      case 'r':
        return request(calls, steps);
      case 'c':
        return cancel(calls, steps);
      case 'a': {
        const unsigned which = steps.u8();
        const std::uint64_t id = held_.empty() ? 0 : held_[which % held_.size()];
        return answer(calls, steps, id);
      }
      case 'h':
        return answer(calls, steps, in_hand_);
      case 't':
        return arm(calls, steps);
      case 'd':
        note_disarm(calls, steps.u8());
        return true;
      default:
        return false;
    }
  }

  bool send(Calls& calls, Reader& steps) {
    const unsigned to = steps.u8();
    const std::uint64_t identity = calls.random();
    const std::string body = body_of(identity, steps.block());
    words(";", "send", to, identity, body.size(), judged(calls.send(address_of(to), body)));
    return true;
  }

  bool broadcast(Calls& calls, Reader& steps) {
    const unsigned count = steps.u8();
    std::vector<unsigned> targets;
    std::vector<std::string> addresses;
    for (unsigned i = 0; i < count; ++i) {
      targets.push_back(steps.u8());
      addresses.push_back(address_of(targets.back()));
    }
    const std::uint64_t identity = calls.random();
    const std::string body = body_of(identity, steps.block());
    const std::vector<std::string_view> results = calls.broadcast(addresses, body);
    words(";", "broadcast", identity, body.size());
    for (std::size_t i = 0; i < targets.size(); ++i) words(targets[i], judged(results[i]));
    return true;
  }

  bool publish(Calls& calls, Reader& steps) {
    const unsigned topic = steps.u8();
    const std::uint64_t identity = calls.random();
    const std::string body = body_of(identity, steps.block());
    words(";", "publish", topic, identity, body.size(), judged(calls.publish(topic_of(topic), body)));
    return true;
  }

  bool request(Calls& calls, Reader& steps) {
    const unsigned to = steps.u8();
    const std::uint64_t timeout_ms = steps.u16();
    const std::uint64_t identity = calls.random();
    const std::string body = body_of(identity, steps.block());
    std::string then(steps.block());
    const auto [result, id] = calls.request(address_of(to), body, timeout_ms, identity);
    words(";", "request", to, identity, body.size(), judged(result), id, timeout_ms, identity);
    if (id != 0) {
      asked_.push_back(id);
      on_outcome_[identity] = std::move(then);
    }
    return true;
  }

  bool cancel(Calls& calls, Reader& steps) {
    const unsigned which = steps.u8();
    if (asked_.empty()) return true;
    const std::uint64_t id = asked_[which % asked_.size()];
    words(";", "cancel", id, yes(calls.cancel(id)));
    return true;
  }

  bool answer(Calls& calls, Reader& steps, std::uint64_t id) {
    static constexpr std::string_view kHow[] = {"reply", "rejected", "invalid"};
    const unsigned how = steps.u8() % 3;
    const std::size_t size = steps.u16();
    if (id == 0) return true;
    const std::uint64_t identity = calls.random();
    const std::string text = how == 0 ? reply_of(identity, size) : std::to_string(identity);
    words(";", "answer", id, kHow[how], identity, text.size(), calls.answer(id, how, text));
    answered_.push_back(id);
    return true;
  }

  bool arm(Calls& calls, Reader& steps) {
    const std::uint64_t tag = steps.u8();
    const std::uint64_t delay_ms = steps.u16();
    const std::uint64_t period_ms = steps.u16();
    const unsigned times = steps.u8();
    Timer timer{std::string(steps.block()), period_ms == 0 ? 1 : times};
    const std::string_view result = calls.arm(tag, delay_ms, period_ms);
    words(";", "arm", tag, delay_ms, period_ms, result);
    if (result == "ok") timers_[tag] = std::move(timer);
    return true;
  }

  void note_disarm(Calls& calls, std::uint64_t tag) { words(";", "disarm", tag, yes(calls.disarm(tag))); }

  std::string_view judged(std::string_view result) {
    if (result == "mailbox-full") full_ = true;
    return result;
  }
  static std::string_view yes(bool value) { return value ? "yes" : "no"; }

  std::uint64_t incarnation_;
  std::string report_;
  std::uint64_t in_hand_ = 0;  ///< The request in hand; 0: none.
  bool full_ = false;          ///< The last step found a mailbox full.

  std::vector<std::uint64_t> asked_;     ///< Requests of its own, as far as it knows.
  std::vector<std::uint64_t> held_;      ///< Requests it owes an answer, as far as it knows.
  std::vector<std::uint64_t> answered_;  ///< Of these, those that this turn has answered.
  std::map<std::uint64_t, std::string> on_outcome_;
  std::map<std::uint64_t, Timer> timers_;
  std::map<std::uint64_t, unsigned> tries_;
};

}  // namespace airssys::programmed
