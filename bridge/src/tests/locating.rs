use super::rig::{Engine, Turn, compile_c, componentized, message, wat};
use crate::dwarf;
use crate::ffi::{Status, View};
use crate::locate::{ab_locate, ab_locations_free, ab_locations_view, debug_sections, locate};
use crate::names::{Demangler, NAME_MAX, bounded};

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

/// Function and line of all that is in each frame, found in the unstripped module by what the trap of the component says.
fn places(module: &[u8], codec: u32) -> Vec<Vec<(String, u32)>> {
    let engine = Engine::fast();
    let instance = engine.template(&componentized(module).expect("it follows the contract")).instance();
    assert_eq!(instance.call(&mut Turn::default(), &message(codec, b"")).0, Status::Trap);
    let frames = instance.report().expect("it trapped").frames().to_vec();
    assert!(frames.iter().all(|frame| frame.module == 0));
    let offsets: Vec<u64> = frames.iter().map(|frame| frame.offset).collect();
    let mut places = vec![Vec::new(); frames.len()];
    for (frame, line, function, file) in located(module, &offsets) {
        assert!(file.ends_with("lines.c"), "{file}");
        places[frame as usize].push((function, line));
    }
    places
}

/// What the C function gives.
fn located(module: &[u8], offsets: &[u64]) -> Vec<(u32, u32, String, String)> {
    let mut found = std::ptr::null_mut();
    // SAFETY: all arguments live, and what was found is freed when it has been copied.
    unsafe {
        let status = ab_locate(View::of(module), offsets.as_ptr(), offsets.len(), &mut found, std::ptr::null_mut());
        assert_eq!(status, Status::Ok);
        let list = ab_locations_view(found);
        let text = |view: View| view.text().expect("UTF-8").to_string();
        let items = std::slice::from_raw_parts(list.items, list.count);
        let copy = items.iter().map(|item| (item.frame, item.line, text(item.function), text(item.file))).collect();
        ab_locations_free(found);
        copy
    }
}

#[test]
fn a_trap_is_found_at_its_line_in_the_unstripped_module() {
    for level in ["-O0", "-O1"] {
        let module = compile_c(GUEST, "lines", &["-g", level, "-fno-optimize-sibling-calls"]);
        let place = |function: &str, line| (function.to_string(), line);
        let falls: Vec<_> = places(&module, 1).into_iter().map(|frame| frame[0].clone()).collect();
        assert_eq!(
            falls,
            [place("fall", 13), place("fall", 15), place("fall", 15), place("handle_message", 29)],
            "{level}"
        );
    }
}

#[test]
fn a_frame_has_every_function_that_was_inlined_into_it() {
    for level in ["-O0", "-O1"] {
        let module = compile_c(GUEST, "lines", &["-g", level]);
        let divided = places(&module, 2);
        let lines = [("divide".to_string(), 19), ("handle_message".to_string(), 30)];
        assert_eq!(divided[0], lines, "{level}");
    }
}

#[test]
fn a_module_without_debug_information_or_a_place_outside_is_told() {
    let plain = wat("(module (func))").expect("valid");
    assert!(locate(&plain, &[3]).expect_err("nothing there").text.contains("no debug information"));
    let module = compile_c(GUEST, "outside", &["-g", "-O1"]);
    assert_eq!(locate(&module, &[1 << 40]).expect_err("outside").status, Status::Invalid);
    assert_eq!(locate(b"nothing", &[0]).expect_err("no module").status, Status::Invalid);
}

fn demangle(name: &str) -> String {
    Demangler::new().name(name)
}

#[test]
fn names_are_as_their_authors_wrote_them() {
    assert_eq!(demangle("_ZN3foo3barEi"), "foo::bar(int)");
    assert_eq!(demangle("_ZN4core3fmt9Formatter3pad17h0123456789abcdefE"), "core::fmt::Formatter::pad");
    assert_eq!(demangle("handle_message"), "handle_message");
    assert_eq!(demangle("_Z"), "_Z");
}

#[test]
fn a_name_is_cut_by_what_comes_out_not_by_what_goes_in() {
    // A<int, ...>, then A of the one before thirty times, and so on: 30^8 pieces in 800 bytes.
    let mut cpp = format!("_Z1f1AI{}E", "i".repeat(30));
    for level in 0..7 {
        cpp.push_str(&format!("S_I{}E", format!("S{level}_").repeat(30)));
    }
    let rust = format!("_RIC1a{}E", rust_levels(8, 28));
    for bomb in [&cpp, &rust] {
        assert!(bomb.len() <= NAME_MAX, "{} bytes", bomb.len());
        let name = demangle(bomb);
        assert!(name.len() <= NAME_MAX, "{} bytes", name.len());
        assert_ne!(&name, bomb);
        assert!(name.ends_with("..."), "{name}");
    }
    let long = format!("_ZN{}E", "1a".repeat(50_000));
    assert_eq!(demangle(&long).len(), NAME_MAX);
    let wide = "\u{e4}".repeat(NAME_MAX);
    let cut = demangle(&wide);
    assert!(cut.len() <= NAME_MAX && cut.ends_with("\u{e4}..."));
}

/// Tuples in v0 mangling, each with a reference to the one before many times over.
fn rust_levels(levels: usize, width: usize) -> String {
    // Positions count from behind `_R`, in base 62 with an underscore.
    let number = |position: usize| match position {
        0 => "_".to_string(),
        1..=62 => format!("{}_", base_62(position - 1)),
        _ => format!("{}{}_", base_62((position - 1) / 62), base_62((position - 1) % 62)),
    };
    let mut text = String::from("TuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuE");
    let mut before = 4;
    for _ in 0..levels {
        let begin = 4 + text.len();
        text.push_str(&format!("T{}E", format!("B{}", number(before)).repeat(width)));
        before = begin;
    }
    text
}

fn base_62(digit: usize) -> char {
    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[digit] as char
}

#[test]
fn a_name_that_is_hard_to_take_apart_stays_as_it_is() {
    // The parser goes back at each of these: twice the time for each, were there no bound on how deep they are.
    for hard in ["StI", "1aILM", "1aILZ1fI", "1IxrC"] {
        let name = format!("_Z1f{}", hard.repeat(1000 / hard.len()));
        assert_eq!(demangle(&name), name);
    }
}

#[test]
fn what_says_something_without_end_is_stopped() {
    struct Endless;
    impl std::fmt::Display for Endless {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            loop {
                f.write_str("on and on, ")?;
            }
        }
    }
    assert_eq!(bounded(Endless, 64).len(), 64);
}

// ---- debug information that expands

fn leb(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A unit of DWARF 4 without a length, which says nothing of where it is, with `entries` behind its root.
fn unit(entries: &[u8]) -> Vec<u8> {
    let mut body = vec![4, 0, 0, 0, 0, 0, 4, 1];
    body.extend_from_slice(entries);
    let mut unit = (body.len() as u32).to_le_bytes().to_vec();
    unit.extend(body);
    unit
}

const TAG_UNIT: u8 = 0x11;
const TAG_SUBPROGRAM: u8 = 0x2e;
const TAG_INLINED: u8 = 0x1d;
const TAG_VARIABLE: u8 = 0x34;
const HAS_CHILDREN: u8 = 1;
const FLAG_PRESENT: u8 = 0x19;

#[test]
fn an_entry_of_attributes_without_bytes_is_paid_for() {
    let mut abbreviations = vec![1, TAG_UNIT, HAS_CHILDREN, 0, 0, 2, TAG_VARIABLE, 0];
    for _ in 0..500_000 {
        abbreviations.extend([0x3f, FLAG_PRESENT]); // DW_AT_external
    }
    abbreviations.extend([0, 0, 0]);
    let info = unit(&vec![2; 1 << 20]);
    let (places, steps) = dwarf::places(&[(".debug_abbrev", &abbreviations), (".debug_info", &info)], &[100]);
    assert_eq!(places, [Vec::new()]);
    assert_eq!(steps, dwarf::STEPS);
}

#[test]
fn functions_inlined_into_each_other_without_end_need_no_stack() {
    // Each has the code from 1 to 1000 and the next within it.
    let range = [0x11, 0x01, 0x12, 0x0b]; // DW_AT_low_pc as an address, DW_AT_high_pc as a byte
    let mut abbreviations = vec![1, TAG_UNIT, HAS_CHILDREN, 0, 0, 2, TAG_SUBPROGRAM, HAS_CHILDREN];
    abbreviations.extend(range);
    abbreviations.extend([0, 0, 3, TAG_INLINED, HAS_CHILDREN]);
    abbreviations.extend(range);
    abbreviations.extend([0, 0, 0]);
    let mut entries = vec![2, 1, 0, 0, 0, 200];
    for _ in 0..200_000 {
        entries.extend([3, 1, 0, 0, 0, 200]);
    }
    let info = unit(&entries);
    let (places, steps) = dwarf::places(&[(".debug_abbrev", &abbreviations), (".debug_info", &info)], &[100]);
    assert!(places[0].len() <= 32, "{}", places[0].len());
    assert!(steps <= dwarf::STEPS);
}

#[test]
fn a_table_of_lines_with_millions_of_files_or_rows_is_left_in_time() {
    let abbreviations = [1, TAG_UNIT, 0, 0x10, 0x17, 0, 0, 0]; // DW_AT_stmt_list as an offset
    let info = unit(&[0, 0, 0, 0]);
    for files in [true, false] {
        let mut header = vec![1, 1, 1, 0xfb, 14, 1]; // instructions of 1 byte, line base and range, no standard opcode
        header.extend([1, 1, 0x0b]); // directories: a path as one byte
        leb(0, &mut header);
        header.extend([1, 1, 0x0b]); // files: the same
        let count: u64 = if files { 4 << 20 } else { 0 };
        leb(count, &mut header);
        header.extend(vec![0; count as usize]);
        let mut lines = vec![5, 0, 4, 0];
        lines.extend((header.len() as u32).to_le_bytes());
        lines.extend(header);
        lines.extend(vec![0x20; 4 << 20]); // special opcodes: a row each
        let mut section = (lines.len() as u32).to_le_bytes().to_vec();
        section.extend(lines);
        let sections: [dwarf::Section; 3] =
            [(".debug_abbrev", &abbreviations), (".debug_info", &info), (".debug_line", &section)];
        let (_, steps) = dwarf::places(&sections, &[u64::MAX]);
        if files {
            assert!(steps < 1_000, "{steps}: a list that long is not begun");
        } else {
            assert_eq!(steps, dwarf::STEPS);
        }
    }
}

#[test]
fn honest_debug_information_takes_a_small_part_of_the_steps() {
    let module = compile_c(GUEST, "steps", &["-g", "-O1"]);
    let sections = debug_sections(&module).expect("readable");
    let offsets: Vec<u64> = (1..20).map(|number| number * 10).collect();
    let (places, steps) = dwarf::places(&sections, &offsets);
    assert!(places.iter().any(|places| !places.is_empty()));
    assert!(steps < dwarf::STEPS / 100, "{steps}");
}
