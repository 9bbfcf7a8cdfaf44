//! Core modules to components, and text to binary.

use std::borrow::Cow;
use std::collections::BTreeSet;

use wasmparser::{Parser, Payload};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::ffi::{Buffer, Fault, Status, View, explained};

/// The interfaces that a module takes and gives, by the names of its imports and exports.
#[derive(Default)]
struct Shape {
    imports: BTreeSet<String>,
    exports: BTreeSet<String>,
    foreign: BTreeSet<String>,
}

/// `a:b/c@1.0.0` of `a:b/c@1.0.0#f` or `cabi_post_a:b/c@1.0.0#f`; nothing for a name without an interface.
fn exported_interface(name: &str) -> Option<&str> {
    let name = name.strip_prefix("cabi_post_").unwrap_or(name);
    let (interface, _) = name.split_once('#')?;
    interface.contains(':').then_some(interface)
}

fn bad_module(error: wasmparser::BinaryReaderError) -> Fault {
    Fault::invalid(format!("the module is not valid: {error}"))
}

fn shape(module: &[u8], offered: &BTreeSet<String>) -> Result<Shape, Fault> {
    let mut shape = Shape::default();
    for payload in Parser::new(0).parse_all(module) {
        match payload.map_err(bad_module)? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import.map_err(bad_module)?;
                    if offered.contains(import.module) {
                        shape.imports.insert(import.module.into());
                    } else {
                        shape
                            .foreign
                            .insert(format!("imports `{} {}`, which is not in the WIT", import.module, import.name));
                    }
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let name = export.map_err(bad_module)?.name;
                    match exported_interface(name) {
                        Some(interface) if offered.contains(interface) => drop(shape.exports.insert(interface.into())),
                        Some(_) => drop(shape.foreign.insert(format!("exports `{name}`, which is not in the WIT"))),
                        None => {}
                    }
                }
            }
            _ => {}
        }
    }
    Ok(shape)
}

/// The module without what the encoder must not see (another world's description) and what a component need not carry
/// (debug information). Names of functions stay: stack frames are told by them.
fn stripped(module: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut kept = module.get(..8).unwrap_or_default().to_vec();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.map_err(bad_module)?;
        if let Payload::CustomSection(section) = &payload {
            let name = section.name();
            let dropped = name.starts_with("component-type")
                || name.starts_with(".debug_")
                || name.starts_with("reloc.")
                || matches!(name, "linking" | "sourceMappingURL" | "external_debug_info");
            if dropped {
                continue;
            }
        }
        if let Some((id, range)) = payload.as_section() {
            kept.push(id);
            wasm_encoder::Encode::encode(&(range.end - range.start), &mut kept);
            kept.extend_from_slice(&module[range]);
        }
    }
    Ok(kept)
}

/// A world of exactly these interfaces, in a package of its own beside the one that has them.
fn world(shape: &Shape) -> String {
    let mut text = String::from("package airssys:built;\nworld built {\n");
    for interface in &shape.imports {
        text.push_str(&format!("  import {interface};\n"));
    }
    for interface in &shape.exports {
        text.push_str(&format!("  export {interface};\n"));
    }
    text.push_str("}\n");
    text
}

pub fn componentize(module: &[u8], wit: &str) -> Result<Vec<u8>, Fault> {
    if !module.starts_with(b"\0asm\x01\0\0\0") {
        return Err(Fault::invalid("this is not a core module of WebAssembly"));
    }
    let mut resolve = Resolve::default();
    let package = resolve
        .push_str("contract.wit", wit)
        .map_err(|error| Fault::invalid(format!("the WIT is not valid: {error:#}")))?;
    let offered =
        resolve.packages[package].interfaces.values().filter_map(|interface| resolve.id_of(*interface)).collect();
    let shape = shape(module, &offered)?;
    if !shape.foreign.is_empty() {
        return Err(Fault::invalid(shape.foreign.into_iter().collect::<Vec<_>>().join("\n")));
    }
    if shape.exports.is_empty() {
        return Err(Fault::invalid("the module exports no interface of the WIT"));
    }
    let built = resolve
        .push_str("built.wit", &world(&shape))
        .map_err(|error| Fault::invalid(format!("no world can be made: {error:#}")))?;
    let world = resolve
        .select_world(&[built], Some("built"))
        .map_err(|error| Fault::invalid(format!("no world can be made: {error:#}")))?;
    let mut bytes = stripped(module)?;
    embed_component_metadata(&mut bytes, &resolve, world, StringEncoding::UTF8)
        .map_err(|error| Fault::invalid(format!("{error:#}")))?;
    ComponentEncoder::default()
        .validate(true)
        .module(&bytes)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| Fault::invalid(format!("{error:#}")))
}

pub fn wat_to_wasm(text: &[u8]) -> Result<Vec<u8>, Fault> {
    match wat::parse_bytes(text) {
        Ok(Cow::Owned(wasm)) => Ok(wasm),
        Ok(Cow::Borrowed(_)) => Err(Fault::invalid("this is binary already")),
        Err(error) => Err(Fault::invalid(error.to_string())),
    }
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_componentize(
    module: View,
    wit: View,
    component: *mut Buffer,
    error: *mut Buffer,
) -> Status {
    // SAFETY: pointers and views are valid for the call, by the contract.
    unsafe {
        explained(error, || {
            let wit = wit.text().ok_or_else(|| Fault::invalid("the WIT is not UTF-8"))?;
            component.write(Buffer::of(componentize(module.bytes(), wit)?));
            Ok(())
        })
    }
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_wat_to_wasm(text: View, wasm: *mut Buffer, error: *mut Buffer) -> Status {
    // SAFETY: pointers and views are valid for the call, by the contract.
    unsafe {
        explained(error, || {
            wasm.write(Buffer::of(wat_to_wasm(text.bytes())?));
            Ok(())
        })
    }
}
