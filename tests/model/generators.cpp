#include "generators.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "program.hpp"

namespace airssys::model {
namespace {

namespace gen = rc::gen;
using programmed::put;
using rc::Gen;

/// Bytes of steps; a program is some of them after each other.
using Steps = std::string;

/// All numbers of the range alike, whatever the size: RapidCheck draws small ones first.
template <typename Number>
Gen<Number> between(Number least, Number beyond) {
  return gen::resize(rc::kNominalSize, gen::inRange<Number>(least, beyond));
}

Gen<std::uint64_t> below(unsigned most) {
  return between<std::uint64_t>(0, std::max(1U, most));
}

Steps step(char letter, std::initializer_list<std::pair<std::uint64_t, std::size_t>> numbers) {
  Steps bytes(1, letter);
  for (const auto& [value, size] : numbers) put(bytes, value, size);
  return bytes;
}

void put_block(Steps& bytes, const Steps& block) {
  put(bytes, block.size(), 2);
  bytes += block;
}

class Programs {
 public:
  Programs(unsigned actors, std::uint16_t longest_ms) : actors_(actors), longest_ms_(longest_ms) {}

  /// `depth`: how often a message of it may make others.
  Gen<std::string> program(int depth) const {
    const int steps = depth > 1 ? 6 : 4;
    return gen::map(gen::pair(gen::resize(steps, gen::container<std::vector<Steps>>(a_step(depth))), an_end()),
                    [](const std::pair<std::vector<Steps>, Steps>& parts) {
                      return std::accumulate(parts.first.begin(), parts.first.end(), std::string()) + parts.second;
                    });
  }

 private:
  /// Many that nearly meet, and a few long ones.
  Gen<std::uint64_t> time() const {
    const auto any = gen::weightedOneOf<std::uint64_t>(
        {{6, between<std::uint64_t>(1, 64)}, {2, gen::just<std::uint64_t>(400)}, {1, gen::just<std::uint64_t>(2000)}});
    return gen::map(any, [most = longest_ms_](std::uint64_t ms) { return std::min<std::uint64_t>(ms, most); });
  }
  Gen<std::uint64_t> bytes() const {
    // Beyond the limit on bodies, now and then.
    return gen::weightedElement<std::uint64_t>({{6, 0}, {3, 100}, {1, 2000}, {1, 5000}});
  }

  Gen<Steps> an_end() const {
    return gen::weightedOneOf<Steps>({{12, gen::just(Steps())},
                                      {4, gen::map(bytes(), [](std::uint64_t size) { return step('R', {{size, 2}}); })},
                                      {4, gen::just(Steps("L"))},
                                      {2, gen::just(Steps("J"))},
                                      {1, gen::just(Steps("I"))},
                                      {1, gen::just(Steps("X"))},
                                      {1, gen::just(Steps("T"))}});
  }

  Gen<Steps> a_step(int depth) const {
    const auto which = [](char letter, unsigned most) {
      return gen::map(below(most), [letter](std::uint64_t number) { return step(letter, {{number, 1}}); });
    };
    const Gen<Steps> alone = gen::weightedOneOf<Steps>(
        {{2, which('c', 4)},
         {2, which('d', 3)},
         {2, which('w', 7)},
         {2, gen::just(Steps("!"))},
         {3, gen::apply([](std::uint64_t held, std::uint64_t how,
                           std::uint64_t size) { return step('a', {{held, 1}, {how, 1}, {size, 2}}); },
                        below(4), below(3), bytes())},
         {2, gen::apply([](std::uint64_t how, std::uint64_t size) { return step('h', {{how, 1}, {size, 2}}); }, below(3),
                        bytes())}});
    const Gen<Steps> subscribing = gen::weightedOneOf<Steps>({{2, which('+', 4)}, {1, which('-', 4)}});
    if (depth == 0) return gen::weightedOneOf<Steps>({{13, alone}, {3, subscribing}});
    const auto next = program(depth - 1);
    const auto sending = gen::apply(
        [](std::uint64_t to, const Steps& block) {
          Steps sent = step('s', {{to, 1}});
          put_block(sent, block);
          return sent;
        },
        below(actors_), next);
    const auto asking = gen::apply(
        [](std::uint64_t to, std::uint64_t timeout, const Steps& block, const Steps& then) {
          Steps asked = step('r', {{to, 1}, {timeout, 2}});
          put_block(asked, block);
          put_block(asked, then);
          return asked;
        },
        below(actors_), time(), next, next);
    const auto arming = gen::apply(
        [](std::uint64_t tag, std::uint64_t delay, std::uint64_t period, std::uint64_t times, const Steps& block) {
          Steps armed = step('t', {{tag, 1}, {delay, 2}, {period, 2}, {times, 1}});
          put_block(armed, block);
          return armed;
        },
        below(3), time(), gen::weightedElement<std::uint64_t>({{3, 0}, {1, 7}}), below(4), next);
    const auto publishing = gen::apply(
        [](std::uint64_t topic, const Steps& block) {
          Steps published = step('p', {{topic, 1}});
          put_block(published, block);
          return published;
        },
        below(programmed::kFirstWildTopic), next);
    // The bits of a number choose among the actors, so that none is chosen twice.
    const auto broadcasting = gen::apply(
        [actors = actors_](std::uint64_t chosen, const Steps& block) {
          std::string targets;
          for (unsigned actor = 0; actor < actors; ++actor) {
            if ((((chosen + 1) >> actor) & 1) != 0) put(targets, actor, 1);
          }
          Steps sent = step('b', {{targets.size(), 1}}) + targets;
          put_block(sent, block);
          return sent;
        },
        below((1U << actors_) - 1), next);
    return gen::weightedOneOf<Steps>(
        {{13, alone}, {3, subscribing}, {6, sending}, {6, asking}, {2, arming}, {2, publishing}, {2, broadcasting}});
  }

  unsigned actors_;
  std::uint16_t longest_ms_;
};

/// Mostly enough, sometimes very little.
Gen<std::uint16_t> scarce(std::uint16_t enough, std::uint16_t little, std::uint16_t least = 1) {
  return gen::weightedOneOf<std::uint16_t>({{3, gen::just(enough)}, {1, between<std::uint16_t>(least, little)}});
}

Gen<ActorPlan> plan(const Draw& draw, unsigned actors) {
  const Programs programs(actors, draw.longest_ms);
  const auto rarely = [](Gen<std::string> program) {
    return gen::weightedOneOf<std::string>({{5, gen::just(std::string())}, {1, std::move(program)}});
  };
  const auto kind = gen::map(between(0U, 10U), [guests = draw.guests_in_ten](unsigned n) { return n >= 10 - guests; });
  return gen::build<ActorPlan>(
      gen::set(&ActorPlan::guest, kind),
      gen::set(&ActorPlan::mailbox_messages,
               scarce(1024, static_cast<std::uint16_t>(draw.smallest_mailbox + 11), draw.smallest_mailbox)),
      gen::set(&ActorPlan::requests, scarce(1024, 4)), gen::set(&ActorPlan::deferred, scarce(1024, 3)),
      gen::set(&ActorPlan::timers, scarce(1024, 3)), gen::set(&ActorPlan::turn_effects, scarce(1024, 5)),
      gen::set(&ActorPlan::reply_bytes, scarce(8192, 2500)), gen::set(&ActorPlan::max_restarts, scarce(3, 6)),
      gen::set(&ActorPlan::on_start, rarely(programs.program(1))), gen::set(&ActorPlan::on_stop, rarely(programs.program(1))));
}

Gen<Action> action(const Draw& draw, unsigned actors) {
  const Programs programs(actors, draw.longest_ms);
  const auto of = [](Action::Kind kind, Gen<std::uint8_t> actor, Gen<std::uint16_t> number, Gen<std::string> program) {
    return gen::build<Action>(gen::set(&Action::kind, gen::just(kind)), gen::set(&Action::actor, std::move(actor)),
                              gen::set(&Action::number, std::move(number)), gen::set(&Action::program, std::move(program)));
  };
  const auto somebody = between<std::uint8_t>(0, static_cast<std::uint8_t>(actors));
  const auto nobody = gen::just(std::uint8_t{0});
  const auto zero = gen::just(std::uint16_t{0});
  const auto nothing = gen::just(std::string());
  const auto time = between<std::uint16_t>(1, draw.longest_ms);
  return gen::weightedOneOf<Action>({{8, of(Action::send, somebody, zero, programs.program(2))},
                                     {4, of(Action::request, somebody, time, programs.program(2))},
                                     {4, of(Action::run, nobody, between<std::uint16_t>(1, 8), nothing)},
                                     {2, of(Action::settle, nobody, zero, nothing)},
                                     {3, of(Action::advance, nobody, time, nothing)},
                                     {1, of(Action::stop, somebody, zero, nothing)},
                                     {1, of(Action::spawn, somebody, zero, nothing)}});
}

}  // namespace

Gen<Case> cases(const Draw& draw) {
  return gen::mapcat(between(1U, 5U), [draw](unsigned actors) {
    const auto actions = gen::withSize([draw, actors](int size) {
      const int most = std::max(1, static_cast<int>(draw.actions) * std::min(size + 10, 100) / 100);
      return gen::resize(most, gen::container<std::vector<Action>>(action(draw, actors)));
    });
    return gen::build<Case>(gen::set(&Case::seed, gen::arbitrary<std::uint64_t>()),
                            gen::set(&Case::actors, gen::container<std::vector<ActorPlan>>(actors, plan(draw, actors))),
                            gen::set(&Case::actions, actions));
  });
}

}  // namespace airssys::model
