//! What is known of a call that went wrong.

use std::fmt;

use wasmtime::{Trap, WasmBacktrace};

use crate::component::CodeMap;
use crate::ffi::{View, fenced};
use crate::names::{Demangler, bounded};

/// `ab_trap_kind`.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrapKind {
    Other = 0,
    Unreachable,
    Memory,
    Table,
    IndirectCall,
    Integer,
    StackOverflow,
    Interrupt,
    Abi,
    WouldBlock,
    Exit,
    OutOfMemory,
}

/// Why one of our imports stops the guest, as an error that the engine carries through.
#[derive(Debug)]
pub struct Stop {
    pub kind: TrapKind,
    pub text: String,
}

impl Stop {
    pub fn error(kind: TrapKind, text: impl Into<String>) -> wasmtime::Error {
        wasmtime::Error::new(Stop { kind, text: text.into() })
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Stop {}

/// `ab_frame`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Frame {
    pub function: u32,
    pub module: u32,
    pub offset: u64,
    pub name: View,
}

/// `ab_trap`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct TrapView {
    pub kind: u32,
    pub message: View,
    pub frames: *const Frame,
    pub frame_count: usize,
    pub handed_in: u64,
}

/// The longest sentence about a trap: parts of it may be the guest's words.
const MESSAGE_MAX: usize = 1024;

/// `ab_trap_report`. The frames' names are views into `names`, whose strings stay where they are.
pub struct TrapReport {
    pub kind: TrapKind,
    pub message: String,
    /// The size of the body that was just being copied into the guest; 0: none was.
    pub handed_in: u64,
    frames: Vec<Frame>,
    names: Vec<String>,
}

/// Module and offset of a frame that the engine can't place.
const UNKNOWN_MODULE: u32 = u32::MAX;
const UNKNOWN_OFFSET: u64 = u64::MAX;

impl TrapReport {
    pub fn new(error: &wasmtime::Error, code: &CodeMap) -> TrapReport {
        let mut report = TrapReport::plain(kind_of(error), message_of(error));
        if let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() {
            let mut demangler = Demangler::new();
            for frame in backtrace.frames() {
                let (module, offset) = frame
                    .module_offset()
                    .and_then(|offset| code.place(offset as u64))
                    .unwrap_or((UNKNOWN_MODULE, UNKNOWN_OFFSET));
                report.names.push(frame.func_name().map(|name| demangler.name(name)).unwrap_or_default());
                report.frames.push(Frame { function: frame.func_index(), module, offset, name: View::EMPTY });
            }
            for (frame, name) in report.frames.iter_mut().zip(&report.names) {
                frame.name = View::of(name.as_bytes());
            }
        }
        report
    }

    /// A guest that gives up in a call in which it was refused memory gives up for that: allocators have no other way.
    pub fn after_refusal(mut self, refused: bool) -> TrapReport {
        if refused && self.kind == TrapKind::Unreachable {
            self.kind = TrapKind::OutOfMemory;
        }
        self
    }

    pub fn plain(kind: TrapKind, message: String) -> TrapReport {
        TrapReport { kind, message, handed_in: 0, frames: Vec::new(), names: Vec::new() }
    }

    #[cfg(test)]
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }
}

fn kind_of(error: &wasmtime::Error) -> TrapKind {
    if let Some(stop) = error.downcast_ref::<Stop>() {
        return stop.kind;
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::UnreachableCodeReached) => TrapKind::Unreachable,
        Some(Trap::MemoryOutOfBounds | Trap::HeapMisaligned) => TrapKind::Memory,
        Some(Trap::TableOutOfBounds) => TrapKind::Table,
        Some(Trap::IndirectCallToNull | Trap::BadSignature | Trap::NullReference) => TrapKind::IndirectCall,
        Some(Trap::IntegerOverflow | Trap::IntegerDivisionByZero | Trap::BadConversionToInteger) => TrapKind::Integer,
        Some(Trap::StackOverflow) => TrapKind::StackOverflow,
        Some(Trap::Interrupt) => TrapKind::Interrupt,
        Some(
            Trap::InvalidChar
            | Trap::StringOutOfBounds
            | Trap::ListOutOfBounds
            | Trap::InvalidDiscriminant
            | Trap::UnalignedPointer,
        ) => TrapKind::Abi,
        Some(_) => TrapKind::Other,
        // What is neither a trap of the machine nor one of ours is the engine refusing values at the border.
        None => TrapKind::Abi,
    }
}

/// An error of the engine has three or four.
const CAUSES_MAX: usize = 16;

/// The chain of causes without the backtrace, which the frames say better.
fn message_of(error: &wasmtime::Error) -> String {
    let parts: Vec<String> = error
        .chain()
        .take(CAUSES_MAX)
        .map(|cause| bounded(cause, MESSAGE_MAX))
        .filter(|text| !text.starts_with("error while executing at wasm backtrace"))
        .collect();
    bounded(parts.join(": "), MESSAGE_MAX)
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_trap_view(report: *const TrapReport) -> TrapView {
    // SAFETY: alive, by the contract.
    let report = unsafe { &*report };
    TrapView {
        kind: report.kind as u32,
        message: View::of(report.message.as_bytes()),
        frames: report.frames.as_ptr(),
        frame_count: report.frames.len(),
        handed_in: report.handed_in,
    }
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_trap_free(report: *mut TrapReport) {
    if !report.is_null() {
        // SAFETY: handed out by `ab_instance_new`, freed once.
        fenced((), || drop(unsafe { Box::from_raw(report) }));
    }
}
