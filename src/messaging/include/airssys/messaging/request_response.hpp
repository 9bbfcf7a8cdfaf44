#pragma once

#include <cstdint>
#include <expected>
#include <span>

#include "airssys/actor/turn.hpp"
#include "airssys/core/message.hpp"
#include "airssys/messaging/edge_cache.hpp"
#include "airssys/messaging/message_ids.hpp"
#include "airssys/messaging/metrics.hpp"
#include "airssys/messaging/response_router.hpp"

namespace airssys::messaging {

/// `request`, `cancel` and `answer`: a send that owes its sender exactly one outcome.
class RequestResponse {
 public:
  static constexpr std::uint64_t kTimeoutMaxMs = std::uint64_t{24} * 3600 * 1000;

  RequestResponse(MessageIds& ids, ResponseRouter& responses, MessagingMetrics& metrics)
      : ids_(ids), responses_(responses), metrics_(metrics) {}

  /// What can be said before the target is looked at: the reply handler, the timeout, the limit, the deadline in hand.
  static std::expected<core::MonotonicTime, core::SendError> deadline_for(actor::Turn& turn, std::uint64_t timeout_ms);
  std::expected<core::MessageId, core::SendError> request(actor::Turn& turn, Edge& edge, core::Codec codec,
                                                          std::span<const std::byte> body, core::MonotonicTime deadline,
                                                          core::Tag tag);
  bool cancel(actor::Turn& turn, core::MessageId id);
  std::expected<bool, core::SendError> answer(actor::Turn& turn, core::MessageId request,
                                              std::expected<core::Payload, core::Failure> outcome);

 private:
  MessageIds& ids_;
  ResponseRouter& responses_;
  MessagingMetrics& metrics_;
};

}  // namespace airssys::messaging
