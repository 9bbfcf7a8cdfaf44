#include "case.hpp"

#include <algorithm>
#include <ostream>

#include "program.hpp"

namespace airssys::model {
namespace {

using programmed::put;
using programmed::Reader;

constexpr std::uint64_t kVersion = 1;

void put_block(std::string& bytes, std::string_view block) {
  put(bytes, block.size(), 2);
  bytes += block;
}

void put_plan(std::string& bytes, const ActorPlan& plan) {
  put(bytes, plan.guest ? 1 : 0, 1);
  for (const std::uint16_t number : {plan.mailbox_messages, plan.requests, plan.deferred, plan.timers, plan.turn_effects,
                                     plan.body_bytes, plan.reply_bytes, plan.max_restarts}) {
    put(bytes, number, 2);
  }
  put_block(bytes, plan.on_start);
  put_block(bytes, plan.on_stop);
}

ActorPlan read_plan(Reader& reader) {
  ActorPlan plan;
  plan.guest = reader.u8() != 0;
  for (std::uint16_t* number : {&plan.mailbox_messages, &plan.requests, &plan.deferred, &plan.timers, &plan.turn_effects,
                                &plan.body_bytes, &plan.reply_bytes, &plan.max_restarts}) {
    *number = reader.u16();
  }
  plan.on_start = reader.block();
  plan.on_stop = reader.block();
  return plan;
}

void show_steps(std::string& text, Reader& steps);

void show_block(std::string& text, std::string_view block) {
  text += '{';
  Reader steps(block);
  show_steps(text, steps);
  text += '}';
}

void show_numbers(std::string& text, Reader& steps, std::initializer_list<std::size_t> sizes) {
  for (auto size = sizes.begin(); size != sizes.end(); ++size) {
    if (size != sizes.begin()) text += ',';
    text += std::to_string(steps.number(*size));
  }
}

void show_step(std::string& text, char step, Reader& steps) {
  text += step;
  switch (step) {
    case 's':
    case 'p':
      show_numbers(text, steps, {1});
      show_block(text, steps.block());
      break;
    case 'b': {
      const unsigned count = steps.u8();
      for (unsigned i = 0; i < count; ++i) text += (i == 0 ? "" : ",") + std::to_string(steps.u8());
      show_block(text, steps.block());
      break;
    }
    case 'r':
      show_numbers(text, steps, {1, 2});
      show_block(text, steps.block());
      show_block(text, steps.block());
      break;
    case 't':
      show_numbers(text, steps, {1, 2, 2, 1});
      show_block(text, steps.block());
      break;
    case 'a':
      show_numbers(text, steps, {1, 1, 2});
      break;
    case 'h':
      show_numbers(text, steps, {1, 2});
      break;
    case 'R':
      show_numbers(text, steps, {2});
      break;
    case '+':
    case '-':
    case 'c':
    case 'd':
    case 'w':
      show_numbers(text, steps, {1});
      break;
    default:
      break;
  }
}

void show_steps(std::string& text, Reader& steps) {
  while (steps.more()) {
    if (text.empty() || text.back() != '{') text += ' ';
    show_step(text, static_cast<char>(steps.u8()), steps);
  }
}

std::ostream& operator<<(std::ostream& out, const ActorPlan& plan) {
  return out << (plan.guest ? "guest" : "native") << " mailbox " << plan.mailbox_messages << ", requests " << plan.requests
             << ", deferred " << plan.deferred << ", timers " << plan.timers << ", effects " << plan.turn_effects << ", body "
             << plan.body_bytes << ", replies " << plan.reply_bytes << ", restarts " << plan.max_restarts << ", start {"
             << show_program(plan.on_start) << "}, stop {" << show_program(plan.on_stop) << "}";
}

std::ostream& operator<<(std::ostream& out, const Action& action) {
  const unsigned actor = action.actor;
  switch (action.kind) {
    case Action::send:
      return out << "send " << actor << " {" << show_program(action.program) << "}";
    case Action::request:
      return out << "request " << actor << " " << action.number << " ms {" << show_program(action.program) << "}";
    case Action::run:
      return out << "run " << action.number;
    case Action::settle:
      return out << "settle";
    case Action::advance:
      return out << "advance " << action.number << " ms";
    case Action::stop:
      return out << "stop " << actor;
    case Action::spawn:
      return out << "spawn " << actor;
  }
  return out;
}

}  // namespace

core::Limits ActorPlan::limits() const {
  core::Limits limits;
  limits.mailbox_messages = mailbox_messages;
  limits.requests = requests;
  limits.deferred = deferred;
  limits.timers = timers;
  limits.turn_effects = turn_effects;
  limits.body_bytes = body_bytes;
  limits.reply_bytes = reply_bytes;
  limits.log_rate = 1'000'000;
  limits.memory = core::Bytes{2} << 20;
  return limits;
}

std::string Case::text() const {
  std::string bytes;
  put(bytes, kVersion, 1);
  put(bytes, seed, 8);
  put(bytes, actors.size(), 1);
  for (const ActorPlan& plan : actors) put_plan(bytes, plan);
  for (const Action& action : actions) {
    put(bytes, action.kind, 1);
    put(bytes, action.actor, 1);
    put(bytes, action.number, 2);
    put_block(bytes, action.program);
  }
  return programmed::to_hex(bytes);
}

std::optional<Case> Case::from_text(std::string_view text) {
  if (text.find_first_not_of("0123456789abcdef") != text.npos) return std::nullopt;
  const std::string bytes = programmed::from_hex(text);
  Reader reader(bytes);
  if (reader.u8() != kVersion) return std::nullopt;
  Case read;
  read.seed = reader.u64();
  const unsigned actors = reader.u8();
  for (unsigned i = 0; i < actors; ++i) read.actors.push_back(read_plan(reader));
  while (reader.more()) {
    Action action;
    action.kind = static_cast<Action::Kind>(reader.u8() % Action::kKinds);
    action.actor = reader.u8();
    action.number = reader.u16();
    action.program = reader.block();
    read.actions.push_back(std::move(action));
  }
  return read;
}

std::string show_program(std::string_view program) {
  std::string text;
  Reader steps(program);
  show_steps(text, steps);
  if (!text.empty() && text.front() == ' ') text.erase(0, 1);
  return text;
}

std::ostream& operator<<(std::ostream& out, const Case& shown) {
  out << "seed " << shown.seed << "\n";
  for (std::size_t i = 0; i < shown.actors.size(); ++i) out << "actor " << i << ": " << shown.actors[i] << "\n";
  for (const Action& action : shown.actions) out << action << "\n";
  return out << "replay it: AIRSSYS_MODEL_CASE=" << shown.text() << "\n";
}

}  // namespace airssys::model
