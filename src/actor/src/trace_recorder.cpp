#include "airssys/actor/trace_recorder.hpp"

namespace airssys::actor {

bool TraceRecorder::begins(std::uint64_t actor, core::MonotonicTime now) noexcept {
  const bool first = asks_first(actor, now);
  if (!may_begin_.take(now)) return first && may_begin_first_.take(now);
  if (has_share(actor, now)) return true;
  may_begin_.give_back();
  return false;
}

bool TraceRecorder::asks_first(std::uint64_t actor, core::MonotonicTime now) noexcept {
  // About a minute.
  const std::int64_t minute = now.count() >> 36;
  if (minute != asked_in_) asked_.reset();
  asked_in_ = minute;
  const std::size_t place = actor % asked_.size();
  if (asked_[place]) return false;
  asked_[place] = true;
  return true;
}

bool TraceRecorder::has_share(std::uint64_t actor, core::MonotonicTime now) noexcept {
  // About a second; a shift, since it is asked for each timer that nothing caused.
  const std::int64_t second = now.count() >> 30;
  if (second != begun_in_) begun_.fill(0);
  begun_in_ = second;
  std::uint8_t& begun = begun_[actor % begun_.size()];
  if (begun >= kBegunByOne) return false;
  ++begun;
  return true;
}

void TraceRecorder::end(TurnRecord& record, std::string_view outcome) const noexcept {
  record.duration = clock_.monotonic() - record.start;
  record.outcome = outcome;
  sink_.turn(record);
}

}  // namespace airssys::actor
