/* The door to the WebAssembly engine (Wasmtime), as C.
 *
 * The bridge is mechanical: it compiles components, instantiates them, calls their exports and hands their imports to
 * callbacks. It knows no actors, no grants, no retries; every decision is made by whoever calls it.
 *
 *   ab_engine     one per profile; compiles and loads. Any thread.
 *   ab_component  compiled code, loaded. Any thread, shared by all its instances.
 *   ab_template   a component linked to our imports and checked once: what is left to do at a spawn is instantiation.
 *   ab_instance   one Store with one instance: one actor's memory. One thread at a time; it may move between calls.
 *
 * Memory. A view (ab_view) is borrowed: of an argument for the length of the call, of a callback's argument until the
 * callback returns (it may point into the guest's memory). An ab_buffer is owned by the receiver and freed once with
 * ab_buffer_free. Texts are UTF-8, not terminated by zero.
 *
 * Failure. Functions return ab_status; those that can say more fill an ab_buffer with a sentence. A call into a guest that
 * ends in AB_TRAP leaves its instance dead: every later call answers AB_DEAD, and ab_instance_free is all that is left.
 * No Rust panic crosses this boundary: it becomes AB_PANIC and the instance is dead. Callbacks must not throw.
 * Entering an instance that is already on the stack answers AB_REENTERED and harms nobody.
 */
#ifndef AIRSSYS_BRIDGE_H
#define AIRSSYS_BRIDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ab_engine ab_engine;
typedef struct ab_component ab_component;
typedef struct ab_template ab_template;
typedef struct ab_instance ab_instance;

typedef struct {
  const uint8_t* data;
  size_t size;
} ab_view;
typedef struct {
  uint8_t* data;
  size_t size;
  size_t capacity;
} ab_buffer;
void ab_buffer_free(ab_buffer buffer);

typedef enum {
  AB_OK = 0,
  AB_INVALID = 1,      /* the input is not what it should be: the text says what and where */
  AB_INCOMPATIBLE = 2, /* an artifact of another engine, version or setting: compile again */
  AB_TRAP = 3,         /* the guest trapped, or handed over values that can't be lifted; see ab_trap */
  AB_DEAD = 4,         /* the instance trapped before */
  AB_REENTERED = 5,    /* the instance is already running below on this stack */
  AB_NO_EXPORT = 6,    /* the component has no such export */
  AB_RESOURCES = 7,    /* the host has no room: memory, address space, a pool */
  AB_PANIC = 8         /* a defect of the bridge or the engine */
} ab_status;

/* ---- engine ------------------------------------------------------------------------------------------------------- */

typedef enum {
  AB_PROFILE_FAST = 0, /* guard pages and copy-on-write: fastest guest code, about 20,000 instances */
  AB_PROFILE_DENSE = 1 /* no reservation, no guard, no copy-on-write: 10 kB an instance, slower memory access */
} ab_profile;

typedef struct {
  uint32_t size;             /* sizeof(ab_engine_config): a later version may append fields */
  uint32_t profile;          /* ab_profile */
  uint32_t wasm_stack_bytes; /* the most stack a guest may use; the calling thread needs 1 MiB beside it */
  uint8_t signals_traps;     /* 1: traps by signal handler (fast). 0: explicit checks, as the thread sanitizer needs */
  uint8_t untimed;           /* 1: no epochs, so a guest in a loop never returns. Only to measure what they cost */
} ab_engine_config;

/* Any thread. `error` is filled unless AB_OK. */
ab_status ab_engine_new(const ab_engine_config* config, ab_engine** out, ab_buffer* error);
void ab_engine_free(ab_engine* engine);
/* One tick of the epoch clock. Any thread, async-signal-safe: two atomic additions. */
void ab_engine_tick(const ab_engine* engine);
/* Identifies engine version, settings and target: two engines with the same text read each other's artifacts. */
ab_buffer ab_engine_fingerprint(const ab_engine* engine);
/* The bridge's and the engine's version, e.g. "airssys-bridge 0.1.0, wasmtime 48.0.8". Static storage. */
ab_view ab_version(void);

/* ---- components --------------------------------------------------------------------------------------------------- */

/* Compiles a component (binary form) into an artifact, the engine's own native code. Does not load it. Slow: milliseconds
 * to seconds. Not for input that has not passed the caller's limits on size and nesting. */
ab_status ab_compile(const ab_engine* engine, ab_view wasm, ab_buffer* artifact, ab_buffer* error);
/* Loads an artifact. UNSAFE by nature: an artifact is native code. The caller has authenticated these exact bytes. */
ab_status ab_component_load(const ab_engine* engine, ab_view artifact, ab_component** out, ab_buffer* error);
void ab_component_free(ab_component* component);
/* What the component imports and exports, one item a line, sorted: `import airssys:core/messaging@0.1.0 send`,
 * `export airssys:core/handler@0.1.0 handle-message`, `import wasi:cli/environment@0.2.0 get-environment`,
 * and `import NAME` for an import that is not an instance. */
ab_buffer ab_component_describe(const ab_component* component);
/* The sum of the components' initial linear memories and table elements. */
typedef struct {
  uint64_t memory_bytes;
  uint64_t table_elements;
  uint32_t memories;
  uint32_t tables;
} ab_needs;
ab_status ab_component_needs(const ab_component* component, ab_needs* out);

/* ---- what a guest calls ------------------------------------------------------------------------------------------- */

/* What a guest passes is bounded before a callback sees it: of a name (address, topic, key) the first 1 KiB, of a text for
 * people the first 5 KiB, of a broadcast's targets the first 1,001, of a line's fields the first 64. Bodies are views of any
 * size. Each call asks `epoch` first if its time has come, as the guest's own code does.
 *
 * `turn` is the token given with the call of the export, handed back unread. Callbacks run on the calling thread, inside
 * that call. Result views must stay valid until the next callback for the same turn (`epoch` does not count) or the end of
 * the call. A result that breaks the contract (an unknown kind, a text that is not UTF-8) ends the call in AB_TRAP with
 * AB_TRAP_OTHER and a message that says "a defect of the host". No callback may be NULL. */

typedef enum { /* the cases of `send-error`, in the order of the WIT */
               AB_SEND_INVALID_ADDRESS = 0,
               AB_SEND_DENIED,
               AB_SEND_NOT_FOUND,
               AB_SEND_MAILBOX_FULL,
               AB_SEND_TOO_LARGE,
               AB_SEND_CODEC_NOT_ACCEPTED,
               AB_SEND_RATE_LIMITED,
               AB_SEND_INVALID_TIMEOUT,
               AB_SEND_DEADLINE_PASSED,
               AB_SEND_LIMIT_REACHED,
               AB_SEND_UNAVAILABLE,
               AB_SEND_OTHER
} ab_send_error_kind;
typedef struct {
  uint32_t kind;   /* ab_send_error_kind */
  uint32_t limit;  /* LIMIT_REACHED: index into the WIT's enum `limit` */
  uint64_t number; /* TOO_LARGE: the largest accepted, bytes */
  ab_view text;    /* UNAVAILABLE, OTHER */
} ab_send_error;

typedef enum { AB_FAIL_REJECTED = 0, AB_FAIL_INVALID, AB_FAIL_INTERNAL, AB_FAIL_BUSY } ab_failure_kind; /* `failure` */

typedef enum { /* the cases of `storage-error` */
               AB_STORAGE_DENIED = 0,
               AB_STORAGE_INVALID_KEY,
               AB_STORAGE_VALUE_TOO_LARGE,
               AB_STORAGE_QUOTA_EXCEEDED,
               AB_STORAGE_TURN_TOO_LARGE,
               AB_STORAGE_RATE_LIMITED,
               AB_STORAGE_UNAVAILABLE,
               AB_STORAGE_OTHER
} ab_storage_error_kind;
typedef struct {
  uint32_t kind;
  uint64_t number;
  ab_view text;
} ab_storage_error;

typedef struct {
  ab_view key;
  ab_view value;
} ab_pair; /* texts */
typedef struct {
  uint32_t index;
  ab_send_error error;
} ab_refusal; /* one target of a broadcast */
typedef struct {
  const ab_refusal* items;
  size_t count;
} ab_refusals;
/* A page of keys, entries or addresses. `values` is NULL where only names were asked for. */
typedef struct {
  const ab_view* names;
  const ab_view* values;
  size_t count;
  bool has_next;
  ab_view next;
} ab_page;

typedef struct {
  uint32_t size; /* sizeof(ab_imports) */
  /* messaging: true is success; false: *error is filled */
  bool (*send)(void* turn, ab_view to, uint32_t codec, ab_view body, ab_send_error* error);
  bool (*request)(void* turn, ab_view to, uint32_t codec, ab_view body, uint64_t timeout_ms, uint64_t tag, uint64_t* id,
                  ab_send_error* error);
  bool (*cancel)(void* turn, uint64_t id);
  /* `failure`: NULL for a reply (codec, body), else the kind, with its text in `body`. */
  bool (*answer)(void* turn, uint64_t request, const uint32_t* failure, uint32_t codec, ab_view body, bool* waited_for,
                 ab_send_error* error);
  bool (*broadcast)(void* turn, const ab_view* to, size_t count, uint32_t codec, ab_view body, ab_refusals* refused,
                    ab_send_error* error);
  bool (*publish)(void* turn, ab_view topic, uint32_t codec, ab_view body, ab_send_error* error);
  bool (*subscribe)(void* turn, ab_view pattern, ab_send_error* error);
  bool (*unsubscribe)(void* turn, ab_view pattern);
  /* context */
  ab_view (*self_address)(void* turn);
  ab_view (*system_id)(void* turn);
  uint64_t (*now_ms)(void* turn);
  uint64_t (*random_u64)(void* turn);
  uint32_t (*attempt)(void* turn);
  uint64_t (*sent_at_ms)(void* turn);
  bool (*deadline_ms)(void* turn, uint64_t* out); /* false: none */
  ab_view (*trace_parent)(void* turn);
  /* storage */
  bool (*storage_get)(void* turn, ab_view key, bool* found, ab_view* value, ab_storage_error* error);
  bool (*storage_set)(void* turn, ab_view key, ab_view value, ab_storage_error* error);
  bool (*storage_delete)(void* turn, ab_view key, bool* existed, ab_storage_error* error);
  bool (*storage_exists)(void* turn, ab_view key, bool* exists, ab_storage_error* error);
  bool (*storage_scan)(void* turn, ab_view prefix, const ab_view* after, uint32_t limit, ab_page* page,
                       ab_storage_error* error);
  bool (*storage_list_keys)(void* turn, ab_view prefix, const ab_view* after, uint32_t limit, ab_page* page,
                            ab_storage_error* error);
  void (*storage_usage)(void* turn, uint64_t* bytes, uint64_t* quota_bytes, uint64_t* keys);
  /* timers: 0 ok, else 1 + the case of `timer-error` */
  uint32_t (*timer_arm)(void* turn, uint64_t tag, uint64_t delay_ms, const uint64_t* period_ms);
  bool (*timer_disarm)(void* turn, uint64_t tag);
  /* log: level 0 trace .. 4 error. `more`: how many fields there were beyond these. */
  void (*log_write)(void* turn, uint32_t level, ab_view text, const ab_pair* fields, size_t count, size_t more);
  bool (*log_enabled)(void* turn, uint32_t level);
  /* config, secrets, directory */
  bool (*config_get)(void* turn, ab_view key, ab_view* value);
  bool (*secret_get)(void* turn, ab_view name, ab_view* value);
  void (*directory_find)(void* turn, ab_view pattern, const ab_view* after, uint32_t limit, ab_page* page);
  /* engine: the epoch deadline of the running call has come. Returns the ticks until the next look, 0 to stop the guest
   * (the call then ends in AB_TRAP with AB_TRAP_INTERRUPT). */
  uint64_t (*epoch)(void* turn);
} ab_imports;

/* Links `component` to the imports and finds its exports. `imports` is copied. AB_INVALID, with one complaint a line in
 * `error`, if it has no `handler`, imports what we do not offer, or uses our names with other types. Any thread.
 * WASI 0.2 (cli, clocks, filesystem, http, io, random, sockets) is offered with every door shut: no arguments, environment,
 * files or network; input at its end, output dropped; time and chance from `now_ms` and `random_u64`. */
ab_status ab_template_new(const ab_component* component, const ab_imports* imports, ab_template** out, ab_buffer* error);
void ab_template_free(ab_template* tmpl);
/* Which optional exports it has: bits of ab_export. */
typedef enum {
  AB_EXPORT_REPLY_HANDLER = 1,
  AB_EXPORT_TIMER_HANDLER = 2,
  AB_EXPORT_HEALTH = 4,
  AB_EXPORT_STATE = 8,
  AB_EXPORT_SHUTDOWN = 16
} ab_export;
uint32_t ab_template_exports(const ab_template* tmpl);

/* ---- instances ---------------------------------------------------------------------------------------------------- */

typedef struct {
  uint32_t size;           /* sizeof(ab_limits) */
  uint64_t memory_bytes;   /* ceiling of all linear memories together */
  uint64_t table_elements; /* ceiling of all tables together */
  uint64_t hostcall_bytes; /* ceiling of what one result may make the host copy; beyond: AB_RESPONSE_TOO_LARGE */
  uint8_t unlimited;       /* 1: memories and tables grow unasked and uncounted. Only to measure what limits cost */
} ab_limits;

typedef enum {
  AB_TRAP_OTHER = 0,
  AB_TRAP_UNREACHABLE,
  AB_TRAP_MEMORY,
  AB_TRAP_TABLE,
  AB_TRAP_INDIRECT_CALL,
  AB_TRAP_INTEGER,
  AB_TRAP_STACK_OVERFLOW,
  AB_TRAP_INTERRUPT,
  AB_TRAP_ABI /* values that can't be lifted or lowered */,
  AB_TRAP_WOULD_BLOCK /* waits on a pollable that is not ready */,
  AB_TRAP_EXIT /* wasi exit */,
  AB_TRAP_OUT_OF_MEMORY /* began with more than its limit, or gave up in a call that was refused more */
} ab_trap_kind;

/* One stack frame, innermost first. `function` is the index in its core module, `module` that module's number in the
 * component (0 is the one given to ab_componentize; UINT32_MAX: unknown), `offset` the distance in bytes of the instruction
 * from the beginning of the contents of that module's code section (UINT64_MAX: unknown), as debug information counts.
 * ab_componentize leaves the code section as it is, so offsets fit the module that it was given. `name` may be empty. */
typedef struct {
  uint32_t function;
  uint32_t module;
  uint64_t offset;
  ab_view name;
} ab_frame;
typedef struct {
  uint32_t kind;   /* ab_trap_kind */
  ab_view message; /* the engine's sentence */
  const ab_frame* frames;
  size_t frame_count;
  uint64_t handed_in; /* the size of the body that was being copied into the guest, which had no room for it; 0: none was */
} ab_trap;

/* Instantiates; runs start functions with `turn`, bounded by `epoch_ticks` like any call. They may call `log` and `context`;
 * any other import traps. Unless AB_OK, *trap (if `trap` is not NULL) is a report to be freed with ab_trap_free, or NULL.
 * AB_TRAP: also if the component begins with more memory or table than `limits` allow. AB_RESOURCES: try later.
 * AB_INVALID: `limits` has another size. */
typedef struct ab_trap_report ab_trap_report;
ab_status ab_instance_new(const ab_template* tmpl, const ab_limits* limits, void* turn, uint64_t epoch_ticks, ab_instance** out,
                          ab_trap_report** trap);
void ab_instance_free(ab_instance* instance);
/* Bytes of linear memory now, and whether a growth was refused since the instance began. */
uint64_t ab_instance_memory(const ab_instance* instance);
bool ab_instance_growth_refused(const ab_instance* instance);
/* The trap that killed the instance; NULL if it lives. Valid until ab_instance_free. */
const ab_trap_report* ab_instance_trap(const ab_instance* instance);
ab_trap ab_trap_view(const ab_trap_report* report);
void ab_trap_free(ab_trap_report* report); /* only for reports that ab_instance_new handed out */

typedef struct {
  uint64_t id;
  uint32_t kind; /* 0 send, 1 request, 2 event */
  uint32_t codec;
  ab_view sender;
  bool has_topic;
  ab_view topic;
  ab_view body;
} ab_message;

typedef enum {
  AB_RESPONSE_DONE = 0,
  AB_RESPONSE_REPLY,
  AB_RESPONSE_LATER,
  AB_RESPONSE_FAILED,
  AB_RESPONSE_TOO_LARGE /* a reply beyond hostcall_bytes: not copied */
} ab_response_kind;
/* What an export returned. `bytes` is owned by the receiver: the reply's body, or the failure's text; data is NULL if empty. */
typedef struct {
  uint32_t kind;    /* ab_response_kind */
  uint32_t failure; /* ab_failure_kind, if FAILED */
  uint32_t codec;   /* of a REPLY */
  ab_buffer bytes;
  uint64_t size; /* of a reply's body, also of one that is TOO_LARGE */
} ab_response;

typedef enum { AB_START_FIRST = 0, AB_START_RESTARTED, AB_START_RESUMED, AB_START_UPGRADED } ab_start_reason;

/* All calls: `turn` goes to the callbacks; `epoch_ticks` until the first epoch callback. Anything but AB_OK leaves *out alone.
 */
ab_status ab_initialize(ab_instance* instance, void* turn, uint64_t epoch_ticks, uint32_t reason, uint32_t restarts,
                        ab_view version, ab_response* out);
ab_status ab_handle_message(ab_instance* instance, void* turn, uint64_t epoch_ticks, const ab_message* message,
                            ab_response* out);

/* The outcome of a request. `error` 0: a reply. Else 1 + the case of `request-error`; for `failed` and `answered` with a
 * failure kind; texts in `body`. */
typedef struct {
  uint64_t id;
  uint64_t tag;
  uint32_t error;
  uint32_t failure;
  uint32_t codec;
  ab_view body;
} ab_outcome;
ab_status ab_handle_reply(ab_instance* instance, void* turn, uint64_t epoch_ticks, const ab_outcome* outcome, ab_response* out);
ab_status ab_handle_timer(ab_instance* instance, void* turn, uint64_t epoch_ticks, uint64_t tag, uint64_t due_ms,
                          uint64_t missed, ab_response* out);
ab_status ab_stop(ab_instance* instance, void* turn, uint64_t epoch_ticks);
/* *status: 0 healthy, 1 degraded, 2 unhealthy; *text is owned by the receiver. */
ab_status ab_check(ab_instance* instance, void* turn, uint64_t epoch_ticks, uint32_t* status, ab_buffer* text);
/* State handed over. *some: whether there is such a part, which is then in out->bytes (DONE); FAILED: *some is left alone. */
ab_status ab_export_part(ab_instance* instance, void* turn, uint64_t epoch_ticks, uint32_t part, bool* some, ab_response* out);
ab_status ab_import_part(ab_instance* instance, void* turn, uint64_t epoch_ticks, ab_view from_version, uint32_t part,
                         bool last, ab_view bytes, ab_response* out);

/* ---- making components -------------------------------------------------------------------------------------------- */

/* Turns a core module that follows the canonical ABI's names into a component. The world is made of the interfaces of `wit`
 * (the text of one WIT package) that the module imports and exports. Debug sections are left out. */
ab_status ab_componentize(ab_view module, ab_view wit, ab_buffer* component, ab_buffer* error);
/* Text form (WAT) of a module or component to binary; for tests and tools. */
ab_status ab_wat_to_wasm(ab_view text, ab_buffer* wasm, ab_buffer* error);

/* Where offsets (as in ab_frame) are in the source, from the debug information in `module`: the unstripped core module, or one
 * with its debug sections alone. Of each offset that is found the innermost function first, and behind it those that it was
 * inlined into. `function` (demangled) and `file` may be empty, `line` 0: unknown. Takes a bounded number of steps for all
 * offsets together and gives what it has found by then; texts are at most 1 KiB. AB_INVALID: no debug information, or
 * none about these. */
typedef struct {
  uint32_t frame; /* index of the offset */
  uint32_t line;
  ab_view function;
  ab_view file;
} ab_location;
typedef struct {
  const ab_location* items;
  size_t count;
} ab_location_list;
typedef struct ab_locations ab_locations;
ab_status ab_locate(ab_view module, const uint64_t* offsets, size_t count, ab_locations** out, ab_buffer* error);
ab_location_list ab_locations_view(const ab_locations* locations); /* valid until ab_locations_free */
void ab_locations_free(ab_locations* locations);

#ifdef __cplusplus
}
#endif
#endif
