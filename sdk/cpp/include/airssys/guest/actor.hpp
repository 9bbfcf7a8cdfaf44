/// From a plain struct to the exports of a component. AIRSSYS_ACTOR(T) exports the handler, and reply-handler, timer-handler,
/// health, state and shutdown only where T has the members for them.
///
/// The trick: one class template per export, empty unless its second argument is true, explicitly instantiated over T. A
/// `requires` on the member function would not do: an explicit instantiation emits it all the same.
///
/// Memory: arguments are allocated by the host through `cabi_realloc` and freed when the call ends; what a call returns lives
/// in a static slot until the host calls the matching `cabi_post_...`.
#pragma once

#include <airssys/guest/output.hpp>
#include <airssys/guest/values.hpp>
#include <memory>
#include <type_traits>

namespace airssys::guest::detail {

/// Storage without constructor and destructor at start and exit: the guest has no exit.
template <typename T>
union Slot {
  constexpr Slot() noexcept {}
  constexpr ~Slot() {}
  T value;
};

template <typename T>
inline constinit Slot<T> actor_slot;
template <typename T>
T& actor() noexcept {
  return actor_slot<T>.value;
}

template <typename T>
concept InitializesWithReason = requires(T& actor, const StartReason& reason) { actor.initialize(reason); };
template <typename T>
concept Initializes = requires(T& actor) { actor.initialize(); };
template <typename T>
concept HandlesMessages = requires(T& actor, const Message& message) { actor.handle_message(message); };
template <typename T>
concept HandlesReplies = requires(T& actor, const Outcome& outcome) { actor.handle_reply(outcome); };
template <typename T>
concept HandlesTimers = requires(T& actor, const Firing& firing) { actor.handle_timer(firing); };
template <typename T>
concept Checks = requires(T& actor) {
  { actor.check() } -> std::convertible_to<Health>;
};
template <typename T>
concept ExportsState = requires(T& actor, std::uint32_t part) {
  { actor.export_part(part) } -> std::convertible_to<Result<std::optional<std::string>>>;
};
template <typename T>
concept ImportsState = requires(T& actor, const Part& part) { actor.import_part(part); };
template <typename T>
concept Stops = requires(T& actor) { actor.stop(); };

/// A member of the right name and the wrong parameters would silently not be exported: said at compile time instead.
template <typename T>
consteval void check_members() {
  static_assert(!std::string_view(__PRETTY_FUNCTION__).contains("anonymous namespace"),
                "the linker drops the exports of a type in an unnamed namespace: move the actor out of it");
  static_assert(std::is_default_constructible_v<T>, "the actor is made by the host: it needs a constructor without parameters");
  static_assert(HandlesMessages<T>, "the actor needs: Result<Response> handle_message(const Message&)");
  static_assert(
      !requires { &T::initialize; } || Initializes<T> || InitializesWithReason<T>,
      "expected: Result<void> initialize() or initialize(const StartReason&)");
  static_assert(!requires { &T::handle_reply; } || HandlesReplies<T>, "expected: Result<void> handle_reply(const Outcome&)");
  static_assert(!requires { &T::handle_timer; } || HandlesTimers<T>, "expected: Result<void> handle_timer(const Firing&)");
  static_assert(!requires { &T::check; } || Checks<T>, "expected: Health check()");
  static_assert(
      !requires { &T::export_part; } || ExportsState<T>,
      "expected: Result<std::optional<std::string>> export_part(std::uint32_t part)");
  static_assert(!requires { &T::import_part; } || ImportsState<T>, "expected: Result<void> import_part(const Part&)");
  static_assert(!requires { &T::stop; } || Stops<T>, "expected: void stop()");
  static_assert(ExportsState<T> == ImportsState<T>, "export_part and import_part come together");
}

/// What handlers may return, as one type: void is success.
template <typename R, typename Call>
Result<R> called(Call&& call) {
  const EndsOutput at_end;
  if constexpr (std::is_void_v<std::invoke_result_t<Call>>) {
    call();
    if constexpr (std::is_void_v<R>) {
      return {};
    } else {
      return R(Response::kDone);
    }
  } else {
    return call();
  }
}

/// Bytes, or a text that is well-formed.
inline abi::ConstText lower(const std::string& bytes) noexcept {
  return {bytes.data(), size32(bytes.size())};
}
/// Of something that lives until post-return.
inline abi::Failure lower(Failure& failure) {
  make_well_formed(failure.text);
  return {failure.kind, lower(failure.text)};
}

/// A failure on its way out, kept until post-return.
inline constinit Slot<Result<void>> plain_slot;
inline constinit abi::PlainResult plain_area{};

inline const abi::PlainResult* keep(Result<void> result) {
  Result<void>& kept = *std::construct_at(&plain_slot.value, std::move(result));
  plain_area.failed = kept ? 0 : 1;
  if (!kept) plain_area.failure = lower(kept.error());
  return &plain_area;
}
inline void release_plain() noexcept {
  std::destroy_at(&plain_slot.value);
}

#define AIRSSYS_EXPORT(interface, function) __attribute__((used, export_name("airssys:core/" interface "@0.1.0#" function)))
#define AIRSSYS_POST_RETURN(interface, function) \
  __attribute__((used, export_name("cabi_post_airssys:core/" interface "@0.1.0#" function)))

template <typename T>
struct HandlerExports {
  static inline constinit Slot<Result<Response>> slot;
  static inline constinit abi::ResponseResult area{};

  AIRSSYS_EXPORT("handler", "initialize")
  static const abi::PlainResult* initialize(std::uint32_t kind, std::uint32_t restarts_or_data, std::uint32_t size) {
    StartReason reason{static_cast<StartReason::Kind>(kind), 0, {}};
    if (reason.kind == StartReason::restarted) reason.restarts = restarts_or_data;
    if (reason.kind == StartReason::upgraded) {
      reason.from_version = HostText(reinterpret_cast<char*>(restarts_or_data), size).copy();
    }
    std::construct_at(&actor_slot<T>.value);
    if constexpr (InitializesWithReason<T>) {
      return keep(called<void>([&] { return actor<T>().initialize(reason); }));
    } else if constexpr (Initializes<T>) {
      return keep(called<void>([&] { return actor<T>().initialize(); }));
    } else {
      return keep({});
    }
  }
  AIRSSYS_POST_RETURN("handler", "initialize")
  static void initialize_returned(const void*) noexcept { release_plain(); }

  AIRSSYS_EXPORT("handler", "handle-message")
  static const abi::ResponseResult* handle_message(MessageId id, std::uint32_t kind, char* sender, std::uint32_t sender_size,
                                                   std::uint32_t has_topic, char* topic, std::uint32_t topic_size,
                                                   std::uint32_t codec, char* body, std::uint32_t body_size) {
    const Message message(id, static_cast<Kind>(kind), HostText(sender, sender_size),
                          has_topic != 0 ? std::optional<HostText>(std::in_place, topic, topic_size) : std::nullopt,
                          static_cast<Codec>(codec), HostText(body, body_size));
    auto& kept = *std::construct_at(&slot.value, called<Response>([&] { return actor<T>().handle_message(message); }));
    area.failed = kept ? 0 : 1;
    if (kept) {
      area.response = {kept->kind(), {static_cast<std::uint32_t>(kept->body().codec), lower(kept->body().text)}};
    } else {
      area.failure = lower(kept.error());
    }
    return &area;
  }
  AIRSSYS_POST_RETURN("handler", "handle-message")
  static void handle_message_returned(const void*) noexcept { std::destroy_at(&slot.value); }
};

/// The flat form of `result<reply, request-error>`: `one` is the codec or the error's case, the rest as that case has it.
inline Outcome lift_outcome(MessageId id, std::uint64_t tag, bool failed, std::uint32_t one, std::uint32_t two,
                            std::uint32_t three, std::uint32_t four) {
  const auto host_text = [](std::uint32_t data, std::uint32_t size) { return HostText(reinterpret_cast<char*>(data), size); };
  if (!failed) return {id, tag, static_cast<Codec>(one), host_text(two, three)};
  RequestError error;
  error.code = static_cast<RequestError::Code>(one);
  if (error == RequestError::failed || error == RequestError::answered) {
    error.failure = Failure{static_cast<Failure::Kind>(two), {}};
    if (error.failure->kind != Failure::busy) error.failure->text = host_text(three, four).copy();
  } else if (error == RequestError::other) {
    error.other_text = host_text(two, three).copy();
  }
  return {id, tag, std::move(error)};
}

template <typename T, bool present>
struct ReplyHandlerExports {};
template <typename T>
struct ReplyHandlerExports<T, true> {
  AIRSSYS_EXPORT("reply-handler", "handle-reply")
  static const abi::PlainResult* handle_reply(MessageId id, std::uint64_t tag, std::uint32_t failed, std::uint32_t one,
                                              std::uint32_t two, std::uint32_t three, std::uint32_t four) {
    const Outcome outcome = lift_outcome(id, tag, failed != 0, one, two, three, four);
    return keep(called<void>([&] { return actor<T>().handle_reply(outcome); }));
  }
  AIRSSYS_POST_RETURN("reply-handler", "handle-reply")
  static void handle_reply_returned(const void*) noexcept { release_plain(); }
};

template <typename T, bool present>
struct TimerHandlerExports {};
template <typename T>
struct TimerHandlerExports<T, true> {
  AIRSSYS_EXPORT("timer-handler", "handle-timer")
  static const abi::PlainResult* handle_timer(std::uint64_t tag, std::uint64_t due_ms, std::uint64_t missed) {
    const Firing firing{tag, due_ms, missed};
    return keep(called<void>([&] { return actor<T>().handle_timer(firing); }));
  }
  AIRSSYS_POST_RETURN("timer-handler", "handle-timer")
  static void handle_timer_returned(const void*) noexcept { release_plain(); }
};

template <typename T, bool present>
struct HealthExports {};
template <typename T>
struct HealthExports<T, true> {
  static inline constinit Slot<Health> slot;
  static inline constinit abi::HealthStatus area{};

  AIRSSYS_EXPORT("health", "check")
  static const abi::HealthStatus* check() {
    Health& kept = *std::construct_at(&slot.value, actor<T>().check());
    make_well_formed(kept.text);
    area = {kept.level, lower(kept.text)};
    return &area;
  }
  AIRSSYS_POST_RETURN("health", "check")
  static void check_returned(const void*) noexcept { std::destroy_at(&slot.value); }
};

template <typename T, bool present>
struct StateExports {};
template <typename T>
struct StateExports<T, true> {
  static inline constinit Slot<Result<std::optional<std::string>>> slot;
  static inline constinit abi::PartResult area{};

  AIRSSYS_EXPORT("state", "export-part")
  static const abi::PartResult* export_part(std::uint32_t part) {
    auto& kept = *std::construct_at(&slot.value, actor<T>().export_part(part));
    area.failed = kept ? 0 : 1;
    if (!kept) {
      area.failure = lower(kept.error());
    } else {
      area.part = {static_cast<std::uint8_t>(kept->has_value()), {}};
      if (*kept) area.part.value = lower(**kept);
    }
    return &area;
  }
  AIRSSYS_POST_RETURN("state", "export-part")
  static void export_part_returned(const void*) noexcept { std::destroy_at(&slot.value); }

  AIRSSYS_EXPORT("state", "import-part")
  static const abi::PlainResult* import_part(char* version, std::uint32_t version_size, std::uint32_t part, std::uint32_t last,
                                             char* bytes, std::uint32_t bytes_size) {
    const HostText from(version, version_size);
    const HostText content(bytes, bytes_size);
    return keep(called<void>([&] { return actor<T>().import_part(Part{from.view(), part, last != 0, content.view()}); }));
  }
  AIRSSYS_POST_RETURN("state", "import-part")
  static void import_part_returned(const void*) noexcept { release_plain(); }
};

template <typename T, bool present>
struct ShutdownExports {};
template <typename T>
struct ShutdownExports<T, true> {
  AIRSSYS_EXPORT("shutdown", "stop")
  static void stop() {
    const EndsOutput at_end;
    actor<T>().stop();
  }
};

#undef AIRSSYS_EXPORT
#undef AIRSSYS_POST_RETURN

}  // namespace airssys::guest::detail

/// Makes a component of `T`. Once in a component, in the global namespace.
#define AIRSSYS_ACTOR(T)                                                                                     \
  static_assert((::airssys::guest::detail::check_members<T>(), true));                                       \
  template struct airssys::guest::detail::HandlerExports<T>;                                                 \
  template struct airssys::guest::detail::ReplyHandlerExports<T, airssys::guest::detail::HandlesReplies<T>>; \
  template struct airssys::guest::detail::TimerHandlerExports<T, airssys::guest::detail::HandlesTimers<T>>;  \
  template struct airssys::guest::detail::HealthExports<T, airssys::guest::detail::Checks<T>>;               \
  template struct airssys::guest::detail::StateExports<T, airssys::guest::detail::ExportsState<T>>;          \
  template struct airssys::guest::detail::ShutdownExports<T, airssys::guest::detail::Stops<T>>;
