/// The contract of wit/airssys.wit as the component model's canonical ABI lays it out: the functions that the host offers and
/// the memory shapes in which records and variants come back. For the kit, and for guests that mean to misuse it; everybody
/// else includes <airssys/guest.hpp>.
///
/// Rules that the shapes follow: a variant is its case number, then the payload at the next multiple of the largest alignment
/// of any case; at most 16 parameters travel flat; more than one flat result comes back through a pointer given as the last
/// parameter. What the host hands over was allocated by `cabi_realloc` and is the guest's to free.
#pragma once

#include <cstddef>
#include <cstdint>

namespace airssys::guest::abi {

/// A `string` or `list<u8>`, or any other list with its count.
struct Text {
  char* data;
  std::uint32_t size;
};
struct ConstText {
  const char* data;
  std::uint32_t size;
};
struct ConstTextPair {
  ConstText first;
  ConstText second;
};
struct TextPair {
  Text first;
  Text second;
};
struct OptionalText {
  std::uint8_t present;
  Text value;
};
struct OptionalNumber {
  std::uint8_t present;
  std::uint64_t value;
};

/// `send-error` and `storage-error` have the same shape.
union ErrorPayload {
  std::uint64_t number;
  std::uint8_t limit;
  Text text;
};
struct Error {
  std::uint8_t code;
  ErrorPayload payload;
};
struct Refusal {
  std::uint32_t index;
  Error error;
};
struct Page {
  Text items;
  OptionalText next;
};

/// `result<T, send-error>` or `result<T, storage-error>`.
template <typename T>
struct ResultOf {
  std::uint8_t failed;
  union {
    T value;
    Error error;
  };
};
struct Nothing {};
struct TimerResult {
  std::uint8_t failed;
  std::uint8_t error;
};
struct Usage {
  std::uint64_t bytes;
  std::uint64_t quota_bytes;
  std::uint64_t keys;
};

/// What exports return.
struct Reply {
  std::uint32_t codec;
  ConstText body;
};
struct Failure {
  std::uint8_t kind;
  ConstText text;
};
struct Response {
  std::uint8_t kind;
  Reply reply;
};
struct ResponseResult {
  std::uint8_t failed;
  union {
    Response response;
    Failure failure;
  };
};
struct PlainResult {
  std::uint8_t failed;
  Failure failure;
};
struct OptionalConstText {
  std::uint8_t present;
  ConstText value;
};
struct PartResult {
  std::uint8_t failed;
  union {
    OptionalConstText part;
    Failure failure;
  };
};
struct HealthStatus {
  std::uint8_t level;
  ConstText text;
};

static_assert(sizeof(void*) == 4, "guests are compiled for wasm32");
static_assert(sizeof(OptionalText) == 12 && offsetof(OptionalText, value) == 4);
static_assert(sizeof(OptionalNumber) == 16 && offsetof(OptionalNumber, value) == 8);
static_assert(sizeof(Error) == 16 && offsetof(Error, payload) == 8);
static_assert(sizeof(Refusal) == 24 && offsetof(Refusal, error) == 8);
static_assert(sizeof(Page) == 20 && offsetof(Page, next) == 8);
static_assert(sizeof(ResultOf<Nothing>) == 24 && offsetof(ResultOf<Nothing>, error) == 8);
static_assert(sizeof(ResultOf<OptionalText>) == 24 && offsetof(ResultOf<OptionalText>, value) == 8);
static_assert(sizeof(ResultOf<Page>) == 32 && offsetof(ResultOf<Page>, value) == 8);
static_assert(sizeof(TimerResult) == 2);
static_assert(sizeof(Response) == 16 && offsetof(Response, reply) == 4);
static_assert(sizeof(ResponseResult) == 20 && offsetof(ResponseResult, response) == 4);
static_assert(sizeof(PlainResult) == 16 && offsetof(PlainResult, failure) == 4);
static_assert(sizeof(PartResult) == 16 && offsetof(PartResult, part) == 4);
static_assert(sizeof(HealthStatus) == 12);

#define AIRSSYS_IMPORT(interface, function) \
  __attribute__((import_module("airssys:core/" interface "@0.1.0"), import_name(function)))

extern "C" {

AIRSSYS_IMPORT("messaging", "send")
void airssys_send(const char* to, std::uint32_t to_size, std::uint32_t codec, const char* body, std::uint32_t body_size,
                  ResultOf<Nothing>* result);
AIRSSYS_IMPORT("messaging", "request")
void airssys_request(const char* to, std::uint32_t to_size, std::uint32_t codec, const char* body, std::uint32_t body_size,
                     std::uint64_t timeout_ms, std::uint64_t tag, ResultOf<std::uint64_t>* result);
AIRSSYS_IMPORT("messaging", "cancel") std::uint32_t airssys_cancel(std::uint64_t id);
/// `failed` 0: codec, body, body size. 1: the kind of failure, its text, its size.
AIRSSYS_IMPORT("messaging", "answer")
void airssys_answer(std::uint64_t request, std::uint32_t failed, std::uint32_t codec_or_kind, const char* text,
                    std::uint32_t text_size, ResultOf<std::uint8_t>* result);
AIRSSYS_IMPORT("messaging", "broadcast")
void airssys_broadcast(const ConstText* to, std::uint32_t to_count, std::uint32_t codec, const char* body,
                       std::uint32_t body_size, ResultOf<Text>* result);
AIRSSYS_IMPORT("messaging", "publish")
void airssys_publish(const char* topic, std::uint32_t topic_size, std::uint32_t codec, const char* body,
                     std::uint32_t body_size, ResultOf<Nothing>* result);
AIRSSYS_IMPORT("messaging", "subscribe")
void airssys_subscribe(const char* pattern, std::uint32_t pattern_size, ResultOf<Nothing>* result);
AIRSSYS_IMPORT("messaging", "unsubscribe")
std::uint32_t airssys_unsubscribe(const char* pattern, std::uint32_t pattern_size);

AIRSSYS_IMPORT("context", "self-address") void airssys_self_address(Text* result);
AIRSSYS_IMPORT("context", "system-id") void airssys_system_id(Text* result);
AIRSSYS_IMPORT("context", "now-ms") std::uint64_t airssys_now_ms();
AIRSSYS_IMPORT("context", "random-u64") std::uint64_t airssys_random_u64();
AIRSSYS_IMPORT("context", "attempt") std::uint32_t airssys_attempt();
AIRSSYS_IMPORT("context", "sent-at-ms") std::uint64_t airssys_sent_at_ms();
AIRSSYS_IMPORT("context", "deadline-ms") void airssys_deadline_ms(OptionalNumber* result);
AIRSSYS_IMPORT("context", "trace-parent") void airssys_trace_parent(Text* result);

AIRSSYS_IMPORT("storage", "get")
void airssys_storage_get(const char* key, std::uint32_t key_size, ResultOf<OptionalText>* result);
AIRSSYS_IMPORT("storage", "set")
void airssys_storage_set(const char* key, std::uint32_t key_size, const char* value, std::uint32_t value_size,
                         ResultOf<Nothing>* result);
AIRSSYS_IMPORT("storage", "delete")
void airssys_storage_delete(const char* key, std::uint32_t key_size, ResultOf<std::uint8_t>* result);
AIRSSYS_IMPORT("storage", "exists")
void airssys_storage_exists(const char* key, std::uint32_t key_size, ResultOf<std::uint8_t>* result);
AIRSSYS_IMPORT("storage", "scan")
void airssys_storage_scan(const char* prefix, std::uint32_t prefix_size, std::uint32_t has_after, const char* after,
                          std::uint32_t after_size, std::uint32_t limit, ResultOf<Page>* result);
AIRSSYS_IMPORT("storage", "list-keys")
void airssys_storage_list_keys(const char* prefix, std::uint32_t prefix_size, std::uint32_t has_after, const char* after,
                               std::uint32_t after_size, std::uint32_t limit, ResultOf<Page>* result);
AIRSSYS_IMPORT("storage", "get-usage") void airssys_storage_usage(Usage* result);

AIRSSYS_IMPORT("timers", "arm")
void airssys_timer_arm(std::uint64_t tag, std::uint64_t delay_ms, std::uint32_t has_period, std::uint64_t period_ms,
                       TimerResult* result);
AIRSSYS_IMPORT("timers", "disarm") std::uint32_t airssys_timer_disarm(std::uint64_t tag);

AIRSSYS_IMPORT("log", "write")
void airssys_log_write(std::uint32_t level, const char* text, std::uint32_t text_size, const ConstTextPair* fields,
                       std::uint32_t field_count);
AIRSSYS_IMPORT("log", "enabled") std::uint32_t airssys_log_enabled(std::uint32_t level);

AIRSSYS_IMPORT("config", "get") void airssys_config_get(const char* key, std::uint32_t key_size, OptionalText* result);
AIRSSYS_IMPORT("secrets", "get") void airssys_secret_get(const char* name, std::uint32_t name_size, OptionalText* result);
AIRSSYS_IMPORT("directory", "find")
void airssys_directory_find(const char* pattern, std::uint32_t pattern_size, std::uint32_t has_after, const char* after,
                            std::uint32_t after_size, std::uint32_t limit, Page* result);

}  // extern "C"

#undef AIRSSYS_IMPORT

}  // namespace airssys::guest::abi
