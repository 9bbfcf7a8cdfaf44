use std::ptr::null_mut;

use super::rig::{Engine, LIMITS, Turn, compile_c, componentized, message, module_wat_to_component, take, text};
use crate::ffi::{Buffer, Status, View};
use crate::imports::SendErrorData;
use crate::instance::{
    Limits, OutcomeData, ResponseData, ab_check, ab_export_part, ab_handle_reply, ab_handle_timer, ab_import_part,
    ab_initialize, ab_instance_growth_refused, ab_instance_memory, ab_stop,
};
use crate::template::ab_template_exports;
use crate::trap::TrapKind;

const BLANK: ResponseData = ResponseData { kind: 99, failure: 99, codec: 99, bytes: Buffer::EMPTY, size: 0 };

fn bytes(size: usize) -> Vec<u8> {
    (0..size).map(|index| (index * 7 % 251) as u8).collect()
}

#[test]
fn bodies_of_any_size_come_back_as_they_were_on_every_engine() {
    for engine in Engine::all() {
        let instance = engine.handler();
        for size in [0, 1, 64, 4_096, 1 << 20] {
            let body = bytes(size);
            assert_eq!(instance.ask(0, &body), (1, 0, 85, body));
        }
    }
}

#[test]
fn an_empty_reply_has_no_allocation() {
    let engine = Engine::fast();
    let instance = engine.handler();
    let mut out = BLANK;
    let message = message(0, b"");
    // SAFETY: all arguments live.
    let status =
        unsafe { crate::instance::ab_handle_message(instance.0, Turn::default().token(), 1_000, &message, &mut out) };
    assert_eq!(status, Status::Ok);
    assert!(out.bytes.data.is_null());
}

#[test]
fn every_kind_of_response_arrives() {
    let engine = Engine::fast();
    let instance = engine.handler();
    assert_eq!(instance.ask(1, b""), (0, 0, 0, vec![]));
    assert_eq!(instance.ask(2, b""), (2, 0, 0, vec![]));
    assert_eq!(instance.ask(3, b""), (3, 0, 0, b"not this one".to_vec()));
    assert_eq!(instance.ask(4, b""), (3, 1, 0, b"not this one".to_vec()));
    assert_eq!(instance.ask(5, b""), (3, 2, 0, b"not this one".to_vec()));
    assert_eq!(instance.ask(6, b""), (3, 3, 0, vec![]));
}

#[test]
fn a_message_arrives_with_all_that_it_has() {
    let engine = Engine::fast();
    let instance = engine.handler();
    assert_eq!(instance.ask(7, b"").3, b"test/sender/1");
    assert_eq!(instance.ask(8, b"").3, b"\0");
    let mut event = message(8, b"");
    (event.has_topic, event.topic) = (true, View::of(b"words.new"));
    assert_eq!(instance.call(&mut Turn::default(), &event).1.expect("it answers").3, b"\x01words.new");
    for (kind, id) in [(0, u64::MAX), (1, 7), (2, 1 << 40)] {
        let mut numbered = message(9, b"");
        (numbered.kind, numbered.id) = (kind, id);
        let reply = instance.call(&mut Turn::default(), &numbered).1.expect("it answers").3;
        assert_eq!(reply[..8], id.to_le_bytes());
        assert_eq!(u32::from(reply[8]), kind);
    }
    let mut unknown = message(1, b"");
    unknown.kind = 3;
    assert_eq!(instance.call(&mut Turn::default(), &unknown).0, Status::Invalid);
    assert_eq!(instance.ask(1, b"").0, 0, "a wrong argument leaves the instance alive");
}

#[test]
fn initialize_gets_its_reason() {
    let engine = Engine::fast();
    let instance = engine.handler();
    let start = |reason, restarts, version: &[u8]| {
        let mut out = BLANK;
        // SAFETY: all arguments live.
        let status = unsafe {
            ab_initialize(instance.0, Turn::default().token(), 1_000, reason, restarts, View::of(version), &mut out)
        };
        (status, out.kind, out.failure, text(out.bytes))
    };
    assert_eq!(start(0, 0, b""), (Status::Ok, 0, 0, String::new()));
    assert_eq!(start(1, 3, b""), (Status::Ok, 0, 0, String::new()));
    assert_eq!(start(2, 0, b""), (Status::Ok, 0, 0, String::new()));
    assert_eq!(start(3, 0, b"1.2.3"), (Status::Ok, 3, 1, "1.2.3".into()));
    assert_eq!(start(4, 0, b"").0, Status::Invalid);
    assert_eq!(start(3, 0, b"\xff").0, Status::Invalid);
    assert_eq!(start(1, 7, b"").0, Status::Trap);
    assert_eq!(start(0, 0, b"").0, Status::Dead);
}

#[test]
fn a_send_shows_the_guests_own_bytes_and_its_refusal_arrives() {
    let engine = Engine::fast();
    let instance = engine.handler();
    let mut turn = Turn::default();
    let body = bytes(100_000);
    let reply = instance.call(&mut turn, &message(20, &body)).1.expect("it answers").3;
    assert_eq!(turn.log, ["send to=test/sender/1 codec=99 bytes=100000"]);
    assert_eq!(reply[0], 0, "ok");

    let refusals = [(4, 0, 0x1234_5678_9abc, 4), (9, 5, 0, 9), (0, 0, 0, 0), (8, 0, 0, 8)];
    for (kind, limit, number, case) in refusals {
        turn.send_error = Some(SendErrorData { kind, limit, number, text: View::EMPTY });
        let reply = instance.call(&mut turn, &message(20, b"x")).1.expect("it answers").3;
        assert_eq!((reply[0], reply[8]), (1, case));
        match kind {
            4 => assert_eq!(reply[16..24], u64::to_le_bytes(number)),
            9 => assert_eq!(u32::from(reply[16]), limit),
            _ => {}
        }
    }
}

#[test]
fn every_import_reaches_its_callback_and_its_answer_comes_back() {
    let engine = Engine::fast();
    let module = compile_c(include_str!("guests/everything.c"), "everything", &["-O1"]);
    let template = engine.template(&componentized(&module).expect("it follows the contract"));
    let instance = template.instance();
    let mut turn = Turn::default();
    let (status, response) = instance.call(&mut turn, &message(0, b""));
    assert_eq!(status, Status::Ok, "{:?}", instance.report().map(|report| &report.message));
    assert_eq!(
        turn.log.join("\n"),
        "request a/b/c 5 question 250 77\n\
         cancel 8\n\
         answer 9 None 6 reply\n\
         answer 10 Some(1) 0 malformed\n\
         broadcast [\"a/b/c\", \"d/e/f\"] 7 all\n\
         publish words.new 8 event\n\
         subscribe words.#\n\
         unsubscribe words.#\n\
         get here\n\
         get away\n\
         set key=value\n\
         delete key\n\
         exists key\n\
         scan p after Some(\"p1\") limit 10\n\
         list p after None limit 11\n\
         arm 1 20 Some(300)\n\
         arm 2 20 None\n\
         disarm 1\n\
         enabled 4\n\
         config top\n\
         config none\n\
         secret api-key\n\
         find a/*/* after Some(\"a/b/a\") limit 12"
    );
    assert_eq!(
        String::from_utf8(response.expect("it answers").3).expect("text"),
        "request 0 4242\n\
         cancel 1\n\
         answer 0 1\n\
         answer 0 0\n\
         broadcast 1 index 1 case 11 text not today\n\
         publish 1 case 9 limit 4\n\
         subscribe 1 case 4 number 123456789012\n\
         unsubscribe 1\n\
         self test/guest/1\n\
         system 5e5f\n\
         now 1700000000123\n\
         random 81985529216486895\n\
         attempt 2\n\
         sent 1700000000001\n\
         deadline 1 1700000009999\n\
         trace 00-aa-bb-01\n\
         get 0 1 stored\n\
         get 0 0\n\
         set 1 case 3 987654321098\n\
         delete 0 1\n\
         exists 1 case 6 disk on fire\n\
         scan 2 p2=two p3=three next 1 p3\n\
         list 2 p1 next 0\n\
         usage 1 2 3\n\
         arm 0\n\
         arm 1 1\n\
         disarm 1\n\
         enabled 1\n\
         config 1 10\n\
         config 0\n\
         secret 1 hush\n\
         find 2 a/b/c next 1 a/b/d\n"
    );
    // A host that breaks the contract harms the call, not the process.
    turn.lie = true;
    assert_eq!(instance.call(&mut turn, &message(0, b"")).0, Status::Trap);
    let report = instance.report().expect("it trapped");
    assert!(report.message.contains("a defect of the host"), "{}", report.message);
}

#[test]
fn the_optional_exports_are_found_and_called() {
    let engine = Engine::fast();
    let module = compile_c(include_str!("guests/everything.c"), "optional", &["-O1"]);
    let template = engine.template(&componentized(&module).expect("it follows the contract"));
    let instance = template.instance();
    let mut turn = Turn::default();
    let mut reply = |error, failure, codec, body: &[u8]| {
        let outcome = OutcomeData { id: 11, tag: 12, error, failure, codec, body: View::of(body) };
        let mut out = BLANK;
        // SAFETY: all arguments live.
        let status = unsafe { ab_handle_reply(instance.0, turn.token(), 1_000, &outcome, &mut out) };
        if status == Status::Ok { Ok(text(out.bytes)) } else { Err(status) }
    };
    assert_eq!(reply(0, 0, 5, b"fine"), Ok("id 11 tag 12 reply 5 fine".into()));
    for (error, case) in [(1, 0), (2, 1), (3, 2), (6, 5)] {
        assert_eq!(reply(error, 0, 0, b""), Ok(format!("id 11 tag 12 error {case} ")));
    }
    assert_eq!(reply(4, 1, 0, b"bad"), Ok("id 11 tag 12 error 3 failure 1 bad".into()));
    assert_eq!(reply(5, 0, 0, b"no"), Ok("id 11 tag 12 error 4 failure 0 no".into()));
    assert_eq!(reply(5, 3, 0, b""), Ok("id 11 tag 12 error 4 failure 3 ".into()));
    assert_eq!(reply(7, 0, 0, b"odd"), Ok("id 11 tag 12 error 6 odd".into()));
    assert_eq!(reply(8, 0, 0, b""), Err(Status::Invalid));
    assert_eq!(reply(5, 4, 0, b""), Err(Status::Invalid));
    assert_eq!(reply(7, 0, 0, b"\xff"), Err(Status::Invalid));

    let mut out = BLANK;
    let (mut health, mut why, mut some) = (99, Buffer::EMPTY, false);
    // SAFETY: all arguments live.
    unsafe {
        assert_eq!(ab_template_exports(template.0), 31);
        assert_eq!(ab_handle_timer(instance.0, turn.token(), 1_000, 1, 2, 3, &mut out), Status::Ok);
        assert_eq!((out.kind, out.failure), (3, 0));
        assert_eq!(text(out.bytes), "1 2 3");
        assert_eq!(ab_check(instance.0, turn.token(), 1_000, &mut health, &mut why), Status::Ok);
        assert_eq!((health, text(why)), (1, "a bit slow".into()));
        out = BLANK;
        assert_eq!(ab_export_part(instance.0, turn.token(), 1_000, 0, &mut some, &mut out), Status::Ok);
        assert_eq!((some, out.kind, take(out.bytes)), (true, 0, b"remembered".to_vec()));
        out = BLANK;
        assert_eq!(ab_export_part(instance.0, turn.token(), 1_000, 1, &mut some, &mut out), Status::Ok);
        assert!(!some && out.bytes.data.is_null());
        out = BLANK;
        let (version, part) = (View::of(b"0.9"), View::of(b"bytes"));
        assert_eq!(ab_import_part(instance.0, turn.token(), 1_000, version, 4, true, part, &mut out), Status::Ok);
        assert_eq!(text(out.bytes), "0.9 4 1 bytes");
        assert_eq!(ab_stop(instance.0, turn.token(), 1_000), Status::Ok);
    }
}

#[test]
fn a_missing_export_is_told_and_harms_nobody() {
    let engine = Engine::fast();
    let template = engine.template(&module_wat_to_component(super::rig::HANDLER));
    let instance = template.instance();
    let mut turn = Turn::default();
    let mut out = BLANK;
    // SAFETY: all arguments live.
    unsafe {
        assert_eq!(ab_template_exports(template.0), 0);
        assert_eq!(ab_stop(instance.0, turn.token(), 1_000), Status::NoExport);
        assert_eq!(ab_handle_timer(instance.0, turn.token(), 1_000, 1, 2, 3, &mut out), Status::NoExport);
    }
    assert_eq!(out.kind, 99, "the response is left alone");
    assert_eq!(instance.ask(1, b"").0, 0);
}

#[test]
fn entering_an_instance_from_its_own_import_is_refused() {
    let engine = Engine::fast();
    let instance = engine.handler();
    let mut turn = Turn { reenter: instance.0, ..Turn::default() };
    assert_eq!(instance.call(&mut turn, &message(20, b"x")).0, Status::Ok);
    assert_eq!(turn.reentered, Some(Status::Reentered));
    assert_eq!(instance.ask(1, b"").0, 0);
}

#[test]
fn an_import_may_enter_another_instance() {
    let engine = Engine::fast();
    let template = engine.template(&module_wat_to_component(super::rig::HANDLER));
    let (outer, inner) = (template.instance(), template.instance());
    let mut turn = Turn { reenter: inner.0, ..Turn::default() };
    assert_eq!(outer.call(&mut turn, &message(20, b"x")).0, Status::Ok);
    assert_eq!(turn.reentered, Some(Status::Ok));
}

#[test]
fn memory_grows_to_its_ceiling_and_the_refusal_is_remembered() {
    for engine in Engine::all() {
        let template = engine.template(&module_wat_to_component(super::rig::HANDLER));
        let limits = Limits { memory_bytes: 8 << 20, ..LIMITS };
        let instance = template.spawn(&limits, &mut Turn::default()).map_err(|it| it.0).expect("it starts");
        // SAFETY: alive.
        unsafe {
            assert_eq!(ab_instance_memory(instance.0), 64 << 16);
            assert!(!ab_instance_growth_refused(instance.0));
            assert_eq!(instance.ask(19, b"").0, 0);
            assert_eq!(ab_instance_memory(instance.0), 8 << 20);
            assert!(ab_instance_growth_refused(instance.0));
        }
        assert_eq!(instance.ask(0, b"still here").3, b"still here");
    }
}

#[test]
fn who_gives_up_in_the_call_that_was_refused_memory_is_out_of_memory() {
    for engine in Engine::all() {
        let template = engine.template(&module_wat_to_component(super::rig::HANDLER));
        let limits = Limits { memory_bytes: 8 << 20, ..LIMITS };
        let kind_after = |codecs: &[u32]| {
            let instance = template.spawn(&limits, &mut Turn::default()).map_err(|it| it.0).expect("it starts");
            codecs.iter().for_each(|&codec| drop(instance.call(&mut Turn::default(), &message(codec, b""))));
            instance.report().expect("it trapped").kind
        };
        assert_eq!(kind_after(&[29]), TrapKind::OutOfMemory);
        assert_eq!(kind_after(&[10]), TrapKind::Unreachable);
        assert_eq!(kind_after(&[19, 10]), TrapKind::Unreachable, "refused in an earlier call, which it survived");
    }
}

#[test]
fn a_table_beyond_its_ceiling_is_refused() {
    let engine = Engine::fast();
    let instance = engine.handler();
    assert_eq!(instance.ask(25, b"").0, 2, "table.grow answered -1");
    // SAFETY: alive.
    assert!(unsafe { ab_instance_growth_refused(instance.0) });
}

#[test]
fn a_component_that_begins_too_large_does_not_start() {
    let engine = Engine::fast();
    let template = engine.template(&module_wat_to_component(super::rig::HANDLER));
    let limits = Limits { memory_bytes: 1 << 20, ..LIMITS };
    let (status, report) = template.spawn(&limits, &mut Turn::default()).expect_err("4 MiB do not fit");
    assert_eq!(status, Status::Trap);
    // SAFETY: alive.
    let report = unsafe { &*report.as_ref().expect("it says why").0 };
    assert_eq!(report.kind, TrapKind::OutOfMemory);
    assert!(report.message.contains("exceeds memory limits"), "{}", report.message);
}

#[test]
fn an_unlimited_instance_begins_as_large_as_it_likes() {
    let engine = Engine::fast();
    let template = engine.template(&module_wat_to_component(super::rig::HANDLER));
    let limits = Limits { memory_bytes: 1 << 20, table_elements: 3, unlimited: 1, ..LIMITS };
    let instance = template.spawn(&limits, &mut Turn::default()).map_err(|it| it.0).expect("nobody counts its 4 MiB");
    assert_eq!(instance.ask(0, b"here").3, b"here");
}

#[test]
fn a_table_that_begins_too_large_is_told_apart() {
    let engine = Engine::fast();
    let template = engine.template(&module_wat_to_component(super::rig::HANDLER));
    let limits = Limits { table_elements: 3, ..LIMITS };
    let (status, report) = template.spawn(&limits, &mut Turn::default()).expect_err("4 elements do not fit");
    assert_eq!(status, Status::Trap);
    // SAFETY: alive.
    let report = unsafe { &*report.as_ref().expect("it says why").0 };
    assert_eq!(report.kind, crate::trap::TrapKind::Table, "{}", report.message);
}

/// Address space for two or three instances with guard pages, whatever the machine has.
#[test]
fn no_room_is_told_apart_from_a_trap() {
    let this = std::env::current_exe().expect("tests have a program");
    let output = std::process::Command::new("sh")
        .args(["-c", "ulimit -v 14000000; exec \"$0\" --ignored --exact tests::calls::within_little_room"])
        .arg(this)
        .output()
        .expect("this test needs `sh`");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "run by `no_room_is_told_apart_from_a_trap` in a process with little address space"]
fn within_little_room() {
    let engine = Engine::fast();
    let template = engine.template(&module_wat_to_component(super::rig::HANDLER));
    let mut alive = Vec::new();
    let refused = loop {
        match template.spawn(&LIMITS, &mut Turn::default()) {
            Ok(instance) => alive.push(instance),
            Err((status, _)) => break status,
        }
        assert!(alive.len() < 100, "there was room for all");
    };
    assert_eq!(refused, Status::Resources);
    assert!(!alive.is_empty());
    drop(alive);
    assert_eq!(template.instance().ask(0, b"room again").3, b"room again");
}

#[test]
fn limits_of_another_version_are_refused() {
    let engine = Engine::fast();
    let template = engine.template(&module_wat_to_component(super::rig::HANDLER));
    let limits = Limits { size: 8, ..LIMITS };
    let (status, report) = template.spawn(&limits, &mut Turn::default()).expect_err("another size");
    assert_eq!(status, Status::Invalid);
    assert!(report.is_none());
}

#[test]
fn an_instance_outlives_what_it_was_made_of() {
    let instance = {
        let engine = Engine::fast();
        engine.handler()
    };
    assert_eq!(instance.ask(0, b"alone").3, b"alone");
    // SAFETY: freeing nothing is allowed everywhere.
    unsafe {
        crate::instance::ab_instance_free(null_mut());
        crate::template::ab_template_free(null_mut());
        crate::component::ab_component_free(null_mut());
        crate::engine::ab_engine_free(null_mut());
        crate::trap::ab_trap_free(null_mut());
    }
}

#[test]
fn an_instance_moves_between_threads() {
    let engine = Engine::fast();
    let instance = engine.handler();
    let address = instance.0 as usize;
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let moved = scope.spawn(move || {
                let instance = std::mem::ManuallyDrop::new(super::rig::Instance(address as *mut _));
                instance.ask(0, b"elsewhere").3
            });
            assert_eq!(moved.join().expect("no panic"), b"elsewhere");
        }
    });
}
