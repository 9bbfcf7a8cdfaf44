#include "airssys/messaging/dead_letters.hpp"

#include <numeric>
#include <utility>

namespace airssys::messaging {

void DeadLetters::bury(actor::EnvelopePtr envelope, const core::Address& target, actor::DeadReason reason) noexcept {
  counts_[static_cast<std::size_t>(reason)].fetch_add(1, std::memory_order_relaxed);
  DeadLetter letter{.id = core::to_number(envelope->id),
                    .reason = reason,
                    .sender = envelope->sender() != nullptr ? envelope->sender()->address().text() : std::string(),
                    .target = target.text(),
                    .codec = envelope->codec,
                    .body = envelope->body};
  const std::lock_guard lock(mutex_);
  bytes_ += letter.body.size();
  letters_.push_back(std::move(letter));
  while (letters_.size() > kMost || bytes_ > kMostBytes) {
    bytes_ -= letters_.front().body.size();
    letters_.pop_front();
  }
}

std::vector<DeadLetter> DeadLetters::letters() const {
  const std::lock_guard lock(mutex_);
  return {letters_.begin(), letters_.end()};
}

DeadLetters::Counts DeadLetters::counts() const noexcept {
  Counts counts{};
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = counts_[i].load(std::memory_order_relaxed);
  return counts;
}

std::uint64_t DeadLetters::total() const noexcept {
  const Counts all = counts();
  return std::accumulate(all.begin(), all.end(), std::uint64_t{0});
}

}  // namespace airssys::messaging
