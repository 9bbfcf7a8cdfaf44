use super::rig::{Engine, Turn, compile_c, componentized, message, wat};
use crate::ffi::{Buffer, Status, View};
use crate::locate::{LocationData, ab_locate, demangle, locate};

const GUEST: &str = r#"typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
static u32 result[8];
__attribute__((export_name("cabi_realloc"))) u8* cabi_realloc(u8* a, u32 b, u32 c, u32 d) {
  static u8 heap[65536];
  (void)a, (void)b, (void)c, (void)d;
  return heap;
}
__attribute__((noinline)) static void fall(u32 depth) {
  if (depth == 0) {
    result[5] = 1;    /* lest the engine makes branch and trap one instruction */
    __builtin_trap(); /* line 13 */
  }
  fall(depth - 1);    /* line 15 */
  result[7]++;
}
static inline __attribute__((always_inline)) u32 divide(u32 by) {
  return 100 / by; /* line 19 */
}
__attribute__((export_name("airssys:core/handler@0.1.0#initialize"))) u32 initialize(u32 a, u32 b, u32 c) {
  (void)a, (void)b, (void)c;
  return (u32)result;
}
__attribute__((export_name("airssys:core/handler@0.1.0#handle-message")))
u32 handle_message(u64 id, u32 kind, u32 s, u32 ss, u32 has, u32 t, u32 ts, u32 codec, u32 body, u32 size) {
  (void)id, (void)kind, (void)s, (void)ss, (void)has, (void)t, (void)ts, (void)body, (void)size;
  if (codec == 1)
    fall(2);            /* line 29 */
  result[6] = divide(codec - 2);
  return (u32)result;
}
"#;

/// Function and line of each frame, found in the unstripped module by what the trap of the component says.
fn places(module: &[u8], codec: u32) -> Vec<(String, u32)> {
    let engine = Engine::fast();
    let instance = engine.template(&componentized(module).expect("it follows the contract")).instance();
    assert_eq!(instance.call(&mut Turn::default(), &message(codec, b"")).0, Status::Trap);
    let frames = instance.report().expect("it trapped").frames().to_vec();
    frames
        .iter()
        .map(|frame| {
            assert_eq!(frame.module, 0);
            let mut out = LocationData { function: Buffer::EMPTY, file: Buffer::EMPTY, line: 0 };
            // SAFETY: all arguments live.
            let status = unsafe { ab_locate(View::of(module), frame.function, frame.offset, &mut out) };
            assert_eq!(status, Status::Ok, "offset {}", frame.offset);
            let file = super::rig::text(out.file);
            assert!(file.ends_with("lines.c"), "{file}");
            (super::rig::text(out.function), out.line)
        })
        .collect()
}

#[test]
fn a_trap_is_found_at_its_line_in_the_unstripped_module() {
    for level in ["-O0", "-O1"] {
        let module = compile_c(GUEST, "lines", &["-g", level, "-fno-optimize-sibling-calls"]);
        let place = |function: &str, line| (function.to_string(), line);
        assert_eq!(
            places(&module, 1),
            [place("fall", 13), place("fall", 15), place("fall", 15), place("handle_message", 29)],
            "{level}"
        );
        assert_eq!(places(&module, 2)[0], place("divide", 19), "{level}: the innermost of the inlined ones");
    }
}

#[test]
fn a_module_without_debug_information_or_a_place_outside_is_told() {
    let plain = wat("(module (func))").expect("valid");
    assert!(locate(&plain, 0, 3).expect_err("nothing there").text.contains("no debug information"));
    let module = compile_c(GUEST, "outside", &["-g", "-O1"]);
    assert_eq!(locate(&module, 0, 1 << 40).expect_err("outside").status, Status::Invalid);
    assert_eq!(locate(b"nothing", 0, 0).expect_err("no module").status, Status::Invalid);
}

#[test]
fn names_are_as_their_authors_wrote_them() {
    assert_eq!(demangle("_ZN3foo3barEi"), "foo::bar(int)");
    assert_eq!(demangle("_ZN4core3fmt9Formatter3pad17h0123456789abcdefE"), "core::fmt::Formatter::pad");
    assert_eq!(demangle("handle_message"), "handle_message");
    assert_eq!(demangle("_Z"), "_Z");
}
