#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "airssys/core/actor_counts.hpp"
#include "case.hpp"
#include "world.hpp"

namespace airssys::model {

/// One actor's books at the end.
struct Books {
  unsigned actor = 0;
  unsigned incarnation = 0;
  core::ActorCounts counts{};
  std::uint64_t mailbox_messages = 0;
  std::uint64_t mailbox_bytes = 0;
  std::uint64_t reply_bytes = 0;
  std::uint64_t open = 0;
  std::uint64_t owed = 0;
  std::uint64_t kept = 0;  ///< Places of requests, open or not.
  std::uint64_t waiters = 0;
  bool stopped = false;
};

/// A case as it went: what happened in order, and what the system says of itself. `defects`: what was wrong on the way.
struct Recording {
  std::vector<Journal::Entry> journal;
  std::vector<Books> books;
  std::vector<messaging::DeadLetter> letters;
  messaging::DeadLetters::Counts letter_counts{};
  messaging::MessagingStats stats;
  std::uint64_t crashes = 0;
  std::uint64_t restarts = 0;
  std::uint64_t stops = 0;
  std::vector<std::string> defects;
};

/// Runs the case: actors, actions, then on until nothing can happen any more, then everybody is stopped.
///
/// The host writes into the journal:
///   spawn <actor> <incarnation> | stop <actor> | at-rest
///   will send|request <to> <identity> <bytes> [<now_ms> <timeout_ms>] | did <identity> <result>
///   outcome <identity> <word> <identity of the answer> <bytes of the answer>
Recording perform(const Case& played, World& world);

}  // namespace airssys::model
