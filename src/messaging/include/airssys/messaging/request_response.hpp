#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>

#include "airssys/actor/transaction.hpp"
#include "airssys/core/message.hpp"
#include "airssys/messaging/edge_cache.hpp"
#include "airssys/messaging/message_ids.hpp"
#include "airssys/messaging/response_router.hpp"

namespace airssys::messaging {

/// `request`, `cancel` and `answer`: a send that owes its sender exactly one outcome.
class RequestResponse {
 public:
  static constexpr std::uint64_t kTimeoutMaxMs = std::uint64_t{24} * 3600 * 1000;

  explicit RequestResponse(MessageIds& ids) : ids_(ids) {}

  /// What can be said before the target is looked at: the reply handler, the timeout, the limit, the deadline in hand.
  static std::expected<core::MonotonicTime, core::SendError> deadline_for(actor::Transaction& turn, std::uint64_t timeout_ms);
  /// `make_body` as for `FireAndForget::send`.
  template <typename MakeBody>
  std::expected<core::MessageId, core::SendError> request(actor::Transaction& turn, Channel& channel, core::Codec codec,
                                                          std::size_t bytes, MakeBody make_body, core::MonotonicTime deadline,
                                                          core::Tag tag) {
    if (auto permit = reserve(turn, channel, codec, bytes); !permit) return std::unexpected(std::move(permit).error());
    return open(turn, channel, codec, make_body(), deadline, tag);
  }
  bool cancel(actor::Transaction& turn, core::MessageId id);
  std::expected<bool, core::SendError> answer(actor::Transaction& turn, core::MessageId request, core::Codec codec,
                                              std::span<const std::byte> body);
  std::expected<bool, core::SendError> answer(actor::Transaction& turn, core::MessageId request,
                                              std::expected<core::Payload, core::Failure> outcome);

 private:
  static std::expected<void, core::SendError> reserve(actor::Transaction& turn, Channel& channel, core::Codec codec,
                                                      std::size_t bytes);
  core::MessageId open(actor::Transaction& turn, Channel& channel, core::Codec codec, core::Body&& body,
                       core::MonotonicTime deadline, core::Tag tag);

  MessageIds& ids_;
};

}  // namespace airssys::messaging
