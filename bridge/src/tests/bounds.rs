//! What a guest can make the host do in one call is bounded, whatever it passes; and between calls its budget is looked at.

use super::rig::{Engine, HANDLER, Instance, LIMITS, Turn, message, module_wat_to_component};
use crate::ffi::{Buffer, Status};
use crate::instance::{
    Limits, RESPONSE_FAILED, RESPONSE_REPLY, RESPONSE_TOO_LARGE, ResponseData, ab_handle_message,
    ab_instance_growth_refused,
};
use crate::trap::TrapKind;
use crate::views::{NAME, TEXT};

/// A guest with four megabytes of memory that does `body` when it gets a message.
fn guest(imports: &str, more: &str, body: &str) -> String {
    format!(
        r#"(module
        {imports}
        (memory (export "memory") 64)
        (global $heap (mut i32) (i32.const 65536))
        (func (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32)
          (if (i32.gt_u (local.get $size) (i32.const 3000000)) (then (unreachable)))
          (global.get $heap))
        {more}
        (func (export "airssys:core/handler@0.1.0#initialize") (param i32 i32 i32) (result i32) (i32.const 0))
        (func (export "airssys:core/handler@0.1.0#handle-message")
          (param i64 i32 i32 i32 i32 i32 i32 i32) (param $body i32) (param $size i32) (result i32)
          {body} (i32.const 0)))"#
    )
}

fn spawned(engine: &Engine, text: &str, limits: &Limits) -> Instance {
    let template = engine.template(&module_wat_to_component(text));
    template.spawn(limits, &mut Turn::default()).map_err(|it| it.0).expect("it starts")
}

const LOG: &str = r#"(import "airssys:core/log@0.1.0" "write" (func $log (param i32 i32 i32 i32 i32)))"#;

#[test]
fn of_a_line_the_beginning_of_its_text_and_its_first_fields_are_looked_at() {
    let engine = Engine::fast();
    // A text of three million bytes and a list of 180,000 fields, all of them in the same zeroed memory.
    let text = guest(
        LOG,
        "",
        "(call $log (i32.const 2) (i32.const 4096) (i32.const 3000000) (i32.const 4096) (i32.const 180000))",
    );
    let instance = spawned(&engine, &text, &LIMITS);
    let mut turn = Turn::default();
    assert_eq!(instance.call(&mut turn, &message(0, b"")).0, Status::Ok);
    assert_eq!(turn.bytes_seen, TEXT);
    assert_eq!(turn.items_seen, (64, 180_000 - 64));

    // One field of three million bytes, in the name and in the value.
    let text = guest(
        LOG,
        "",
        "(i32.store (i32.const 16) (i32.const 4096)) (i32.store (i32.const 20) (i32.const 3000000))
         (i32.store (i32.const 24) (i32.const 4096)) (i32.store (i32.const 28) (i32.const 3000000))
         (call $log (i32.const 2) (i32.const 4096) (i32.const 2) (i32.const 16) (i32.const 1))",
    );
    let instance = spawned(&engine, &text, &LIMITS);
    let mut turn = Turn::default();
    assert_eq!(instance.call(&mut turn, &message(0, b"")).0, Status::Ok);
    assert!(turn.log[0].len() < 70_000, "{}", turn.log[0].len());
}

#[test]
fn what_is_cut_off_is_neither_read_nor_believed_to_be_elsewhere_than_in_memory() {
    let engine = Engine::fast();
    let outside =
        guest(LOG, "", "(call $log (i32.const 2) (i32.const 4096) (i32.const 0x7fffffff) (i32.const 0) (i32.const 0))");
    let instance = spawned(&engine, &outside, &LIMITS);
    let mut turn = Turn::default();
    assert_eq!(instance.call(&mut turn, &message(0, b"")).0, Status::Trap);
    assert_eq!(instance.report().expect("it trapped").kind, TrapKind::Abi);
    assert!(turn.log.is_empty());
}

#[test]
fn of_a_name_more_is_looked_at_than_any_port_takes() {
    let engine = Engine::fast();
    let send = r#"(import "airssys:core/messaging@0.1.0" "send" (func $send (param i32 i32 i32 i32 i32 i32)))"#;
    let text = guest(
        send,
        "",
        "(call $send (i32.const 4096) (i32.const 3000000) (i32.const 0) (i32.const 0) (i32.const 2000000) (i32.const 64))",
    );
    let instance = spawned(&engine, &text, &LIMITS);
    let mut turn = Turn::default();
    assert_eq!(instance.call(&mut turn, &message(0, b"")).0, Status::Ok);
    assert_eq!(turn.bytes_seen, 2_000_000, "bodies are views of any size");
    assert!(turn.log[0].starts_with(&format!("send to={}", "\0".repeat(NAME))) && turn.log[0].len() < NAME + 100);
}

#[test]
fn of_a_broadcast_one_target_too_many_is_looked_at() {
    let engine = Engine::fast();
    let import = r#"(import "airssys:core/messaging@0.1.0" "broadcast" (func $all (param i32 i32 i32 i32 i32 i32)))"#;
    let text = guest(
        import,
        "",
        "(call $all (i32.const 131072) (i32.const 400000) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 64))",
    );
    let instance = spawned(&engine, &text, &LIMITS);
    let mut turn = Turn::default();
    assert_eq!(instance.call(&mut turn, &message(0, b"")).0, Status::Ok);
    assert_eq!(turn.items_seen.0, 1_001);
}

#[test]
fn a_reply_beyond_what_may_be_copied_is_told_and_not_copied() {
    let engine = Engine::fast();
    let template = engine.template(&module_wat_to_component(HANDLER));
    let limits = Limits { hostcall_bytes: 100_000, ..LIMITS };
    let instance = template.spawn(&limits, &mut Turn::default()).map_err(|it| it.0).expect("it starts");
    assert_eq!(instance.ask(0, &[1; 90_000]).0, RESPONSE_REPLY);
    let mut out = ResponseData { kind: 99, failure: 99, codec: 99, bytes: Buffer::EMPTY, size: 0 };
    let body = [1; 110_000];
    let mut turn = Turn::default();
    // SAFETY: all arguments live.
    let status = unsafe { ab_handle_message(instance.0, turn.token(), 1_000, &message(0, &body), &mut out) };
    assert_eq!(status, Status::Ok);
    assert_eq!((out.kind, out.size), (RESPONSE_TOO_LARGE, 110_000));
    assert!(out.bytes.data.is_null());
    assert_eq!(instance.ask(0, b"still here").3, b"still here");
}

#[test]
fn of_a_failures_text_the_beginning_is_copied() {
    let engine = Engine::fast();
    let text = guest(
        "",
        "",
        "(i32.store8 (i32.const 0) (i32.const 1)) (i32.store8 (i32.const 4) (i32.const 0))
        (i32.store (i32.const 8) (i32.const 4096)) (i32.store (i32.const 12) (i32.const 3000000))",
    );
    let (kind, _, _, said) = spawned(&engine, &text, &LIMITS).ask(0, b"");
    assert_eq!((kind, said.len()), (RESPONSE_FAILED, TEXT));
}

#[test]
fn calls_without_a_loop_are_stopped_between_two_calls() {
    let engine = Engine::fast();
    let now = r#"(import "airssys:core/context@0.1.0" "now-ms" (func $now (result i64)))"#;
    let text = guest(now, "", &"(drop (call $now))".repeat(5_000));
    for (answer, looks, calls) in [(0, 1, 1_000), (700, 3, 2_400)] {
        let instance = spawned(&engine, &text, &LIMITS);
        // The clock goes on by one in each call; the first look is after a thousand, the next ones after as much as is answered.
        let mut turn = Turn { ticks_on_now: engine.0, epoch_answer: answer, ..Turn::default() };
        assert_eq!(instance.call(&mut turn, &message(0, b"")).0, Status::Trap);
        assert_eq!(instance.report().expect("it was stopped").kind, TrapKind::Interrupt);
        assert_eq!((turn.epochs, turn.items_seen.0), (looks, calls));
    }
}

#[test]
fn tables_are_counted_together_and_the_refusal_is_remembered() {
    let engine = Engine::fast();
    let text = guest(
        "",
        "(table $a 4 funcref) (table $b 4 funcref)",
        "(i32.store8 (i32.const 4) (i32.const 1)) (i32.store (i32.const 12) (i32.const 64)) (i32.store (i32.const 16) (i32.const 12))
         (i32.store (i32.const 64) (table.grow $a (ref.null func) (i32.const 60)))
         (i32.store (i32.const 68) (table.grow $b (ref.null func) (i32.const 33)))
         (i32.store (i32.const 72) (table.grow $b (ref.null func) (i32.const 32)))",
    );
    let instance = spawned(&engine, &text, &Limits { table_elements: 100, ..LIMITS });
    let answers = instance.ask(0, b"").3;
    assert_eq!(answers, [4_i32.to_le_bytes(), (-1_i32).to_le_bytes(), 4_i32.to_le_bytes()].concat());
    // SAFETY: alive.
    assert!(unsafe { ab_instance_growth_refused(instance.0) });
}

#[test]
fn a_body_without_room_is_told_by_its_size() {
    let engine = Engine::fast();
    let handed_in = |size: usize, body: &str| {
        let instance = spawned(&engine, &guest("", "", body), &LIMITS);
        assert_eq!(instance.call(&mut Turn::default(), &message(0, &vec![0; size])).0, Status::Trap);
        instance.report().expect("it trapped").handed_in
    };
    assert_eq!(handed_in(3_500_000, ""), 3_500_000);
    assert_eq!(handed_in(10, "(unreachable)"), 0, "it had it, and died of something else");
}
