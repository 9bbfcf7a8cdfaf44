#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "airssys/actor/transaction.hpp"
#include "airssys/core/message.hpp"
#include "airssys/messaging/message_ids.hpp"
#include "airssys/messaging/message_router.hpp"

namespace airssys::messaging {

/// `broadcast`: one body to many targets, a message each, one effect of the turn. Each target is judged as by `send`.
class Broadcast {
 public:
  static constexpr std::size_t kTargetsMax = 1000;
  using Refusals = std::vector<std::pair<std::uint32_t, core::SendError>>;

  Broadcast(MessageIds& ids, const MessageRouter& router) : ids_(ids), router_(router) {}

  /// The targets that were refused, by index. `make_body` is called once, for the first that is not.
  template <typename MakeBody>
  std::expected<Refusals, core::SendError> broadcast(actor::Transaction& turn, std::span<const std::string_view> to,
                                                     core::Codec codec, std::size_t bytes, MakeBody make_body) const {
    if (auto fits = room(turn, to.size(), bytes); !fits) return std::unexpected(std::move(fits).error());
    turn.add_copies(to.size());
    Refusals refusals;
    core::Body body;
    bool first = true;
    for (std::uint32_t i = 0; i < to.size(); ++i) {
      auto channel = reserve(turn, to[i], codec, bytes);
      if (!channel) {
        refusals.emplace_back(i, std::move(channel).error());
        continue;
      }
      if (first) body = make_body();
      post(turn, **channel, codec, body, std::exchange(first, false));
    }
    return refusals;
  }

 private:
  static std::expected<void, core::SendError> room(const actor::Transaction& turn, std::size_t targets, std::size_t bytes);
  std::expected<Channel*, core::SendError> reserve(actor::Transaction& turn, std::string_view to, core::Codec codec,
                                                   std::size_t bytes) const;
  void post(actor::Transaction& turn, Channel& channel, core::Codec codec, const core::Body& body, bool first) const;

  MessageIds& ids_;
  const MessageRouter& router_;
};

}  // namespace airssys::messaging
