// The work of the native rows done by actors of CAF 0.17: `caf ROW COUNT THREADS`. For each line of input one batch, then a
// line with its nanoseconds and what it came to. What each row does is said in bench/native.cpp; here is the same in CAF's way.
#include <unistd.h>
#include <algorithm>
#include <caf/all.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <future>
#include <iostream>
#include <string>
#include <vector>

namespace {

using Number = std::uint64_t;
using Clock = std::chrono::steady_clock;
using begin_atom = caf::atom_constant<caf::atom("begin")>;
using look_atom = caf::atom_constant<caf::atom("look")>;

/// When a batch began and what came out. Started and finished by actors, awaited by the main thread.
struct Watch {
  Clock::time_point begin;
  std::promise<std::pair<double, Number>> outcome;

  void start() { begin = Clock::now(); }
  void finish(Number result) {
    const std::chrono::duration<double, std::nano> taken = Clock::now() - begin;
    outcome.set_value({taken.count(), result});
  }
};

Watch watch;

// ---- native_pingpong

caf::behavior pong(caf::event_based_actor*) {
  return {[](Number n) { return n + 1; }};
}

struct SumState {
  Number sum = 0;
  Number heard = 0;
  Number born = 0;
};

caf::behavior ping(caf::stateful_actor<SumState>* self, caf::actor other, Number count) {
  return {[=](begin_atom) {
            self->state.sum = 0;
            watch.start();
            self->send(other, Number{0});
          },
          [=](Number n) {
            self->state.sum += n;
            if (n == count) {
              watch.finish(self->state.sum);
            } else {
              self->send(other, n);
            }
          }};
}

// ---- native_mailbox_8to1

constexpr Number kSenders = 8;

caf::behavior sender(caf::event_based_actor* self, Number count) {
  return {[=](begin_atom, const caf::actor& receiver) {
    for (Number n = 1; n <= count; ++n) self->send(receiver, n);
  }};
}

caf::behavior receiver(caf::stateful_actor<SumState>* self, Number count) {
  std::vector<caf::actor> senders;
  for (Number i = 0; i < kSenders; ++i) senders.push_back(self->spawn(sender, count));
  return {[=](begin_atom) {
            self->state = SumState{};
            watch.start();
            for (const caf::actor& one : senders) self->send(one, begin_atom::value, caf::actor_cast<caf::actor>(self));
          },
          [=](Number n) {
            self->state.sum += n;
            if (++self->state.heard == kSenders * count) watch.finish(self->state.sum);
          }};
}

// ---- native_ring

constexpr unsigned kRing = 503;

struct RingState {
  caf::actor next;
};

caf::behavior ring_node(caf::stateful_actor<RingState>* self, caf::actor next, Number count) {
  self->state.next = std::move(next);
  const auto pass_on = [=](Number hops) {
    if (hops == count) {
      watch.finish(hops);
    } else {
      self->send(self->state.next, hops + 1);
    }
  };
  return {pass_on,
          [=](begin_atom) {
            watch.start();
            pass_on(0);
          },
          [=](const caf::actor& first) { self->state.next = first; }};
}

caf::actor make_ring(caf::actor_system& system, Number count) {
  // From the last to the first; the last learns of the first when it is there.
  const caf::actor last = system.spawn(ring_node, caf::actor{}, count);
  caf::actor first = last;
  for (unsigned i = 1; i < kRing; ++i) first = system.spawn(ring_node, first, count);
  caf::anon_send(last, first);
  return first;
}

// ---- native_spawn

constexpr Number kAtOnce = 256;

caf::behavior child(caf::event_based_actor* self) {
  return {[=](Number n) {
    self->quit();
    return n;
  }};
}

caf::behavior parent(caf::stateful_actor<SumState>* self, Number count) {
  const auto spawn_some = [=] {
    for (const Number until = std::min(count, self->state.born + kAtOnce); self->state.born < until;) {
      self->send(self->spawn(child), ++self->state.born);
    }
  };
  const auto look_for_the_end = [=] {
    // Only this actor is left.
    if (self->system().registry().running() == 1) {
      watch.finish(self->state.sum);
    } else {
      self->send(self, look_atom::value);
    }
  };
  return {[=](begin_atom) {
            self->state = SumState{};
            watch.start();
            spawn_some();
          },
          [=](Number n) {
            self->state.sum += n;
            ++self->state.heard;
            if (self->state.heard == count) {
              look_for_the_end();
            } else if (self->state.heard == self->state.born) {
              spawn_some();
            }
          },
          [=](look_atom) { look_for_the_end(); }};
}

// ---- native_skynet

constexpr Number kTenth = 10;

caf::behavior tree_node(caf::stateful_actor<SumState>* self, caf::actor above, Number first, Number leaves) {
  if (leaves == 1) {
    self->send(above, first);
    return {};
  }
  const Number part = leaves / kTenth;
  for (Number i = 0; i < kTenth; ++i) self->spawn(tree_node, caf::actor_cast<caf::actor>(self), first + i * part, part);
  return {[=](Number n) {
    self->state.sum += n;
    if (++self->state.heard == kTenth) {
      self->send(above, self->state.sum);
      self->quit();
    }
  }};
}

caf::behavior gardener(caf::event_based_actor* self, Number leaves) {
  return {[=](begin_atom) {
            watch.start();
            self->spawn(tree_node, caf::actor_cast<caf::actor>(self), Number{0}, leaves);
          },
          [=](Number sum) { watch.finish(sum); }};
}

// ---- native_request

caf::behavior asker(caf::stateful_actor<SumState>* self, caf::actor server, Number count);

void ask(caf::stateful_actor<SumState>* self, const caf::actor& server, Number value, Number count) {
  self->request(server, std::chrono::seconds(5), value).then([=](Number n) {
    self->state.sum += n;
    if (n == count) {
      watch.finish(self->state.sum);
    } else {
      ask(self, server, n, count);
    }
  });
}

caf::behavior asker(caf::stateful_actor<SumState>* self, caf::actor server, Number count) {
  return {[=](begin_atom) {
    self->state.sum = 0;
    watch.start();
    ask(self, server, 0, count);
  }};
}

// ---- native_idle_bytes

double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  double all = 0;
  double resident = 0;
  file >> all >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

/// Bytes that each takes, and how many reply afterwards.
std::pair<double, Number> measure_idle(caf::actor_system& system, Number count) {
  std::vector<caf::actor> idlers;
  idlers.reserve(count);
  const double before = resident_bytes();
  for (Number i = 0; i < count; ++i) idlers.push_back(system.spawn(pong));
  const double each = (resident_bytes() - before) / static_cast<double>(count);
  caf::scoped_actor self{system};
  Number alive = 0;
  for (const caf::actor& idler : idlers) self->send(idler, Number{1});
  bool waited_in_vain = false;
  for (Number i = 0; i < count && !waited_in_vain; ++i) {
    self->receive([&](Number n) { alive += n == 2 ? 1 : 0; },
                  caf::after(std::chrono::seconds(5)) >> [&] { waited_in_vain = true; });
  }
  return {each, alive};
}

caf::actor spawn_first(caf::actor_system& system, const std::string& row, Number count) {
  if (row == "native_pingpong") return system.spawn(ping, system.spawn(pong), count);
  if (row == "native_mailbox_8to1") return system.spawn(receiver, count);
  if (row == "native_ring") return make_ring(system, count);
  if (row == "native_spawn") return system.spawn(parent, count);
  if (row == "native_skynet") return system.spawn(gardener, count);
  if (row == "native_request") return system.spawn(asker, system.spawn(pong), count);
  return {};
}

int run(const std::string& row, Number count, std::size_t threads) {
  caf::actor_system_config config;
  config.set("scheduler.max-threads", threads);
  caf::actor_system system{config};
  caf::actor first = spawn_first(system, row, count);
  if (!first && row != "native_idle_bytes") {
    std::cerr << "caf: there is no row " << row << '\n';
    return 2;
  }
  for (std::string line; std::getline(std::cin, line);) {
    std::pair<double, Number> outcome;
    if (row == "native_idle_bytes") {
      outcome = measure_idle(system, count);
    } else {
      watch.outcome = {};
      auto future = watch.outcome.get_future();
      caf::anon_send(first, begin_atom::value);
      outcome = future.get();
      // What a tree leaves behind is gone before the next batch.
      if (row == "native_skynet") system.registry().await_running_count_equal(1);
    }
    std::printf("%.1f %llu\n", outcome.first, static_cast<unsigned long long>(outcome.second));
    std::fflush(stdout);
  }
  // The rest needs no orderly end, and actors of a ring hold each other.
  std::_Exit(0);
}

}  // namespace

int main(int arguments, char** words) {
  if (arguments != 4) {
    std::cerr << "usage: caf ROW COUNT THREADS\n";
    return 2;
  }
  return run(words[1], std::strtoull(words[2], nullptr, 10), std::strtoul(words[3], nullptr, 10));
}
