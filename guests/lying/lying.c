// Hands the host pointers, lengths, texts and cases that are not true, one for each word that it is sent. In C, on the bare
// canonical ABI, because the kit can't lie. Anything else it answers with its own body.
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define IMPORT(interface, function) __attribute__((import_module("airssys:core/" interface "@0.1.0"), import_name(function)))
#define EXPORT(name) __attribute__((export_name(name)))
#define HANDLER "airssys:core/handler@0.1.0#"
#define LAST_PAGE ((char*)0xfffffff0u)

IMPORT("messaging", "send")
void import_send(const char* to, uint32_t to_size, uint32_t codec, const char* body, uint32_t body_size, void* result);
IMPORT("log", "write")
void import_log(uint32_t level, const char* text, uint32_t size, const void* fields, uint32_t count);
IMPORT("context", "self-address") void import_self(void* result);
IMPORT("messaging", "answer")
void import_answer(uint64_t id, uint32_t failed, uint32_t codec, const char* text, uint32_t size, void* result);

// What handle-message returns: result<response, failure>, as bytes of the canonical ABI.
static _Alignas(8) uint8_t area[24];
static _Alignas(8) uint8_t scratch[32];
static char* owned;
static bool bad_realloc;
static bool bad_post_return;

// Overrides the kit's: a guest is free to bring its own allocator, and to lie there too.
EXPORT("cabi_realloc") void* cabi_realloc(void* old, size_t old_size, size_t align, size_t size) {
  if (bad_realloc) return LAST_PAGE;
  if (size == 0) return (void*)align;
  void* memory = realloc(old_size == 0 ? NULL : old, size);
  if (memory == NULL) __builtin_trap();
  return memory;
}

static void put32(uint32_t at, uint32_t value) {
  memcpy(area + at, &value, sizeof value);
}

static void* respond(uint8_t failed, uint8_t kind, const char* data, uint32_t size) {
  memset(area, 0, sizeof area);
  area[0] = failed;
  area[4] = kind;
  put32(8, 0x55);
  put32(12, (uint32_t)data);
  put32(16, size);
  return area;
}

static bool is(const char* word, const char* text, uint32_t size) {
  return strlen(word) == size && memcmp(word, text, size) == 0;
}

static void lie_in_send(const char* to, uint32_t to_size, const char* body, uint32_t body_size) {
  import_send(to, to_size, 0x55, body, body_size, scratch);
}

EXPORT(HANDLER "initialize") void* initialize(uint32_t reason, uint32_t one, uint32_t two) {
  (void)reason, (void)one, (void)two;
  return respond(0, 0, NULL, 0);
}

static void* tell(const char* word, uint32_t size) {
  static const char to[] = "demo/echo/1";
  const uint32_t to_size = sizeof to - 1;
  // Arguments of imports.
  if (is("send-pointer", word, size)) lie_in_send(to, to_size, LAST_PAGE, 64);
  if (is("send-length", word, size)) lie_in_send(to, to_size, to, 0xffffffffu);
  if (is("send-address", word, size)) lie_in_send(LAST_PAGE, 64, to, to_size);
  if (is("send-utf8", word, size)) lie_in_send("demo/\xff\xfe/1", 9, to, to_size);
  if (is("send-result", word, size)) import_send(to, to_size, 0x55, to, to_size, LAST_PAGE);
  if (is("send-misaligned", word, size)) import_send(to, to_size, 0x55, to, to_size, scratch + 1);
  if (is("log-level", word, size)) import_log(77, to, to_size, NULL, 0);
  if (is("log-fields", word, size)) import_log(2, to, to_size, to, 0x10000000u);
  if (is("log-bytes", word, size)) import_log(2, LAST_PAGE, 4096, NULL, 0);
  if (is("answer-case", word, size)) import_answer(1, 9, 0x55, to, to_size, scratch);
  if (is("realloc", word, size)) {
    bad_realloc = true;
    import_self(scratch);
  }
  if (is("realloc-next", word, size)) bad_realloc = true;
  // What the export returns.
  if (is("return-far", word, size)) return LAST_PAGE;
  if (is("return-misaligned", word, size)) return area + 1;
  if (is("return-case", word, size)) return respond(0, 7, NULL, 0);
  if (is("return-result-case", word, size)) return respond(9, 0, NULL, 0);
  if (is("return-body", word, size)) return respond(0, 1, LAST_PAGE, 64);
  if (is("return-length", word, size)) return respond(0, 1, to, 0xffffffffu);
  if (is("return-utf8", word, size)) {
    respond(1, 0, NULL, 0);  // rejected, with a text that is none
    put32(8, (uint32_t)"\xff\xfe");
    put32(12, 2);
    return area;
  }
  if (is("post-return", word, size)) bad_post_return = true;
  return NULL;
}

EXPORT(HANDLER "handle-message")
void* handle_message(uint64_t id, uint32_t kind, char* sender, uint32_t sender_size, uint32_t has_topic, char* topic,
                     uint32_t topic_size, uint32_t codec, char* body, uint32_t body_size) {
  (void)id, (void)kind, (void)codec;
  if (sender_size != 0) free(sender);
  if (has_topic != 0 && topic_size != 0) free(topic);
  owned = body_size != 0 ? body : NULL;
  void* lie = tell(body, body_size);
  return lie != NULL ? lie : respond(0, 1, body, body_size);
}

EXPORT("cabi_post_" HANDLER "handle-message") void handle_message_returned(void* result) {
  (void)result;
  free(owned);
  owned = NULL;
  if (bad_post_return) __builtin_trap();
}
