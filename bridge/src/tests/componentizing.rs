use wasmparser::{Parser, Payload};

use super::rig::{HANDLER, compile_c, componentized, wat};
use crate::ffi::Status;

#[test]
fn a_module_that_wants_something_else_is_told_all_of_it() {
    let module = wat(r#"(module
             (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
             (import "env" "puts" (func (param i32)))
             (import "airssys:core/log@0.1.0" "enabled" (func (param i32) (result i32)))
             (func (export "acme:x/y@1.0.0#f")))"#)
    .expect("valid");
    let (status, text) = componentized(&module).expect_err("not of the WIT");
    assert_eq!(status, Status::Invalid);
    assert_eq!(
        text,
        "exports `acme:x/y@1.0.0#f`, which is not in the WIT\n\
         imports `env puts`, which is not in the WIT\n\
         imports `wasi_snapshot_preview1 fd_write`, which is not in the WIT"
    );
}

#[test]
fn what_is_no_module_or_no_guest_is_refused() {
    for bytes in [&b""[..], b"\0asm", b"(module)"] {
        assert_eq!(componentized(bytes).expect_err("no module").0, Status::Invalid);
    }
    let component = wat("(component)").expect("valid");
    assert!(componentized(&component).expect_err("a component").1.contains("not a core module"));
    let empty = wat("(module)").expect("valid");
    assert!(componentized(&empty).expect_err("empty").1.contains("exports no interface"));
    let mut cut = wat(HANDLER).expect("valid");
    cut.truncate(cut.len() / 2);
    assert_eq!(componentized(&cut).expect_err("cut").0, Status::Invalid);
}

#[test]
fn a_wrong_signature_or_half_an_interface_is_told() {
    let half = wat(r#"(module (memory (export "memory") 1)
        (func (export "airssys:core/handler@0.1.0#initialize") (param i32 i32 i32) (result i32) (i32.const 0)))"#)
    .expect("valid");
    assert!(componentized(&half).expect_err("half").1.contains("handle-message"));
    let wrong =
        HANDLER.replace("(func $send (param i32 i32 i32 i32 i32 i32))", "(func $send (param i32 i32 i32 i32 i32 i64))");
    let wrong = wrong.replace("(i32.const 2048))\n        ;; the whole", "(i64.const 2048))\n        ;; the whole");
    let Ok(module) = wat(&wrong) else { panic!("the text stays valid") };
    assert_eq!(componentized(&module).expect_err("wrong").0, Status::Invalid);
}

#[test]
fn debug_sections_go_and_names_stay() {
    let module = compile_c(include_str!("guests/everything.c"), "stripping", &["-g", "-O1"]);
    let sections = |wasm: &[u8]| -> Vec<String> {
        Parser::new(0)
            .parse_all(wasm)
            .filter_map(|payload| match payload.expect("valid") {
                Payload::CustomSection(section) => Some(section.name().to_string()),
                _ => None,
            })
            .collect()
    };
    assert!(sections(&module).iter().any(|name| name == ".debug_info"));
    let component = componentized(&module).expect("it follows the contract");
    let kept = sections(&component);
    assert!(!kept.iter().any(|name| name.starts_with(".debug")), "{kept:?}");
    assert!(kept.iter().any(|name| name == "name"), "{kept:?}");
    assert!(component.len() < module.len());
}

#[test]
fn texts_become_binary_or_are_refused_with_a_place() {
    let (status, text) = wat("(module\n  (func (i32.konst 1)))").expect_err("a typing error");
    assert_eq!(status, Status::Invalid);
    assert!(text.contains("2:") && text.contains("i32.konst"), "{text}");
    assert!(wat("(component)").expect("valid").starts_with(b"\0asm\x0d"));
}
