#include "airssys/actor/turn_kind.hpp"

#include <gtest/gtest.h>

namespace airssys::actor {
namespace {

using core::FailureKind;
using core::TurnResult;

constexpr TurnKind kAll[] = {TurnKind::initialize, TurnKind::message, TurnKind::reply, TurnKind::timer, TurnKind::stop};

TurnResult failed(FailureKind kind) {
  TurnResult result{};
  result.kind = TurnResult::Kind::failed;
  result.failure.kind = kind;
  return result;
}

TurnResult trapped() {
  TurnResult result{};
  result.kind = TurnResult::Kind::trapped;
  return result;
}

TEST(TurnEnding, is_the_same_for_every_kind_of_turn_that_returns_or_traps) {
  for (const TurnKind kind : kAll) {
    EXPECT_EQ(classify(kind, {}), TurnEnding::stands) << name_of(kind);
    EXPECT_EQ(classify(kind, trapped()), TurnEnding::died) << name_of(kind);
    EXPECT_EQ(classify(kind, failed(FailureKind::internal)), TurnEnding::died) << name_of(kind);
  }
}

TEST(TurnEnding, of_a_refusal_leaves_the_instance_alive) {
  for (const TurnKind kind : {TurnKind::message, TurnKind::reply, TurnKind::timer, TurnKind::stop}) {
    EXPECT_EQ(classify(kind, failed(FailureKind::rejected)), TurnEnding::refused) << name_of(kind);
    EXPECT_EQ(classify(kind, failed(FailureKind::invalid)), TurnEnding::refused) << name_of(kind);
    EXPECT_EQ(classify(kind, failed(FailureKind::busy)), TurnEnding::busy) << name_of(kind);
  }
}

TEST(TurnEnding, of_an_initialize_that_fails_with_whatever_word_is_a_death) {
  for (const FailureKind kind : {FailureKind::rejected, FailureKind::invalid, FailureKind::busy, FailureKind::internal}) {
    EXPECT_EQ(classify(TurnKind::initialize, failed(kind)), TurnEnding::died);
  }
}

TEST(TurnKind, is_called_as_in_the_contract) {
  EXPECT_EQ(name_of(TurnKind::initialize), "initialize");
  EXPECT_EQ(name_of(TurnKind::message), "handle-message");
  EXPECT_EQ(name_of(TurnKind::reply), "handle-reply");
  EXPECT_EQ(name_of(TurnKind::timer), "handle-timer");
  EXPECT_EQ(name_of(TurnKind::stop), "stop");
}

}  // namespace
}  // namespace airssys::actor
