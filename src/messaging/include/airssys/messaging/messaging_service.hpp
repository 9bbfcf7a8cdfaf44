#pragma once

#include <memory>

#include "airssys/actor/actor_system.hpp"
#include "airssys/core/ports/log_port.hpp"
#include "airssys/core/ports/messaging_port.hpp"
#include "airssys/messaging/actor_correspondence.hpp"
#include "airssys/messaging/broadcast.hpp"
#include "airssys/messaging/dead_letters.hpp"
#include "airssys/messaging/fire_and_forget.hpp"
#include "airssys/messaging/idempotency_keys.hpp"
#include "airssys/messaging/message_ids.hpp"
#include "airssys/messaging/message_router.hpp"
#include "airssys/messaging/metrics.hpp"
#include "airssys/messaging/publish_subscribe.hpp"
#include "airssys/messaging/request_response.hpp"
#include "airssys/messaging/response_router.hpp"
#include "airssys/messaging/topics.hpp"
#include "airssys/security/grant_table.hpp"

namespace airssys::messaging {

/// The messaging port: what a guest's call means. It only asks the others in the right order.
class MessagingService final : public core::MessagingPort {
 public:
  /// All borrowed; they outlive this. `first_id` > 0; `more_ids`: see `MessageIds`.
  MessagingService(const actor::Registry& registry, const security::GrantTable& grants, std::uint64_t first_id,
                   MessageIds::Reserve more_ids = nullptr);

  /// Where operators are told of denials; borrowed, outlives this. Before the first turn; without one they are counted alone.
  void use(core::LogPort& log) noexcept { log_ = &log; }
  /// Where it is known how those have ended who are no more. Likewise.
  void use(const actor::StoppedActors& stopped) noexcept { stopped_ = &stopped; }

  /// What an actor needs of messaging; give it to `ActorSystem::use`. The actor gets the subscriptions declared for it.
  std::unique_ptr<actor::Correspondence> make_correspondence(actor::ActorCell& owner);
  /// A subscription that the owner of the system makes, for the actors that are there and those that come.
  void declare(DeclaredSubscription subscription);

  Sent send(core::TurnToken turn, std::string_view to, core::Codec codec, std::span<const std::byte> body) override;
  Sent send(core::TurnToken turn, std::string_view to, core::Payload payload) override;
  std::expected<core::MessageId, core::SendError> request(core::TurnToken turn, std::string_view to, core::Codec codec,
                                                          std::span<const std::byte> body, std::uint64_t timeout_ms,
                                                          core::Tag tag) override;
  std::expected<core::MessageId, core::SendError> request(core::TurnToken turn, std::string_view to, core::Payload payload,
                                                          std::uint64_t timeout_ms, core::Tag tag) override;
  bool cancel(core::TurnToken turn, core::MessageId id) override;
  std::expected<bool, core::SendError> answer(core::TurnToken turn, core::MessageId request, core::Codec codec,
                                              std::span<const std::byte> body) override;
  std::expected<bool, core::SendError> answer(core::TurnToken turn, core::MessageId request,
                                              std::expected<core::Payload, core::Failure> outcome) override;
  std::expected<std::vector<Refusal>, core::SendError> broadcast(core::TurnToken turn, std::span<const std::string_view> to,
                                                                 core::Codec codec, std::span<const std::byte> body) override;
  std::expected<std::vector<Refusal>, core::SendError> broadcast(core::TurnToken turn, std::span<const std::string_view> to,
                                                                 core::Payload payload) override;
  Sent publish(core::TurnToken turn, std::string_view topic, core::Codec codec, std::span<const std::byte> body) override;
  Sent publish(core::TurnToken turn, std::string_view topic, core::Payload payload) override;
  Sent subscribe(core::TurnToken turn, std::string_view pattern) override;
  bool unsubscribe(core::TurnToken turn, std::string_view pattern) override;

  /// `sender` was denied to `verb` at `target`: counts it, and tells operators of it now and then. The sender itself learns
  /// nothing by this. By whoever runs it, or sends in its name.
  void note_denied(actor::ActorCell& sender, security::Verb verb, std::string_view target, core::MonotonicTime now,
                   std::uint64_t now_ms);

  MessageRouter& router() noexcept { return router_; }
  MessageIds& ids() noexcept { return ids_; }
  DeadLetters& dead_letters() noexcept { return dead_letters_; }
  /// Through which whatever actors and hosts do leaves them.
  actor::CommitDoor& door() noexcept { return door_; }
  ResponseRouter& responses() noexcept { return responses_; }
  const ResponseRouter& responses() const noexcept { return responses_; }
  MessagingMetrics& metrics() noexcept { return metrics_; }
  const MessagingMetrics& metrics() const noexcept { return metrics_; }
  PublishSubscribe& publishing() noexcept { return publishing_; }
  IdempotencyKeys& keys() noexcept { return keys_; }
  Topics& topics() noexcept { return topics_; }

 private:
  template <typename T>
  std::expected<T, core::SendError> counted(std::expected<T, core::SendError> result) noexcept {
    if (!result) metrics_.refused(result.error().kind);
    return result;
  }
  /// The same for a call of a turn; what operators are to know of it is noted.
  template <typename T>
  std::expected<T, core::SendError> counted(actor::Transaction& turn, security::Verb verb, std::string_view target,
                                            std::expected<T, core::SendError> result) {
    if (!result) note_refused(turn, result.error().kind, verb, target);
    return counted(std::move(result));
  }
  void note_refused(actor::Transaction& turn, core::SendErrorKind kind, security::Verb verb, std::string_view target);
  void note_denied(actor::Transaction& turn, security::Verb verb, std::string_view target);
  /// Tells operators now and then how the target ended, if it has. The sender learns no more than that it is not there.
  void note_gone(actor::Transaction& turn, security::Verb verb, std::string_view target);
  template <typename MakeBody>
  Sent post(actor::Transaction& turn, std::string_view to, core::Codec codec, std::size_t bytes, MakeBody make_body);
  template <typename MakeBody>
  std::expected<core::MessageId, core::SendError> ask(actor::Transaction& turn, std::string_view to, core::Codec codec,
                                                      std::size_t bytes, MakeBody make_body, std::uint64_t timeout_ms,
                                                      core::Tag tag);
  template <typename MakeBody>
  std::expected<std::vector<Refusal>, core::SendError> spread(actor::Transaction& turn, std::span<const std::string_view> to,
                                                              core::Codec codec, std::size_t bytes, MakeBody make_body);

  const actor::Registry& registry_;
  core::LogPort* log_ = nullptr;
  const actor::StoppedActors* stopped_ = nullptr;
  MessagingMetrics metrics_;
  DeadLetters dead_letters_;
  MessageIds ids_;
  actor::CommitDoor door_;
  MessageRouter router_;
  ResponseRouter responses_;
  Topics topics_;
  FireAndForget fire_and_forget_;
  Broadcast broadcast_;
  RequestResponse request_response_;
  PublishSubscribe publishing_;
  IdempotencyKeys keys_;
  const ActorCorrespondence::Services services_;
};

}  // namespace airssys::messaging
