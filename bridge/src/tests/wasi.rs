//! Components whose world is ours and some of WASI: made here from a WIT of the test's own, as `ab_componentize` makes none.

use super::rig::{Engine, Template, Turn, compile_c, message, wat};
use crate::ffi::Status;
use crate::trap::TrapKind;

const WIT: &str = r#"
package wasi:cli@0.2.6;
interface environment { get-environment: func() -> list<tuple<string, string>>; get-arguments: func() -> list<string>; }
interface exit { exit: func(status: result); }
interface stdin { use wasi:io/streams@0.2.6.{input-stream}; get-stdin: func() -> input-stream; }
interface stdout { use wasi:io/streams@0.2.6.{output-stream}; get-stdout: func() -> output-stream; }
package wasi:io@0.2.6 {
  interface error { resource error { to-debug-string: func() -> string; } }
  interface poll {
    resource pollable { ready: func() -> bool; block: func(); }
    poll: func(in: list<borrow<pollable>>) -> list<u32>;
  }
  interface streams {
    use error.{error};
    use poll.{pollable};
    variant stream-error { last-operation-failed(error), closed }
    resource input-stream { read: func(len: u64) -> result<list<u8>, stream-error>; subscribe: func() -> pollable; }
    resource output-stream {
      check-write: func() -> result<u64, stream-error>;
      blocking-write-and-flush: func(contents: list<u8>) -> result<_, stream-error>;
    }
  }
}
package wasi:clocks@0.2.6 {
  interface monotonic-clock {
    use wasi:io/poll@0.2.6.{pollable};
    now: func() -> u64;
    subscribe-duration: func(when: u64) -> pollable;
  }
  interface wall-clock { record datetime { seconds: u64, nanoseconds: u32 } now: func() -> datetime; }
}
package wasi:random@0.2.6 { interface random { get-random-bytes: func(len: u64) -> list<u8>; } }
package wasi:filesystem@0.2.6 {
  interface types { resource descriptor { sync: func(); } }
  interface preopens { use types.{descriptor}; get-directories: func() -> list<tuple<descriptor, string>>; }
}
package wasi:sockets@0.2.6 {
  interface network { enum error-code { unknown, access-denied } enum ip-address-family { ipv4, ipv6 } }
  interface tcp { resource tcp-socket { is-listening: func() -> bool; } }
  interface tcp-create-socket {
    use network.{error-code, ip-address-family};
    use tcp.{tcp-socket};
    create-tcp-socket: func(family: ip-address-family) -> result<tcp-socket, error-code>;
  }
}
"#;

const INTERFACES: [&str; 14] = [
    "wasi:cli/environment@0.2.6",
    "wasi:cli/exit@0.2.6",
    "wasi:cli/stdin@0.2.6",
    "wasi:cli/stdout@0.2.6",
    "wasi:io/error@0.2.6",
    "wasi:io/poll@0.2.6",
    "wasi:io/streams@0.2.6",
    "wasi:clocks/monotonic-clock@0.2.6",
    "wasi:clocks/wall-clock@0.2.6",
    "wasi:random/random@0.2.6",
    "wasi:filesystem/types@0.2.6",
    "wasi:filesystem/preopens@0.2.6",
    "wasi:sockets/tcp@0.2.6",
    "wasi:sockets/tcp-create-socket@0.2.6",
];

fn component(module: &[u8], wit: &str, imports: &[&str]) -> Vec<u8> {
    let mut resolve = wit_parser::Resolve::default();
    resolve.push_str("core.wit", super::rig::WIT).expect("our WIT");
    if !wit.is_empty() {
        resolve.push_str("wasi.wit", wit).expect("the test's WIT");
    }
    let imports: String = imports.iter().map(|name| format!("import {name};\n")).collect();
    let world = format!("package t:t;\nworld w {{\n{imports}export airssys:core/handler@0.1.0;\n}}\n");
    let package = resolve.push_str("world.wit", &world).expect("the world");
    let world = resolve.select_world(&[package], Some("w")).expect("it has one");
    let mut bytes = module.to_vec();
    wit_component::embed_component_metadata(&mut bytes, &resolve, world, wit_component::StringEncoding::UTF8)
        .expect("embeds");
    let mut encoder = wit_component::ComponentEncoder::default().validate(true).module(&bytes).expect("fits");
    encoder.encode().expect("encodes")
}

fn template(engine: &Engine, name: &str) -> Template {
    let module = compile_c(include_str!("guests/wasi.c"), name, &["-O1"]);
    engine.template(&component(&module, WIT, &INTERFACES))
}

fn end(template: &Template, codec: u32) -> (TrapKind, String) {
    let instance = template.instance();
    assert_eq!(instance.call(&mut Turn::default(), &message(codec, b"")).0, Status::Trap, "{codec}");
    let report = instance.report().expect("it trapped");
    (report.kind, report.message.clone())
}

#[test]
fn a_guest_of_wasi_finds_time_and_chance_and_nothing_else() {
    let engine = Engine::fast();
    let instance = template(&engine, "wasi-all").instance();
    let reply = instance.ask(0, b"").3;
    assert_eq!(
        String::from_utf8(reply).expect("text"),
        "environment 0\n\
         arguments 0\n\
         directories 0\n\
         socket 1 code 1\n\
         stdin 1 case 1\n\
         stdout 0 room 65536\n\
         written 0\n\
         seconds 1700000000 nanoseconds 123000000\n\
         monotonic 1700000000123000000\n\
         random 10 first 239\n\
         stdin ready 1\n\
         now ready 1 later ready 0\n\
         polled 1 index 1\n"
    );
}

#[test]
fn waiting_for_what_is_not_ready_and_leaving_end_the_call() {
    let engine = Engine::fast();
    let template = template(&engine, "wasi-ends");
    assert_eq!(end(&template, 1).0, TrapKind::WouldBlock);
    assert_eq!(end(&template, 2).0, TrapKind::WouldBlock);
    let (kind, text) = end(&template, 3);
    assert_eq!(kind, TrapKind::Exit);
    assert!(text.contains("status 1"), "{text}");
    assert_eq!(end(&template, 4).0, TrapKind::Abi, "more random bytes than a call may copy");
    let (kind, text) = end(&template, 5);
    assert_eq!(kind, TrapKind::Abi);
    assert!(text.contains("handle limit"), "{text}");
}

#[test]
fn pollables_that_are_dropped_make_room() {
    let engine = Engine::fast();
    let instance = template(&engine, "wasi-drops").instance();
    assert_eq!(instance.ask(6, b"").0, 0);
}

#[test]
fn other_parts_and_versions_of_wasi_are_not_offered() {
    let engine = Engine::fast();
    let wasm = wat(r#"(component
             (import "wasi:nn/graph@0.2.6" (instance (export "load" (func))))
             (import "wasi:clocks/monotonic-clock@0.3.0" (instance (export "now" (func (result u64)))))
             (import "wasi:random/random@0.2.0" (instance (export "get-random-u64" (func (result u64))))))"#)
    .expect("valid");
    let (status, text) = engine.component(&wasm).template().map(drop).expect_err("not offered");
    assert_eq!(status, Status::Invalid);
    assert_eq!(
        text,
        "imports `wasi:nn/graph@0.2.6`, which is not offered\n\
         imports `wasi:clocks/monotonic-clock@0.3.0`, which is not offered\n\
         lacks the export `airssys:core/handler@0.1.0 initialize`\n\
         lacks the export `airssys:core/handler@0.1.0 handle-message`"
    );
}

#[test]
fn a_later_patch_of_wasi_loads_with_what_it_has_more() {
    let engine = Engine::fast();
    let module = wat(&r#"(module
        (import "wasi:random/random@0.2.6" "get-random-bytes" (func $bytes (param i64 i32)))
        (import "wasi:clocks/monotonic-clock@0.2.6" "now" (func $now (result i64)))
        (import "wasi:clocks/monotonic-clock@0.2.6" "newer" (func $newer))
        (import "wasi:random/newest@0.2.6" "dice" (func $dice (result i32)))
        (memory (export "memory") 1)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
        (func (export "airssys:core/handler@0.1.0#initialize") (param i32 i32 i32) (result i32)
          (drop (call $now)) (call $bytes (i64.const 9) (i32.const 512)) (i32.const 0))
        (func (export "airssys:core/handler@0.1.0#handle-message")
          (param i64 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) (call $newer) (drop (call $dice)) (i32.const 0)))"#
        .replace("0.2.6", "0.2.99"))
    .expect("valid");
    let newer = "\
        package wasi:random@0.2.6 { interface random { get-random-bytes: func(len: u64) -> list<u8>; } \
        interface newest { dice: func() -> u32; } }\n\
        package wasi:clocks@0.2.6 { interface monotonic-clock { now: func() -> u64; newer: func(); } }";
    let interfaces = ["wasi:random/random@0.2.6", "wasi:clocks/monotonic-clock@0.2.6", "wasi:random/newest@0.2.6"];
    let text = |text: &str| text.replace("0.2.6", "0.2.99");
    let newer = text(&format!("package t:wasi;\n{newer}"));
    let names: Vec<String> = interfaces.iter().map(|name| text(name)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let instance = engine.template(&component(&module, &newer, &names)).instance();
    let mut turn = Turn::default();
    assert_eq!(instance.call(&mut turn, &message(0, b"")).0, Status::Trap);
    let report = instance.report().expect("it trapped");
    assert!(report.message.contains("`wasi:clocks/monotonic-clock newer` is denied"), "{}", report.message);
}
