use std::ptr::{null, null_mut};

use super::rig::{Engine, HANDLER, imports, module_wat_to_component, text, wat};
use crate::component::{Needs, ab_component_describe, ab_component_needs};
use crate::engine::{EngineConfig, ab_engine_new};
use crate::engine::{PROFILE_DENSE, PROFILE_FAST, ab_engine_fingerprint, ab_version};
use crate::ffi::{Buffer, Status};
use crate::template::ab_template_new;

#[test]
fn a_core_module_and_other_bytes_are_refused_with_a_sentence() {
    let engine = Engine::fast();
    let (status, text) = engine.compile(&wat("(module)").expect("valid")).expect_err("a module");
    assert_eq!(status, Status::Invalid);
    assert_eq!(text, "this is a core module, not a component; `airssys build` makes one");
    for bytes in [&b""[..], b"\0asm", b"hello, this is text", b"\x7fELF\x02\x01\x01\0\0\0\0\0"] {
        let (status, text) = engine.compile(bytes).expect_err("not wasm");
        assert_eq!(status, Status::Invalid);
        assert!(text.contains("not WebAssembly"), "{text}");
    }
    let mut broken = module_wat_to_component(HANDLER);
    let half = broken.len() / 2;
    broken.truncate(half);
    assert_eq!(engine.compile(&broken).expect_err("cut").0, Status::Invalid);
}

#[test]
fn an_artifact_that_was_cut_or_lengthened_is_refused() {
    let engine = Engine::fast();
    let artifact = engine.compile(&module_wat_to_component(HANDLER)).expect("it compiles");
    for size in [0, 4, 8, 11, 40, 60, 100, artifact.len() / 2, artifact.len() - 1] {
        let (status, text) = engine.load(&artifact[..size]).map(drop).expect_err("cut");
        assert_eq!(status, Status::Invalid, "{size}: {text}");
    }
    let mut longer = artifact.clone();
    longer.push(0);
    assert_eq!(engine.load(&longer).map(drop).expect_err("longer").0, Status::Invalid);
    let mut other = artifact.clone();
    other[0] ^= 1;
    assert_eq!(engine.load(&other).map(drop).expect_err("not ours").0, Status::Invalid);
    assert_eq!(engine.load(b"airssys").map(drop).expect_err("not ours").0, Status::Invalid);
}

#[test]
fn an_artifact_of_another_engine_is_told_apart() {
    let engines = Engine::all();
    let fingerprints: Vec<String> =
        // SAFETY: alive.
        engines.iter().map(|engine| text(unsafe { ab_engine_fingerprint(engine.0) })).collect();
    let wasm = module_wat_to_component(HANDLER);
    for (made_by, maker) in engines.iter().enumerate() {
        let artifact = maker.compile(&wasm).expect("it compiles");
        for (read_by, reader) in engines.iter().enumerate() {
            match reader.load(&artifact) {
                Ok(_) => assert_eq!(fingerprints[made_by], fingerprints[read_by]),
                Err((status, text)) => {
                    assert_eq!(status, Status::Incompatible, "{text}");
                    assert_ne!(fingerprints[made_by], fingerprints[read_by]);
                }
            }
        }
    }
    assert_ne!(fingerprints[0], fingerprints[1]);
    assert_ne!(fingerprints[0], fingerprints[2]);
    let twin = Engine::new(PROFILE_FAST, 1);
    // SAFETY: alive.
    assert_eq!(text(unsafe { ab_engine_fingerprint(twin.0) }), fingerprints[0]);
}

#[test]
fn an_engine_part_of_another_engine_behind_our_header_is_refused() {
    let (fast, dense) = (Engine::new(PROFILE_FAST, 1), Engine::new(PROFILE_DENSE, 1));
    let wasm = module_wat_to_component(HANDLER);
    let mut artifact = dense.compile(&wasm).expect("it compiles");
    // SAFETY: alive.
    let ours = text(unsafe { ab_engine_fingerprint(fast.0) });
    artifact[12..12 + ours.len()].copy_from_slice(ours.as_bytes());
    assert_eq!(fast.load(&artifact).map(drop).expect_err("forged").0, Status::Incompatible);
}

#[test]
fn the_engine_refuses_an_unknown_configuration() {
    let try_new = |config: EngineConfig| {
        let (mut engine, mut error) = (null_mut(), Buffer::EMPTY);
        // SAFETY: all arguments live.
        let status = unsafe { ab_engine_new(&config, &mut engine, &mut error) };
        assert!(engine.is_null());
        (status, text(error))
    };
    let good = EngineConfig {
        size: size_of::<EngineConfig>() as u32,
        profile: 0,
        wasm_stack_bytes: 1 << 18,
        signals_traps: 1,
        untimed: 0,
    };
    assert!(try_new(EngineConfig { size: 4, ..good }).1.contains("4 bytes"));
    assert!(try_new(EngineConfig { profile: 9, ..good }).1.contains("profile 9"));
    assert_eq!(try_new(EngineConfig { wasm_stack_bytes: 0, ..good }).0, Status::Invalid);
    // SAFETY: static storage.
    let version = unsafe { ab_version().text() }.expect("text");
    assert!(version.starts_with("airssys-bridge 0.1.0, wasmtime 48."), "{version}");
}

#[test]
fn a_component_tells_what_it_takes_gives_and_needs() {
    let engine = Engine::fast();
    let component = engine.component(&module_wat_to_component(HANDLER));
    // SAFETY: alive.
    let described = text(unsafe { ab_component_describe(component.0) });
    assert_eq!(
        described,
        "export airssys:core/handler@0.1.0 handle-message\n\
         export airssys:core/handler@0.1.0 initialize\n\
         import airssys:core/log@0.1.0 write\n\
         import airssys:core/messaging@0.1.0 send\n"
    );
    let mut needs = Needs::default();
    // SAFETY: alive.
    assert_eq!(unsafe { ab_component_needs(component.0, &mut needs) }, Status::Ok);
    assert_eq!((needs.memory_bytes, needs.memories), (64 << 16, 1));
    // The guest's own table and the one that the encoder adds for its two imports with memory.
    assert_eq!((needs.table_elements, needs.tables), (4 + 2, 2));
}

#[test]
fn needs_count_each_instantiation() {
    let engine = Engine::fast();
    let wasm = wat(r#"(component
             (core module $m (memory 3) (table 5 funcref))
             (core module $n (memory 1))
             (core instance (instantiate $m))
             (core instance (instantiate $m))
             (core instance (instantiate $n)))"#)
    .expect("valid");
    let component = engine.component(&wasm);
    let mut needs = Needs::default();
    // SAFETY: alive.
    assert_eq!(unsafe { ab_component_needs(component.0, &mut needs) }, Status::Ok);
    assert_eq!((needs.memories, needs.tables), (3, 2));
    assert!(needs.memory_bytes >= 7 << 16 && needs.memory_bytes <= 9 << 16, "{}", needs.memory_bytes);
    assert_eq!(needs.table_elements, 10);
}

#[test]
fn imports_that_are_not_offered_are_all_listed() {
    let engine = Engine::fast();
    let wasm = wat(r#"(component
             (import "acme:db/sql@1.0.0" (instance (export "query" (func)) (export "close" (func))))
             (import "airssys:core/messaging@0.1.0" (instance (export "shout" (func))))
             (import "airssys:core/log@0.2.0" (instance (export "enabled" (func))))
             (import "bare" (func)))"#)
    .expect("valid");
    let component = engine.component(&wasm);
    // SAFETY: alive.
    let described = text(unsafe { ab_component_describe(component.0) });
    assert!(described.contains("import bare\n"), "{described}");
    let (status, text) = component.template().map(drop).expect_err("nothing fits");
    assert_eq!(status, Status::Invalid);
    assert_eq!(
        text,
        "imports `acme:db/sql@1.0.0 query`, which is not offered\n\
         imports `acme:db/sql@1.0.0 close`, which is not offered\n\
         imports `airssys:core/messaging@0.1.0 shout`, which is not offered\n\
         imports `airssys:core/log@0.2.0 enabled`, which is not offered\n\
         imports `bare`, which is not offered\n\
         lacks the export `airssys:core/handler@0.1.0 initialize`\n\
         lacks the export `airssys:core/handler@0.1.0 handle-message`"
    );
}

/// A module of the contract, with another text of the WIT than the bridge's.
fn with_wit(change: (&str, &str)) -> Vec<u8> {
    let wit = super::rig::WIT.replacen(change.0, change.1, 1);
    assert_ne!(wit, super::rig::WIT);
    let module = wat(HANDLER).expect("valid");
    crate::componentize::componentize(&module, &wit).map_err(|fault| fault.text).expect("it follows that contract")
}

#[test]
fn our_names_with_other_types_are_refused() {
    let engine = Engine::fast();
    // Flattened alike, so that the same module fits: only the component's types differ.
    let wasm = with_wit(("send: func(to: address, codec: codec", "send: func(to: address, codec: s32"));
    let (status, text) = engine.component(&wasm).template().map(drop).expect_err("another type");
    assert_eq!(status, Status::Invalid);
    assert!(text.contains("wrong type") && text.contains("send"), "{text}");
    assert!(!text.contains('\n'), "{text}");

    let wasm = with_wit((
        "codec: codec,\n    body: list<u8>,\n  }\n\n  record",
        "codec: s32,\n    body: list<u8>,\n  }\n\n  record",
    ));
    let (status, text) = engine.component(&wasm).template().map(drop).expect_err("another type");
    assert_eq!(status, Status::Invalid);
    assert!(text.contains("handle-message` with other types"), "{text}");
}

#[test]
fn a_component_made_for_a_later_patch_of_the_contract_loads() {
    let engine = Engine::fast();
    let later = |text: &str| text.replace("@0.1.0", "@0.1.7");
    let module = wat(&later(HANDLER)).expect("valid");
    let wasm = crate::componentize::componentize(&module, &later(super::rig::WIT)).map_err(|fault| fault.text);
    let instance = engine.template(&wasm.expect("it follows that contract")).instance();
    assert_eq!(instance.ask(0, b"here").3, b"here");
}

#[test]
fn streams_futures_and_async_functions_are_refused() {
    let engine = Engine::fast();
    for ty in ["(param \"x\" (stream u8))", "(param \"x\" (future u8))", "(param \"x\" error-context)"] {
        let wasm = wat(&format!("(component (import \"f\" (func {ty})))"));
        let Ok(wasm) = wasm else { continue };
        let refused = match engine.compile(&wasm) {
            Err((status, _)) => status,
            Ok(artifact) => {
                let component = engine.load(&artifact).expect("it loads");
                component.template().map(drop).expect_err("not offered").0
            }
        };
        assert_eq!(refused, Status::Invalid, "{ty}");
    }
}

#[test]
fn what_was_made_for_asynchronous_calls_is_told_how_to_be_made_without() {
    let engine = Engine::fast();
    for wat_text in [
        "(component (core func (canon task.cancel)))",
        "(component (core func (canon backpressure.inc)))",
        "(component (core func (canon waitable-set.new)))",
        "(component (core module $m (func (export \"f\"))) (core instance $i (instantiate $m)) \
         (func (canon lift (core func $i \"f\") async)))",
        "(component (import \"f\" (func (param \"x\" (stream u8)))))",
    ] {
        let wasm = wat(wat_text).expect("valid text");
        let (status, text) = engine.compile(&wasm).expect_err("there is nothing asynchronous here");
        assert_eq!(status, Status::Invalid);
        assert!(text.contains("`--sync=all`") && text.contains("`--backend-qjs-disable-async`"), "{wat_text}: {text}");
    }
    let (_, text) =
        engine.compile(&wat("(component (type (list 9)))").unwrap_or(b"\0asm\x0d\0\x01\0x".to_vec())).expect_err("no");
    assert!(!text.contains("--sync"), "{text}");
}

#[test]
fn complaints_are_bounded_in_number_and_length() {
    let engine = Engine::fast();
    let many: String = (0..500).map(|index| format!("(import \"a{index}\" (func))")).collect();
    let long = "a".repeat(90_000);
    let wasm = wat(&format!("(component (import \"{long}\" (func)) {many})")).expect("valid");
    let (_, text) = engine.component(&wasm).template().map(drop).expect_err("nothing fits");
    assert!(text.len() < 4_000, "{}", text.len());
    assert!(text.contains("[cut]") && text.ends_with("and 483 more"), "{text}");
}

#[test]
fn a_name_for_a_type_is_no_import_that_must_be_offered() {
    let engine = Engine::fast();
    let wit = super::rig::WIT.replacen(
        "world imports {",
        "world imports {\n  use types.{address, send-error, message};\n  import failing: func() -> result<_, send-error>;",
        1,
    );
    let wit_without = wit.replacen("\n  import failing: func() -> result<_, send-error>;", "", 1);
    assert_ne!(wit, wit_without);
    let mut resolve = wit_parser::Resolve::default();
    let package = resolve.push_str("contract.wit", &wit_without).expect("valid");
    let world = resolve.select_world(&[package], Some("actor")).expect("it is there");
    let mut bytes = wat(HANDLER).expect("valid");
    wit_component::embed_component_metadata(&mut bytes, &resolve, world, wit_component::StringEncoding::UTF8)
        .expect("embeds");
    let mut encoder = wit_component::ComponentEncoder::default().validate(true).module(&bytes).expect("fits");
    let wasm = encoder.encode().expect("encodes");
    assert_eq!(engine.template(&wasm).instance().ask(0, b"here").3, b"here");
}

#[test]
fn imports_with_a_hole_or_of_another_size_are_refused() {
    let engine = Engine::fast();
    let component = engine.component(&module_wat_to_component(HANDLER));
    let try_with = |imports: *const crate::imports::Imports| {
        let (mut template, mut error) = (null_mut(), Buffer::EMPTY);
        // SAFETY: all arguments live.
        let status = unsafe { ab_template_new(component.0, imports, &mut template, &mut error) };
        assert!(template.is_null());
        (status, text(error))
    };
    let mut small = imports();
    small.size = 8;
    assert!(try_with(&small).1.contains("imports of 8 bytes"));
    let mut words = [0usize; size_of::<crate::imports::Imports>() / size_of::<usize>()];
    // SAFETY: both have the same size.
    unsafe {
        std::ptr::copy_nonoverlapping(std::ptr::from_ref(&imports()).cast(), words.as_mut_ptr(), words.len());
    }
    words[3] = null::<u8>() as usize;
    let (status, text) = try_with(words.as_ptr().cast());
    assert_eq!(status, Status::Invalid);
    assert!(text.contains("callback 2"), "{text}");
}
