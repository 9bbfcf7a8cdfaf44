//! The header is written by hand: a compiler is asked whether it means what the Rust side does.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use super::rig::scratch;
use crate::component::Needs;
use crate::engine::EngineConfig;
use crate::ffi::{Buffer, View};
use crate::imports::{Imports, PageData, Pair, Refusal, Refusals, SendErrorData, StorageErrorData};
use crate::instance::{Limits, MessageData, OutcomeData, ResponseData};
use crate::locate::{LocationList, LocationView};
use crate::trap::{Frame, TrapView};

fn include() -> String {
    format!("-I{}", Path::new(env!("CARGO_MANIFEST_DIR")).join("include").display())
}

#[test]
fn the_header_compiles_without_a_warning_as_c_and_as_cplusplus() {
    let folder = scratch("header");
    for (compiler, standard, name) in [("cc", "-std=c11", "h.c"), ("c++", "-std=c++23", "h.cpp")] {
        let file = folder.join(name);
        let text = "#include <airssys/bridge.h>\n#include <airssys/bridge.h>\nint unused_main(void);\n";
        std::fs::write(&file, text).expect("scratch is writable");
        let output = Command::new(compiler)
            .args([standard, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", &include()])
            .arg(&file)
            .output()
            .expect("this test needs a C and a C++ compiler as `cc` and `c++`");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Lines of `name size` and `name.field offset`, once as Rust sees it and once as a C program that prints it.
#[derive(Default)]
struct Shapes {
    rust: String,
    c: String,
}

macro_rules! shape {
    ($shapes:expr, $rust:ty, $c:literal, $($field:ident),*) => {
        writeln!($shapes.rust, "{} {}", $c, size_of::<$rust>()).expect("strings take it");
        writeln!($shapes.c, "printf(\"{0} %zu\\n\", sizeof({0}));", $c).expect("strings take it");
        $(
            writeln!($shapes.rust, "{}.{} {}", $c, stringify!($field), std::mem::offset_of!($rust, $field))
                .expect("strings take it");
            writeln!($shapes.c, "printf(\"{0}.{1} %zu\\n\", offsetof({0}, {1}));", $c, stringify!($field))
                .expect("strings take it");
        )*
    };
}

#[test]
fn both_sides_lay_their_structures_out_alike() {
    let mut shapes = Shapes::default();
    shape!(shapes, View, "ab_view", data, size);
    shape!(shapes, Buffer, "ab_buffer", data, size, capacity);
    shape!(shapes, EngineConfig, "ab_engine_config", size, profile, wasm_stack_bytes, signals_traps, untimed);
    shape!(shapes, Needs, "ab_needs", memory_bytes, table_elements, memories, tables);
    shape!(shapes, SendErrorData, "ab_send_error", kind, limit, number, text);
    shape!(shapes, StorageErrorData, "ab_storage_error", kind, number, text);
    shape!(shapes, Pair, "ab_pair", key, value);
    shape!(shapes, Refusal, "ab_refusal", index, error);
    shape!(shapes, Refusals, "ab_refusals", items, count);
    shape!(shapes, PageData, "ab_page", names, values, count, has_next, next);
    #[rustfmt::skip]
    shape!(
        shapes, Imports, "ab_imports", size, send, request, cancel, answer, broadcast, publish, subscribe, unsubscribe,
        self_address, system_id, now_ms, random_u64, attempt, sent_at_ms, deadline_ms, trace_parent, storage_get,
        storage_set, storage_delete, storage_exists, storage_scan, storage_list_keys, storage_usage, timer_arm,
        timer_disarm, log_write, log_enabled, config_get, secret_get, directory_find, epoch
    );
    shape!(shapes, Limits, "ab_limits", size, memory_bytes, table_elements, hostcall_bytes, unlimited);
    shape!(shapes, Frame, "ab_frame", function, module, offset, name);
    shape!(shapes, TrapView, "ab_trap", kind, message, frames, frame_count, handed_in);
    shape!(shapes, MessageData, "ab_message", id, kind, codec, sender, has_topic, topic, body);
    shape!(shapes, ResponseData, "ab_response", kind, failure, codec, bytes, size);
    shape!(shapes, OutcomeData, "ab_outcome", id, tag, error, failure, codec, body);
    shape!(shapes, LocationView, "ab_location", frame, line, function, file);
    shape!(shapes, LocationList, "ab_location_list", items, count);
    let values = [
        ("AB_PANIC", crate::ffi::Status::Panic as u32),
        ("AB_TRAP_OUT_OF_MEMORY", crate::trap::TrapKind::OutOfMemory as u32),
        ("AB_PROFILE_DENSE", crate::engine::PROFILE_DENSE),
        ("AB_RESPONSE_TOO_LARGE", crate::instance::RESPONSE_TOO_LARGE),
        ("AB_SEND_OTHER", 11),
        ("AB_STORAGE_OTHER", 7),
        ("AB_FAIL_BUSY", 3),
        ("AB_START_UPGRADED", 3),
        ("AB_EXPORT_SHUTDOWN", 16),
    ];
    for (name, value) in values {
        writeln!(shapes.rust, "{name} {value}").expect("strings take it");
        writeln!(shapes.c, "printf(\"{name} %d\\n\", (int){name});").expect("strings take it");
    }
    assert_eq!(run_c(&shapes.c), shapes.rust);
}

fn run_c(body: &str) -> String {
    let folder = scratch("shapes");
    let (file, program) = (folder.join("shapes.c"), folder.join("shapes"));
    let text = format!("#include <airssys/bridge.h>\n#include <stdio.h>\nint main(void) {{\n{body}return 0;\n}}\n");
    std::fs::write(&file, text).expect("scratch is writable");
    let built = Command::new("cc").args(["-std=c11", &include(), "-o"]).arg(&program).arg(&file).output();
    let built = built.expect("this test needs a C compiler as `cc`");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let output = Command::new(&program).output().expect("it runs");
    String::from_utf8(output.stdout).expect("text")
}
