/* Calls every import once, in the order of the WIT, by the canonical ABI written out by hand. */
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

#define IMPORT(interface, name) __attribute__((import_module("airssys:core/" interface "@0.1.0"), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))

static u8 heap[1 << 20] __attribute__((aligned(16)));
static u32 used;
static u8 out[4096] __attribute__((aligned(8)));

EXPORT("cabi_realloc") u8* cabi_realloc(u8* old, u32 old_size, u32 align, u32 size) {
  (void)old, (void)old_size, (void)align;
  used = (used + 15u) & ~15u;
  u8* at = heap + used;
  used += size;
  return at;
}

IMPORT("messaging", "request") void m_request(const char*, u32, u32, const char*, u32, u64, u64, void*);
IMPORT("messaging", "cancel") u32 m_cancel(u64);
IMPORT("messaging", "answer") void m_answer(u64, u32, u32, const char*, u32, void*);
IMPORT("messaging", "broadcast") void m_broadcast(const void*, u32, u32, const char*, u32, void*);
IMPORT("messaging", "publish") void m_publish(const char*, u32, u32, const char*, u32, void*);
IMPORT("messaging", "subscribe") void m_subscribe(const char*, u32, void*);
IMPORT("messaging", "unsubscribe") u32 m_unsubscribe(const char*, u32);
IMPORT("context", "self-address") void c_self(void*);
IMPORT("context", "system-id") void c_system(void*);
IMPORT("context", "now-ms") u64 c_now(void);
IMPORT("context", "random-u64") u64 c_random(void);
IMPORT("context", "attempt") u32 c_attempt(void);
IMPORT("context", "sent-at-ms") u64 c_sent(void);
IMPORT("context", "deadline-ms") void c_deadline(void*);
IMPORT("context", "trace-parent") void c_trace(void*);
IMPORT("storage", "get") void s_get(const char*, u32, void*);
IMPORT("storage", "set") void s_set(const char*, u32, const char*, u32, void*);
IMPORT("storage", "delete") void s_delete(const char*, u32, void*);
IMPORT("storage", "exists") void s_exists(const char*, u32, void*);
IMPORT("storage", "scan") void s_scan(const char*, u32, u32, const char*, u32, u32, void*);
IMPORT("storage", "list-keys") void s_list(const char*, u32, u32, const char*, u32, u32, void*);
IMPORT("storage", "get-usage") void s_usage(void*);
IMPORT("timers", "arm") void t_arm(u64, u64, u32, u64, void*);
IMPORT("timers", "disarm") u32 t_disarm(u64);
IMPORT("log", "enabled") u32 l_enabled(u32);
IMPORT("config", "get") void f_get(const char*, u32, void*);
IMPORT("secrets", "get") void x_get(const char*, u32, void*);
IMPORT("directory", "find") void d_find(const char*, u32, u32, const char*, u32, u32, void*);

static u8 report[4096];
static u32 length;

static void put(const void* from, u32 size) {
  for (u32 i = 0; i < size; i++) report[length++] = ((const u8*)from)[i];
}
static void line(const char* text) {
  u32 size = 0;
  while (text[size]) size++;
  put(text, size);
}
static void number(u64 value) {
  char digits[20];
  u32 count = 0;
  do digits[count++] = (char)('0' + value % 10); while (value /= 10);
  while (count) put(&digits[--count], 1);
}
static u32 at(u32 offset) { return *(u32*)(out + offset); }
static u64 at64(u32 offset) { return *(u64*)(out + offset); }
/* the text or list whose pointer and size are there */
static void text(u32 offset) { put((void*)at(offset), at(offset + 4)); }
static void text_in(u32 base, u32 offset) { put((void*)*(u32*)(base + offset), *(u32*)(base + offset + 4)); }

#define S(text) text, sizeof(text) - 1

EXPORT("airssys:core/handler@0.1.0#initialize") u32 initialize(u32 reason, u32 a, u32 b) {
  (void)reason, (void)a, (void)b;
  out[0] = 0;
  return (u32)out;
}

static void messaging(void) {
  static const struct { const char* at; u32 size; } targets[2] = {{S("a/b/c")}, {S("d/e/f")}};
  m_request(S("a/b/c"), 5, S("question"), 250, 77, out);
  line("request "), number(out[0]), line(" "), number(at64(8)), line("\n");
  line("cancel "), number(m_cancel(8)), line("\n");
  m_answer(9, 0, 6, S("reply"), out);
  line("answer "), number(out[0]), line(" "), number(out[8]), line("\n");
  m_answer(10, 1, 1, S("malformed"), out);
  line("answer "), number(out[0]), line(" "), number(out[8]), line("\n");
  m_broadcast(targets, 2, 7, S("all"), out);
  /* result, list at 8: elements are { u32, variant aligned to 8 }: 32 bytes, the case at 8, its payload at 16 */
  u32 items = *(u32*)(out + 8);
  line("broadcast "), number(at(12)), line(" index "), number(*(u32*)items), line(" case ");
  number(*(u8*)(items + 8)), line(" text "), text_in(items, 16), line("\n");
  m_publish(S("words.new"), 8, S("event"), out);
  line("publish "), number(out[0]), line(" case "), number(out[8]), line(" limit "), number(out[16]), line("\n");
  m_subscribe(S("words.#"), out);
  line("subscribe "), number(out[0]), line(" case "), number(out[8]), line(" number "), number(at64(16)), line("\n");
  line("unsubscribe "), number(m_unsubscribe(S("words.#"))), line("\n");
}

static void context(void) {
  c_self(out), line("self "), text(0), line("\n");
  c_system(out), line("system "), text(0), line("\n");
  line("now "), number(c_now()), line("\nrandom "), number(c_random()), line("\nattempt "), number(c_attempt());
  line("\nsent "), number(c_sent()), line("\n");
  c_deadline(out), line("deadline "), number(out[0]), line(" "), number(at64(8)), line("\n");
  c_trace(out), line("trace "), text(0), line("\n");
}

static void storage(void) {
  s_get(S("here"), out), line("get "), number(out[0]), line(" "), number(out[8]), line(" "), text(12), line("\n");
  s_get(S("away"), out), line("get "), number(out[0]), line(" "), number(out[8]), line("\n");
  s_set(S("key"), S("value"), out), line("set "), number(out[0]), line(" case "), number(out[8]), line(" ");
  number(at64(16)), line("\n");
  s_delete(S("key"), out), line("delete "), number(out[0]), line(" "), number(out[8]), line("\n");
  s_exists(S("key"), out), line("exists "), number(out[0]), line(" case "), number(out[8]), line(" ");
  text(16), line("\n");
  s_scan(S("p"), 1, S("p1"), 10, out);
  line("scan "), number(at(12)), line(" "), text_in(at(8), 0), line("="), text_in(at(8), 8), line(" ");
  text_in(at(8), 16), line("="), text_in(at(8), 24), line(" next "), number(out[16]), line(" "), text(20), line("\n");
  s_list(S("p"), 0, 0, 0, 11, out);
  line("list "), number(at(12)), line(" "), text_in(at(8), 0), line(" next "), number(out[16]), line("\n");
  s_usage(out), line("usage "), number(at64(0)), line(" "), number(at64(8)), line(" "), number(at64(16)), line("\n");
}

static void others(void) {
  t_arm(1, 20, 1, 300, out), line("arm "), number(out[0]), line("\n");
  t_arm(2, 20, 0, 0, out), line("arm "), number(out[0]), line(" "), number(out[1]), line("\n");
  line("disarm "), number(t_disarm(1)), line("\nenabled "), number(l_enabled(4)), line("\n");
  f_get(S("top"), out), line("config "), number(out[0]), line(" "), text(4), line("\n");
  f_get(S("none"), out), line("config "), number(out[0]), line("\n");
  x_get(S("api-key"), out), line("secret "), number(out[0]), line(" "), text(4), line("\n");
  d_find(S("a/*/*"), 1, S("a/b/a"), 12, out);
  line("find "), number(at(4)), line(" "), text_in(at(0), 0), line(" next "), number(out[8]), line(" "), text(12);
  line("\n");
}

EXPORT("airssys:core/handler@0.1.0#handle-message")
u32 handle_message(u64 id, u32 kind, u32 sender, u32 sender_size, u32 has_topic, u32 topic, u32 topic_size, u32 codec,
                   u32 body, u32 size) {
  (void)id, (void)kind, (void)sender, (void)sender_size, (void)has_topic, (void)topic, (void)topic_size, (void)codec;
  (void)body, (void)size;
  length = 0;
  messaging(), context(), storage(), others();
  used = 0;
  static u32 result[5];
  result[0] = 0, result[1] = 1, result[2] = 0, result[3] = (u32)report, result[4] = length;
  return (u32)result;
}

EXPORT("airssys:core/reply-handler@0.1.0#handle-reply")
u32 handle_reply(u64 id, u64 tag, u32 failed, u32 a, u32 b, u32 c, u32 d) {
  /* Refused with what came, as text. A reply: codec, pointer, size. An error: case, then the failure's case and text. */
  length = 0;
  line("id "), number(id), line(" tag "), number(tag), line(failed ? " error " : " reply "), number(a);
  if (failed && (a == 3 || a == 4)) line(" failure "), number(b), line(" "), put((void*)c, d);
  else line(" "), put((void*)b, c);
  used = 0;
  static u32 result[4];
  result[0] = 1, result[1] = 1, result[2] = (u32)report, result[3] = length;
  return (u32)result;
}

EXPORT("airssys:core/timer-handler@0.1.0#handle-timer") u32 handle_timer(u64 tag, u64 due_ms, u64 missed) {
  length = 0;
  number(tag), line(" "), number(due_ms), line(" "), number(missed);
  static u32 result[4];
  result[0] = 1, result[1] = 0, result[2] = (u32)report, result[3] = length;
  return (u32)result;
}

EXPORT("airssys:core/health@0.1.0#check") u32 check(void) {
  static const char why[] = "a bit slow";
  static u32 result[3];
  result[0] = 1, result[1] = (u32)why, result[2] = sizeof why - 1;
  return (u32)result;
}

EXPORT("airssys:core/state@0.1.0#export-part") u32 export_part(u32 part) {
  static const char bytes[] = "remembered";
  static u32 result[4];
  result[0] = 0, result[1] = part == 0, result[2] = (u32)bytes, result[3] = sizeof bytes - 1;
  return (u32)result;
}

EXPORT("airssys:core/state@0.1.0#import-part")
u32 import_part(u32 version, u32 version_size, u32 part, u32 last, u32 bytes, u32 size) {
  length = 0;
  put((void*)version, version_size), line(" "), number(part), line(" "), number(last), line(" ");
  put((void*)bytes, size);
  static u32 result[4];
  result[0] = 1, result[1] = 1, result[2] = (u32)report, result[3] = length;
  return (u32)result;
}

EXPORT("airssys:core/shutdown@0.1.0#stop") void stop(void) { c_now(); }
