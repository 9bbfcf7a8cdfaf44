//! Compiled components and the artifact that holds one.
//!
//! An artifact is, in this order, all numbers little-endian:
//!   8 bytes  "AIRSSYS" and the format, 1
//!   u32      length of the fingerprint, then the fingerprint's bytes
//!   u64 u64 u32 u32   memory bytes, table elements, memories, tables, as the component declares them
//!   u32      number of core modules, then for each: u64 begin, u64 end of its code section's contents in the component
//!   u64      length of the engine's artifact, then the engine's artifact, up to the end
//!
//! The places of the code sections are kept because the engine tells where a trap happened as an offset in the whole
//! component, while debug information counts from the code section of one module.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use wasmparser::{Parser, Payload};
use wasmtime::component::Component;
use wasmtime::component::types::ComponentItem;

use crate::engine::AbEngine;
use crate::ffi::{Buffer, Fault, Status, View, brief, explained, fenced};

const MAGIC: &[u8; 8] = b"AIRSSYS\x01";
const WASM: &[u8; 4] = b"\0asm";
const LAYER_MODULE: [u8; 4] = [1, 0, 0, 0];

/// `ab_needs`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    pub memory_bytes: u64,
    pub table_elements: u64,
    pub memories: u32,
    pub tables: u32,
}

/// Where the code of each core module is in its component.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct CodeMap {
    sections: Vec<Range<u64>>,
}

impl CodeMap {
    /// Index of the module and offset in its code section.
    pub fn place(&self, offset: u64) -> Option<(u32, u64)> {
        let index = self.sections.iter().position(|section| section.contains(&offset))?;
        Some((index as u32, offset - self.sections[index].start))
    }
}

/// `ab_component`.
pub struct AbComponent {
    pub component: Component,
    pub needs: Needs,
    pub code: Arc<CodeMap>,
    /// Those of its engine.
    pub ticks: Arc<AtomicU64>,
}

/// What the binary says of itself without being run.
fn survey(wasm: &[u8]) -> Result<(Needs, CodeMap), wasmparser::BinaryReaderError> {
    let mut needs = Needs::default();
    let mut code = CodeMap::default();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            // A module without code keeps its place in the numbering.
            Payload::ModuleSection { .. } => code.sections.push(0..0),
            Payload::CodeSectionStart { range, .. } => {
                if let Some(last) = code.sections.last_mut() {
                    *last = range.start as u64..range.end as u64;
                }
            }
            Payload::MemorySection(memories) => {
                for memory in memories {
                    let memory = memory?;
                    needs.memories += 1;
                    needs.memory_bytes = needs.memory_bytes.saturating_add(
                        memory.initial.saturating_mul(1 << memory.page_size_log2.unwrap_or(16).min(16)),
                    );
                }
            }
            Payload::TableSection(tables) => {
                for table in tables {
                    needs.tables += 1;
                    needs.table_elements = needs.table_elements.saturating_add(table?.ty.initial);
                }
            }
            _ => {}
        }
    }
    Ok((needs, code))
}

/// The declared sum counts each module once. The engine knows how often each is instantiated, but only the largest of each
/// kind, and memories in pages; where the two disagree the sum is taken from above.
fn needs_of(component: &Component, declared: Needs) -> Needs {
    const PAGE: u64 = 64 * 1024;
    let Some(required) = component.resources_required() else { return declared };
    let above = |count: u32, largest: Option<u64>| largest.unwrap_or(0).saturating_mul(u64::from(count));
    let mut needs = declared;
    if required.num_memories != declared.memories {
        needs.memories = required.num_memories;
        needs.memory_bytes = above(required.num_memories, required.max_initial_memory_size).saturating_mul(PAGE);
    }
    if required.num_tables != declared.tables {
        needs.tables = required.num_tables;
        needs.table_elements = above(required.num_tables, required.max_initial_table_size);
    }
    needs
}

pub fn compile(engine: &AbEngine, wasm: &[u8]) -> Result<Vec<u8>, Fault> {
    if !wasm.starts_with(WASM) || wasm.len() < 8 {
        return Err(Fault::invalid("this is not WebAssembly: it does not begin with `\\0asm` and a version"));
    }
    if wasm[4..8] == LAYER_MODULE {
        return Err(Fault::invalid("this is a core module, not a component; `airssys build` makes one"));
    }
    let native = engine.engine.precompile_component(wasm).map_err(|error| not_valid(&format!("{error:#}")))?;
    let (needs, code) = survey(wasm).map_err(|error| not_valid(&error.to_string()))?;
    Ok(seal(&engine.fingerprint, needs, &code, &native))
}

/// What the validator says of any part of asynchronous calls.
const OF_ASYNC: &str = "component model async";
const SYNC_ONLY: &str = "\nit was made for asynchronous calls, and calls between guest and host are synchronous here: make it \
without them. jco with QuickJS: `--backend-qjs-disable-async`; componentize-qjs: `--sync`; wit-bindgen: `--sync=all`, in older \
versions `--async=-all`, in Rust `generate!({ async: false })`; others: a world without `async func`, `stream` and `future`";

fn not_valid(why: &str) -> Fault {
    let remedy = if why.contains(OF_ASYNC) { SYNC_ONLY } else { "" };
    Fault::invalid(format!("the component is not valid: {}{remedy}", brief(why)))
}

fn seal(fingerprint: &str, needs: Needs, code: &CodeMap, native: &[u8]) -> Vec<u8> {
    let mut artifact = Vec::with_capacity(native.len() + 16 * code.sections.len() + 128);
    artifact.extend_from_slice(MAGIC);
    artifact.extend_from_slice(&(fingerprint.len() as u32).to_le_bytes());
    artifact.extend_from_slice(fingerprint.as_bytes());
    artifact.extend_from_slice(&needs.memory_bytes.to_le_bytes());
    artifact.extend_from_slice(&needs.table_elements.to_le_bytes());
    artifact.extend_from_slice(&needs.memories.to_le_bytes());
    artifact.extend_from_slice(&needs.tables.to_le_bytes());
    artifact.extend_from_slice(&(code.sections.len() as u32).to_le_bytes());
    for section in &code.sections {
        artifact.extend_from_slice(&section.start.to_le_bytes());
        artifact.extend_from_slice(&section.end.to_le_bytes());
    }
    artifact.extend_from_slice(&(native.len() as u64).to_le_bytes());
    artifact.extend_from_slice(native);
    artifact
}

/// Reads an artifact from its front; `None` is the end of the bytes.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(count)?;
        self.0 = tail;
        Some(head)
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.bytes(4)?.try_into().ok()?))
    }

    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.bytes(8)?.try_into().ok()?))
    }
}

struct Sealed<'a> {
    needs: Needs,
    code: CodeMap,
    native: &'a [u8],
}

fn unseal<'a>(fingerprint: &str, artifact: &'a [u8]) -> Result<Sealed<'a>, Fault> {
    let cut = || Fault::invalid("the artifact is cut short");
    let mut reader = Reader(artifact);
    if reader.bytes(MAGIC.len()).ok_or_else(cut)? != MAGIC {
        return Err(Fault::invalid("this is not an artifact of this bridge"));
    }
    let length = reader.u32().ok_or_else(cut)?;
    let made_by = reader.bytes(length as usize).ok_or_else(cut)?;
    if made_by != fingerprint.as_bytes() {
        return Err(Fault {
            status: Status::Incompatible,
            text: format!(
                "the artifact was made by engine `{}`, this is `{fingerprint}`: compile again",
                String::from_utf8_lossy(made_by)
            ),
        });
    }
    body(&mut reader).ok_or_else(cut)
}

fn body<'a>(reader: &mut Reader<'a>) -> Option<Sealed<'a>> {
    let needs = Needs {
        memory_bytes: reader.u64()?,
        table_elements: reader.u64()?,
        memories: reader.u32()?,
        tables: reader.u32()?,
    };
    let mut code = CodeMap::default();
    for _ in 0..reader.u32()? {
        code.sections.push(reader.u64()?..reader.u64()?);
    }
    let length = usize::try_from(reader.u64()?).ok()?;
    let native = reader.bytes(length)?;
    reader.0.is_empty().then_some(Sealed { needs, code, native })
}

/// # Safety
/// The caller has authenticated these exact bytes: they contain native code.
pub unsafe fn load(engine: &AbEngine, artifact: &[u8]) -> Result<AbComponent, Fault> {
    let sealed = unseal(&engine.fingerprint, artifact)?;
    // SAFETY: the engine's part is whole and made by an engine with the same fingerprint; that nobody forged it is the
    // caller's promise.
    let component = unsafe { Component::deserialize(&engine.engine, sealed.native) }
        .map_err(|error| Fault { status: Status::Incompatible, text: format!("the engine refuses it: {error:#}") })?;
    // Now, rather than within the first spawn.
    component
        .initialize_copy_on_write_image()
        .map_err(|error| Fault { status: Status::Resources, text: format!("no memory image: {error:#}") })?;
    let needs = needs_of(&component, sealed.needs);
    Ok(AbComponent { component, needs, code: Arc::new(sealed.code), ticks: engine.ticks.clone() })
}

/// The items of a component's imports or exports, one a line: `VERB INTERFACE FUNCTION` or `VERB NAME`.
pub fn describe(component: &Component) -> String {
    let engine = component.engine();
    let ty = component.component_type();
    let mut lines = Vec::new();
    for (name, item) in ty.imports(engine) {
        describe_item(engine, "import", name, &item.ty, &mut lines);
    }
    for (name, item) in ty.exports(engine) {
        describe_item(engine, "export", name, &item.ty, &mut lines);
    }
    lines.sort();
    lines.concat()
}

fn describe_item(engine: &wasmtime::Engine, verb: &str, name: &str, item: &ComponentItem, lines: &mut Vec<String>) {
    match item {
        ComponentItem::ComponentInstance(instance) => {
            for (inner, item) in instance.exports(engine) {
                if matches!(item.ty, ComponentItem::ComponentFunc(_)) {
                    lines.push(format!("{verb} {name} {inner}\n"));
                }
            }
        }
        _ => lines.push(format!("{verb} {name}\n")),
    }
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_compile(
    engine: *const AbEngine,
    wasm: View,
    artifact: *mut Buffer,
    error: *mut Buffer,
) -> Status {
    // SAFETY: pointers and views are valid for the call, by the contract.
    unsafe {
        explained(error, || {
            artifact.write(Buffer::of(compile(&*engine, wasm.bytes())?));
            Ok(())
        })
    }
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_component_load(
    engine: *const AbEngine,
    artifact: View,
    out: *mut *mut AbComponent,
    error: *mut Buffer,
) -> Status {
    // SAFETY: pointers and views are valid for the call and the artifact is authentic, by the contract.
    unsafe {
        explained(error, || {
            out.write(Box::into_raw(Box::new(load(&*engine, artifact.bytes())?)));
            Ok(())
        })
    }
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_component_free(component: *mut AbComponent) {
    if !component.is_null() {
        // SAFETY: made by `ab_component_load`, freed once; templates and instances hold the code by themselves.
        fenced((), || drop(unsafe { Box::from_raw(component) }));
    }
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_component_describe(component: *const AbComponent) -> Buffer {
    // SAFETY: alive, by the contract.
    fenced(Buffer::EMPTY, || Buffer::of(describe(&unsafe { &*component }.component)))
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_component_needs(component: *const AbComponent, out: *mut Needs) -> Status {
    // SAFETY: alive and valid, by the contract.
    unsafe { out.write((*component).needs) };
    Status::Ok
}
