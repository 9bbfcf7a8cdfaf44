#include "airssys/actor/timers.hpp"

#include "airssys/actor/ending.hpp"

namespace airssys::actor {
namespace {

std::size_t once(const Timers::Timer& timer) noexcept {
  return timer.period.count() == 0 ? std::size_t{1} : std::size_t{0};
}

}  // namespace

void Timers::look_for_first() noexcept {
  if (book_ != nullptr && book_->by_time.empty()) book_.reset();
  first_ = book_ == nullptr ? core::MonotonicTime::max() : book_->by_time.begin()->first;
}

void Timers::arm(const Timer& timer) {
  if (book_ == nullptr) book_ = std::make_unique<Book>();
  const auto [armed, is_new] = book_->by_tag.try_emplace(timer.tag, timer);
  if (!is_new) {
    book_->by_time.erase({armed->second.due, timer.tag});
    book_->fire_once -= once(armed->second);
    armed->second = timer;
  }
  book_->by_time.emplace(timer.due, timer.tag);
  book_->fire_once += once(timer);
  look_for_first();
}

bool Timers::disarm(core::Tag tag) noexcept {
  if (book_ == nullptr) return false;
  const auto armed = book_->by_tag.find(tag);
  if (armed == book_->by_tag.end()) return false;
  book_->by_time.erase({armed->second.due, tag});
  book_->fire_once -= once(armed->second);
  book_->by_tag.erase(armed);
  look_for_first();
  return true;
}

std::optional<core::MonotonicTime> Timers::next_due() const noexcept {
  if (book_ == nullptr) return std::nullopt;
  return first_;
}

std::optional<Timers::Due> Timers::take_due(core::MonotonicTime now) {
  if (first_ > now) return std::nullopt;
  const auto first = book_->by_tag.find(book_->by_time.begin()->second);
  Timer& timer = first->second;
  Due due{.firing = {.tag = timer.tag, .due_ms = timer.due_wall_ms, .missed = 0},
          .trace = timer.trace,
          .first_attempt = {},
          .distance = timer.distance};
  if (timer.period.count() == 0) {
    disarm(timer.tag);
    return due;
  }
  const auto missed = (now - timer.due) / timer.period;
  const auto period_ms = std::chrono::duration_cast<std::chrono::milliseconds>(timer.period).count();
  timer.distance = Ending::after(timer.distance);
  due.firing.missed = static_cast<std::uint64_t>(missed);
  due.firing.due_ms += static_cast<std::uint64_t>(missed * period_ms);
  timer.due_wall_ms += static_cast<std::uint64_t>((missed + 1) * period_ms);
  // A timer that never ends is not recorded for ever: each firing takes a quarter of what is left.
  due.trace.recorded = (timer.trace.recorded + 3) / 4;
  timer.trace.recorded -= due.trace.recorded;
  auto moment = book_->by_time.extract(book_->by_time.begin());
  timer.due += timer.period * (missed + 1);
  moment.value().first = timer.due;
  book_->by_time.insert(std::move(moment));
  look_for_first();
  return due;
}

}  // namespace airssys::actor
