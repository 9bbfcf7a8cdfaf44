#include "airssys/messaging/metrics.hpp"

namespace airssys::messaging {

MessagingStats MessagingMetrics::stats() const noexcept {
  const auto read = [](const Counter& counter) { return counter.load(std::memory_order_relaxed); };
  MessagingStats stats{.requests_opened = read(requests_opened_),
                       .responses_routed = read(responses_routed_),
                       .responses_orphaned = read(responses_orphaned_),
                       .error_responses = read(error_responses_),
                       .replies_refused = read(replies_refused_),
                       .timeouts = read(timeouts_),
                       .cancelled = read(cancelled_),
                       .refused = {}};
  for (std::size_t i = 0; i < refused_.size(); ++i) stats.refused[i] = read(refused_[i]);
  return stats;
}

}  // namespace airssys::messaging
