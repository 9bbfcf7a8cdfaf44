#pragma once

#include <expected>
#include <span>
#include <string_view>

#include "airssys/actor/transaction.hpp"
#include "airssys/core/message.hpp"
#include "airssys/messaging/edge_cache.hpp"
#include "airssys/messaging/message_ids.hpp"

namespace airssys::messaging {

/// `send`: a permit in the target's mailbox and an entry among the turn's effects.
class FireAndForget {
 public:
  explicit FireAndForget(MessageIds& ids) : ids_(ids) {}

  /// `make_body` makes the body once everything else is settled, so that a refused message is never copied.
  template <typename MakeBody>
  std::expected<void, core::SendError> send(actor::Transaction& turn, Channel& channel, core::Codec codec, std::size_t bytes,
                                            MakeBody make_body) {
    if (auto permit = reserve(turn, channel, codec, bytes); !permit) return std::unexpected(std::move(permit).error());
    post(turn, channel, codec, make_body());
    return {};
  }

 private:
  static std::expected<void, core::SendError> reserve(actor::Transaction& turn, Channel& channel, core::Codec codec,
                                                      std::size_t bytes);
  void post(actor::Transaction& turn, Channel& channel, core::Codec codec, core::Body&& body);

  MessageIds& ids_;
};

}  // namespace airssys::messaging
