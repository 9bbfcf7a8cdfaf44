/* What a component built for WASI does, by the canonical ABI written out by hand. The codec says which part. */
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

#define IMPORT(interface, name) __attribute__((import_module("wasi:" interface "@0.2.6"), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))

static u8 heap[1 << 16] __attribute__((aligned(16)));
static u32 used;
static u8 out[64] __attribute__((aligned(8)));
static u8 report[4096];
static u32 length;

EXPORT("cabi_realloc") u8* cabi_realloc(u8* old, u32 old_size, u32 align, u32 size) {
  (void)old, (void)old_size, (void)align;
  used = (used + 15u) & ~15u;
  u8* at = heap + used;
  used += size;
  return at;
}

IMPORT("cli/environment", "get-environment") void environment(void*);
IMPORT("cli/environment", "get-arguments") void arguments(void*);
IMPORT("cli/exit", "exit") void leave(u32);
IMPORT("cli/stdin", "get-stdin") u32 get_stdin(void);
IMPORT("cli/stdout", "get-stdout") u32 get_stdout(void);
IMPORT("io/streams", "[method]input-stream.read") void read_in(u32, u64, void*);
IMPORT("io/streams", "[method]input-stream.subscribe") u32 subscribe_in(u32);
IMPORT("io/streams", "[method]output-stream.check-write") void check_write(u32, void*);
IMPORT("io/streams", "[method]output-stream.blocking-write-and-flush") void write_out(u32, const char*, u32, void*);
IMPORT("io/poll", "[method]pollable.ready") u32 ready(u32);
IMPORT("io/poll", "[method]pollable.block") void block(u32);
IMPORT("io/poll", "poll") void poll_all(const u32*, u32, void*);
IMPORT("io/poll", "[resource-drop]pollable") void drop_pollable(u32);
IMPORT("clocks/monotonic-clock", "now") u64 monotonic(void);
IMPORT("clocks/monotonic-clock", "subscribe-duration") u32 after(u64);
IMPORT("clocks/wall-clock", "now") void wall(void*);
IMPORT("random/random", "get-random-bytes") void random_bytes(u64, void*);
IMPORT("filesystem/types", "[method]descriptor.sync") void sync_descriptor(u32);
IMPORT("filesystem/preopens", "get-directories") void directories(void*);
IMPORT("sockets/tcp", "[method]tcp-socket.is-listening") u32 is_listening(u32);
IMPORT("sockets/tcp-create-socket", "create-tcp-socket") void create_socket(u32, void*);

static void line(const char* text) {
  while (*text) report[length++] = (u8)*text++;
}
static void number(u64 value) {
  char digits[20];
  u32 count = 0;
  do digits[count++] = (char)('0' + value % 10); while (value /= 10);
  while (count) report[length++] = (u8)digits[--count];
}
static u32 at(u32 offset) { return *(u32*)(out + offset); }
static u64 at64(u32 offset) { return *(u64*)(out + offset); }

static void everything(void) {
  environment(out), line("environment "), number(at(4));
  arguments(out), line("\narguments "), number(at(4));
  directories(out), line("\ndirectories "), number(at(4));
  create_socket(0, out), line("\nsocket "), number(out[0]), line(" code "), number(out[4]);
  u32 in = get_stdin(), to = get_stdout();
  read_in(in, 100, out), line("\nstdin "), number(out[0]), line(" case "), number(out[4]);
  check_write(to, out), line("\nstdout "), number(out[0]), line(" room "), number(at64(8));
  write_out(to, "hello", 5, out), line("\nwritten "), number(out[0]);
  wall(out), line("\nseconds "), number(at64(0)), line(" nanoseconds "), number(at(8));
  line("\nmonotonic "), number(monotonic());
  random_bytes(10, out), line("\nrandom "), number(at(4)), line(" first "), number(*(u8*)at(0));
  line("\nstdin ready "), number(ready(subscribe_in(in)));
  u32 both[2] = {after(1000000), after(0)};
  line("\nnow ready "), number(ready(both[1])), line(" later ready "), number(ready(both[0]));
  block(both[1]);
  poll_all(both, 2, out), line("\npolled "), number(at(4)), line(" index "), number(*(u32*)at(0)), line("\n");
}

EXPORT("airssys:core/handler@0.1.0#initialize") u32 initialize(u32 reason, u32 a, u32 b) {
  (void)reason, (void)a, (void)b;
  out[0] = 0;
  return (u32)out;
}

EXPORT("airssys:core/handler@0.1.0#handle-message")
u32 handle_message(u64 id, u32 kind, u32 sender, u32 sender_size, u32 has_topic, u32 topic, u32 topic_size, u32 codec,
                   u32 body, u32 size) {
  (void)id, (void)kind, (void)sender, (void)sender_size, (void)has_topic, (void)topic, (void)topic_size, (void)body;
  (void)size;
  static u32 result[5];
  length = 0;
  u32 later;
  switch (codec) {
    case 0: everything(); break;
    case 1: block(after(1)); break;
    case 2: later = after(5), poll_all(&later, 1, out); break;
    case 3: leave(1); break;
    case 4: random_bytes(1ull << 40, out); break;
    case 5: for (;;) after(0);
    case 6:
      for (u32 i = 0; i < 20000; i++) drop_pollable(after(0));
      result[0] = 0, result[1] = 0;
      return (u32)result;
    case 7: sync_descriptor(0), is_listening(0);
  }
  used = 0;
  result[0] = 0, result[1] = 1, result[2] = 0, result[3] = (u32)report, result[4] = length;
  return (u32)result;
}
