#include "generators.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>
#include <vector>

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

void put_block(Steps& bytes, const Steps& block) {
  put(bytes, block.size(), 2);
  bytes += block;
}

/// What a step is made of: numbers, and programs for the messages that it sends. All steps are drawn through these two, as
/// each further shape of generator costs a second of compiling.
using Numbers = std::vector<std::uint64_t>;
using Blocks = std::vector<Steps>;

template <typename Value>
Gen<std::vector<Value>> each_of(const std::vector<Gen<Value>>& generators) {
  Gen<std::vector<Value>> all = gen::just(std::vector<Value>());
  for (const Gen<Value>& next : generators) {
    all = gen::map(gen::pair(all, next), [](std::pair<std::vector<Value>, Value> drawn) {
      drawn.first.push_back(std::move(drawn.second));
      return std::move(drawn.first);
    });
  }
  return all;
}

template <typename Value>
Gen<Value> drawn(const std::vector<Gen<std::uint64_t>>& numbers, const std::vector<Gen<Steps>>& blocks,
                 std::function<Value(const Numbers&, const Blocks&)> put_together) {
  return gen::map(gen::pair(each_of(numbers), each_of(blocks)),
                  [put_together = std::move(put_together)](const std::pair<Numbers, Blocks>& parts) {
                    return put_together(parts.first, parts.second);
                  });
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

  /// A letter, then numbers of those sizes in bytes, then the blocks.
  static Gen<Steps> plain(char letter, std::vector<std::size_t> sizes, const std::vector<Gen<std::uint64_t>>& numbers,
                          const std::vector<Gen<Steps>>& blocks = {}) {
    return drawn<Steps>(numbers, blocks, [letter, sizes = std::move(sizes)](const Numbers& values, const Blocks& bodies) {
      Steps bytes(1, letter);
      for (std::size_t i = 0; i < values.size(); ++i) put(bytes, values[i], sizes[i]);
      for (const Steps& body : bodies) put_block(bytes, body);
      return bytes;
    });
  }

  Gen<Steps> an_end() const {
    return gen::weightedOneOf<Steps>({{12, gen::just(Steps())},
                                      {4, plain('R', {2}, {bytes()})},
                                      {4, gen::just(Steps("L"))},
                                      {2, gen::just(Steps("J"))},
                                      {1, gen::just(Steps("I"))},
                                      {1, gen::just(Steps("X"))},
                                      {1, gen::just(Steps("T"))}});
  }

  Gen<Steps> a_step(int depth) const {
    const auto which = [](char letter, unsigned most) { return plain(letter, {1}, {below(most)}); };
    const Gen<Steps> alone = gen::weightedOneOf<Steps>({{2, which('c', 4)},
                                                        {2, which('d', 3)},
                                                        {2, which('w', 7)},
                                                        {2, gen::just(Steps("!"))},
                                                        {3, plain('a', {1, 1, 2}, {below(4), below(3), bytes()})},
                                                        {2, plain('h', {1, 2}, {below(3), bytes()})}});
    const Gen<Steps> subscribing = gen::weightedOneOf<Steps>({{2, which('+', 4)}, {1, which('-', 4)}});
    if (depth == 0) return gen::weightedOneOf<Steps>({{13, alone}, {3, subscribing}});
    const auto next = program(depth - 1);
    const auto sending = plain('s', {1}, {below(actors_)}, {next});
    const auto asking = plain('r', {1, 2}, {below(actors_), time()}, {next, next});
    const auto period = gen::weightedElement<std::uint64_t>({{3, 0}, {1, 7}});
    const auto arming = plain('t', {1, 2, 2, 1}, {below(3), time(), period, below(4)}, {next});
    const auto publishing = plain('p', {1}, {below(programmed::kFirstWildTopic)}, {next});
    // The bits of a number choose among the actors, so that none is chosen twice.
    const auto broadcasting =
        drawn<Steps>({below((1U << actors_) - 1)}, {next}, [actors = actors_](const Numbers& chosen, const Blocks& blocks) {
          std::string targets;
          for (unsigned actor = 0; actor < actors; ++actor) {
            if ((((chosen[0] + 1) >> actor) & 1) != 0) put(targets, actor, 1);
          }
          Steps sent(1, 'b');
          put(sent, targets.size(), 1);
          sent += targets;
          put_block(sent, blocks[0]);
          return sent;
        });
    return gen::weightedOneOf<Steps>(
        {{13, alone}, {3, subscribing}, {6, sending}, {6, asking}, {2, arming}, {2, publishing}, {2, broadcasting}});
  }

  unsigned actors_;
  std::uint16_t longest_ms_;
};

/// Mostly enough, sometimes very little.
Gen<std::uint64_t> scarce(std::uint64_t enough, std::uint64_t little, std::uint64_t least = 1) {
  return gen::weightedOneOf<std::uint64_t>({{3, gen::just(enough)}, {1, between<std::uint64_t>(least, little)}});
}

std::uint16_t small(std::uint64_t number) noexcept {
  return static_cast<std::uint16_t>(number);
}

Gen<ActorPlan> plan(const Draw& draw, unsigned actors) {
  const Programs programs(actors, draw.longest_ms);
  const auto rarely = [](Gen<std::string> program) {
    return gen::weightedOneOf<std::string>({{5, gen::just(std::string())}, {1, std::move(program)}});
  };
  const std::uint64_t smallest = draw.smallest_mailbox;
  const std::uint64_t deferred = draw.fewest_deferred;
  return drawn<ActorPlan>(
      {below(10), scarce(1024, smallest + 11, smallest), scarce(1024, 4), scarce(1024, deferred + 2, deferred), scarce(1024, 3),
       scarce(1024, 5), scarce(8192, 2500), scarce(3, 6)},
      {rarely(programs.program(1)), rarely(programs.program(1))},
      [guests = draw.guests_in_ten](const Numbers& numbers, const Blocks& blocks) {
        ActorPlan plan;
        plan.guest = numbers[0] >= 10 - guests;
        plan.mailbox_messages = small(numbers[1]);
        plan.requests = small(numbers[2]);
        plan.deferred = small(numbers[3]);
        plan.timers = small(numbers[4]);
        plan.turn_effects = small(numbers[5]);
        plan.reply_bytes = small(numbers[6]);
        plan.max_restarts = small(numbers[7]);
        plan.on_start = blocks[0];
        plan.on_stop = blocks[1];
        return plan;
      });
}

Gen<Action> action(const Draw& draw, unsigned actors) {
  const Programs programs(actors, draw.longest_ms);
  const auto of = [](Action::Kind kind, const Gen<std::uint64_t>& actor, const Gen<std::uint64_t>& number,
                     const Gen<std::string>& program) {
    return drawn<Action>({actor, number}, {program}, [kind](const Numbers& numbers, const Blocks& blocks) {
      Action action;
      action.kind = kind;
      action.actor = static_cast<std::uint8_t>(numbers[0]);
      action.number = small(numbers[1]);
      action.program = blocks[0];
      return action;
    });
  };
  const auto somebody = below(actors);
  const auto zero = gen::just(std::uint64_t{0});
  const auto nothing = gen::just(std::string());
  const auto time = between<std::uint64_t>(1, draw.longest_ms);
  return gen::weightedOneOf<Action>({{8, of(Action::send, somebody, zero, programs.program(2))},
                                     {4, of(Action::request, somebody, time, programs.program(2))},
                                     {4, of(Action::run, zero, between<std::uint64_t>(1, 8), nothing)},
                                     {2, of(Action::settle, zero, zero, nothing)},
                                     {3, of(Action::advance, zero, time, nothing)},
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
