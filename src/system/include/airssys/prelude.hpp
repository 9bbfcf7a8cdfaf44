#pragma once

/// Everything an embedding program needs, under one namespace.

#include "airssys/actor/native_actor.hpp"
#include "airssys/actor/turn.hpp"
#include "airssys/core/actor_spec.hpp"
#include "airssys/core/address.hpp"
#include "airssys/core/error.hpp"
#include "airssys/core/limits.hpp"
#include "airssys/core/message.hpp"
#include "airssys/core/profile.hpp"
#include "airssys/core/restart_policy.hpp"
#include "airssys/messaging/broadcast.hpp"
#include "airssys/messaging/correlation_tracker.hpp"
#include "airssys/messaging/dead_letters.hpp"
#include "airssys/messaging/fire_and_forget.hpp"
#include "airssys/messaging/message_router.hpp"
#include "airssys/messaging/messaging_service.hpp"
#include "airssys/messaging/metrics.hpp"
#include "airssys/messaging/multicodec_codec.hpp"
#include "airssys/messaging/publish_subscribe.hpp"
#include "airssys/messaging/request_response.hpp"
#include "airssys/messaging/response_router.hpp"
#include "airssys/messaging/topics.hpp"
#include "airssys/security/grant.hpp"
#include "airssys/system/compile_child.hpp"
#include "airssys/system/deployment.hpp"
#include "airssys/system/or_exit.hpp"
#include "airssys/system/system.hpp"

namespace airssys {

using core::ActorInfo;
using core::ActorSpec;
using core::Address;
using core::AddressPattern;
using core::Body;
using core::Bytes;
using core::Codec;
using core::ConfigValues;
using core::done;
using core::Error;
using core::ErrorCode;
using core::Failure;
using core::FailureKind;
using core::json;
using core::later;
using core::Limits;
using core::MessageId;
using core::MessageKind;
using core::MessageView;
using core::Outcome;
using core::OutcomeView;
using core::Payload;
using core::Profile;
using core::raw;
using core::reply;
using core::Response;
using core::RestartPolicy;
using core::Result;
using core::Start;
using core::Tag;

using actor::Firing;
using actor::NativeActor;
using actor::Turn;

using messaging::Broadcast;
using messaging::CorrelationTracker;
using messaging::DeadLetter;
using messaging::DeclaredSubscription;
using messaging::Denials;
using messaging::FireAndForget;
using messaging::MessageRouter;
using messaging::MessagingMetrics;
using messaging::MessagingService;
using messaging::MessagingStats;
using messaging::MulticodecCodec;
using messaging::PayloadView;
using messaging::PublishSubscribe;
using messaging::ReceptionStats;
using messaging::RequestResponse;
using messaging::ResponseRouter;
using messaging::ResponseStats;
using messaging::RouterStats;
using messaging::ServiceStats;
using messaging::Topics;

using runtime::CompilerOptions;

using security::Grant;
using security::GrantId;
using security::TopicPattern;
using security::Verb;

using system::ActorDetails;
using system::ActorPage;
using system::Client;
using system::compiling_in_children;
using system::ComponentRef;
using system::GuestSpec;
using system::is_compile_child;
using system::or_exit;
using system::run_compile_child;
using system::System;
using system::SystemOptions;
using system::SystemStats;

}  // namespace airssys
