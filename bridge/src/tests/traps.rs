use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::rig::{Engine, LIMITS, Turn, message, module_wat_to_component, take};
use crate::engine::{PROFILE_FAST, ab_engine_tick};
use crate::ffi::{Buffer, Status, View};
use crate::instance::{AbInstance, ResponseData, ab_handle_message};
use crate::trap::{TrapKind, ab_trap_view};

#[test]
fn each_way_to_go_wrong_has_its_kind_on_every_engine() {
    let cases = [
        (10, TrapKind::Unreachable),
        (11, TrapKind::Memory),
        (12, TrapKind::StackOverflow),
        (14, TrapKind::Abi),
        (15, TrapKind::Abi),
        (16, TrapKind::Abi),
        (17, TrapKind::Integer),
        (18, TrapKind::IndirectCall),
        (21, TrapKind::Abi),
        (22, TrapKind::Abi),
        (24, TrapKind::Table),
        (27, TrapKind::Abi),
        (28, TrapKind::Abi),
    ];
    for engine in Engine::all() {
        let template = engine.template(&module_wat_to_component(super::rig::HANDLER));
        for (codec, kind) in cases {
            let instance = template.instance();
            assert!(instance.report().is_none());
            assert_eq!(instance.call(&mut Turn::default(), &message(codec, b"x")).0, Status::Trap, "{codec}");
            let report = instance.report().expect("a trap leaves its report");
            assert_eq!(report.kind, kind, "{codec}: {}", report.message);
            assert!(!report.message.is_empty() && !report.message.contains('\n'), "{}", report.message);
            assert_eq!(instance.call(&mut Turn::default(), &message(1, b"")).0, Status::Dead);
            assert_eq!(instance.report().expect("it stays").kind, kind);
        }
    }
}

#[test]
fn a_lie_about_memory_never_reaches_a_callback() {
    let engine = Engine::fast();
    let template = engine.template(&module_wat_to_component(super::rig::HANDLER));
    for codec in [21, 22, 27] {
        let mut turn = Turn::default();
        assert_eq!(template.instance().call(&mut turn, &message(codec, b"")).0, Status::Trap);
        assert!(turn.log.is_empty(), "{:?}", turn.log);
    }
}

#[test]
fn the_stack_of_a_trap_has_names_innermost_first() {
    let engine = Engine::fast();
    let instance = engine.handler();
    assert_eq!(instance.call(&mut Turn::default(), &message(12, b"")).0, Status::Trap);
    let report = instance.report().expect("it trapped");
    // SAFETY: the report is alive, and with it its frames and their names.
    let names: Vec<&str> = unsafe {
        let view = ab_trap_view(report);
        let frames = std::slice::from_raw_parts(view.frames, view.frame_count);
        frames.iter().map(|frame| frame.name.text().expect("UTF-8")).collect()
    };
    assert!(names.len() > 3 && names.iter().all(|name| *name == "recurse"), "{names:?}");

    let instance = engine.handler();
    assert_eq!(instance.call(&mut Turn::default(), &message(10, b"")).0, Status::Trap);
    let frames = instance.report().expect("it trapped").frames();
    assert_eq!(frames.len(), 1);
    assert_eq!(frames[0].module, 0);
    assert!(frames[0].offset < 10_000);
    // SAFETY: the report is alive.
    assert_eq!(unsafe { frames[0].name.text() }, Some("handle_message"));
}

/// Ticks an engine's clock as long as it lives.
fn with_ticks<R>(engine: &Engine, body: impl FnOnce() -> R) -> R {
    let stop = AtomicBool::new(false);
    let address = engine.0 as usize;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                // SAFETY: the engine outlives the scope.
                unsafe { ab_engine_tick(address as *const _) };
                std::thread::sleep(Duration::from_micros(200));
            }
        });
        let result = body();
        stop.store(true, Ordering::Relaxed);
        result
    })
}

#[test]
fn a_loop_is_asked_about_at_each_deadline_and_stopped_by_a_zero() {
    for engine in Engine::all() {
        let instance = engine.handler();
        let mut turn = Turn { epoch_answer: 5, ..Turn::default() };
        let status = with_ticks(&engine, || instance.call(&mut turn, &message(13, b"")).0);
        assert_eq!(status, Status::Trap);
        assert_eq!(turn.epochs, 3);
        assert_eq!(instance.report().expect("it was stopped").kind, TrapKind::Interrupt);
    }
}

#[test]
fn only_an_untimed_engine_asks_nobody() {
    for (untimed, asks) in [(0, true), (1, false)] {
        let engine = Engine::timed_or_not(PROFILE_FAST, 1, untimed);
        let instance = engine.handler();
        let mut turn = Turn { epoch_answer: 1_000, ..Turn::default() };
        let mut out = ResponseData { kind: 99, failure: 99, codec: 99, bytes: Buffer::EMPTY, size: 0 };
        // SAFETY: all arguments live.
        let status = unsafe { ab_handle_message(instance.0, turn.token(), 0, &message(0, b"x"), &mut out) };
        assert_eq!(status, Status::Ok);
        assert_eq!(take(out.bytes), b"x");
        assert_eq!(turn.epochs > 0, asks, "untimed: {untimed}");
    }
}

#[test]
fn deadlines_are_set_anew_for_each_call() {
    let engine = Engine::fast();
    let instance = engine.handler();
    for _ in 0..3 {
        for _ in 0..5_000 {
            // SAFETY: alive.
            unsafe { ab_engine_tick(engine.0) };
        }
        assert_eq!(instance.ask(0, b"late").3, b"late");
    }
}

#[test]
fn a_start_function_is_bounded_and_may_only_log() {
    let engine = Engine::fast();
    let guest = |import: &str, start: &str| {
        module_wat_to_component(&format!(
            r#"(module
                {import}
                (memory (export "memory") 1)
                (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
                (func $start {start})
                (start $start)
                (func (export "airssys:core/handler@0.1.0#initialize") (param i32 i32 i32) (result i32) (i32.const 0))
                (func (export "airssys:core/handler@0.1.0#handle-message")
                  (param i64 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) (i32.const 0)))"#
        ))
    };
    let kind = |wasm: &[u8]| {
        let template = engine.template(wasm);
        let result = with_ticks(&engine, || template.spawn(&LIMITS, &mut Turn::default()));
        let (status, report) = result.expect_err("it must not start");
        assert_eq!(status, Status::Trap);
        // SAFETY: alive.
        let report = unsafe { &*report.as_ref().expect("it says why").0 };
        (report.kind, report.message.clone())
    };
    assert_eq!(kind(&guest("", "(loop $again (br $again))")).0, TrapKind::Interrupt);
    assert_eq!(kind(&guest("", "unreachable")).0, TrapKind::Unreachable);
    let cancel = r#"(import "airssys:core/messaging@0.1.0" "cancel" (func $cancel (param i64) (result i32)))"#;
    let (kind, text) = kind(&guest(cancel, "(drop (call $cancel (i64.const 1)))"));
    assert_eq!(kind, TrapKind::Other);
    assert!(text.contains("messaging@0.1.0 cancel"), "{text}");

    let now = r#"(import "airssys:core/context@0.1.0" "now-ms" (func $now (result i64)))"#;
    engine.template(&guest(now, "(drop (call $now))")).instance();
}

#[test]
fn a_panic_stays_inside_and_kills_the_instance() {
    let engine = Engine::fast();
    let instance = engine.handler();
    // SAFETY: alive.
    let inner: &AbInstance = unsafe { &*instance.0 };
    assert_eq!(inner.panic_for_test(), Status::Panic);
    assert!(instance.report().expect("it died").message.contains("made to panic"));
    assert_eq!(instance.call(&mut Turn::default(), &message(1, b"")).0, Status::Dead);
}

#[test]
fn a_refusal_without_a_known_reason_is_the_hosts_defect() {
    let engine = Engine::fast();
    let instance = engine.handler();
    let error = crate::imports::SendErrorData { kind: 77, limit: 0, number: 0, text: View::EMPTY };
    let mut turn = Turn { send_error: Some(error), ..Turn::default() };
    assert_eq!(instance.call(&mut turn, &message(20, b"")).0, Status::Trap);
    let report = instance.report().expect("it trapped");
    assert_eq!(report.kind, TrapKind::Other);
    assert!(report.message.contains("a defect of the host"), "{}", report.message);
}
