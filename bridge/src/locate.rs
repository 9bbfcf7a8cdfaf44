//! From a place in a module's code to a place in its source.

use addr2line::Context;
use gimli::{EndianSlice, LittleEndian, SectionId};
use wasmparser::{KnownCustom, Name, Parser, Payload};

use crate::ffi::{Buffer, Fault, Status, View, explained};

/// `ab_location`.
#[repr(C)]
#[derive(Debug)]
pub struct LocationData {
    pub function: Buffer,
    pub file: Buffer,
    pub line: u32,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Location {
    pub function: String,
    pub file: String,
    pub line: u32,
}

/// A name as its author wrote it, if it is a mangled one.
pub fn demangle(name: &str) -> String {
    if let Ok(rust) = rustc_demangle::try_demangle(name) {
        return format!("{rust:#}");
    }
    if !name.starts_with("_Z") {
        return name.into();
    }
    cpp_demangle::Symbol::new(name).ok().and_then(|symbol| symbol.demangle().ok()).unwrap_or_else(|| name.into())
}

type Slice<'a> = EndianSlice<'a, LittleEndian>;

fn unreadable(error: impl std::fmt::Display) -> Fault {
    Fault::invalid(format!("the debug information can't be read: {error}"))
}

type NamedSections<'a> = Vec<(&'a str, &'a [u8])>;

/// The debug sections of a module and the name of one function.
fn sections(module: &[u8], function: u32) -> Result<(NamedSections<'_>, Option<&str>), Fault> {
    let mut debug = Vec::new();
    let mut name = None;
    for payload in Parser::new(0).parse_all(module) {
        let Payload::CustomSection(section) = payload.map_err(unreadable)? else { continue };
        if section.name().starts_with(".debug_") {
            debug.push((section.name(), section.data()));
        } else if let KnownCustom::Name(names) = section.as_known() {
            name = function_name(names, function).or(name);
        }
    }
    Ok((debug, name))
}

fn function_name<'a>(names: wasmparser::NameSectionReader<'a>, function: u32) -> Option<&'a str> {
    for subsection in names {
        let Ok(Name::Function(map)) = subsection else { continue };
        return map.into_iter().flatten().find(|naming| naming.index == function).map(|naming| naming.name);
    }
    None
}

pub fn locate(module: &[u8], function: u32, offset: u64) -> Result<Location, Fault> {
    let (debug, name) = sections(module, function)?;
    if debug.is_empty() {
        return Err(Fault::invalid("the module has no debug information"));
    }
    let section = |id: SectionId| -> Result<Slice<'_>, gimli::Error> {
        let data = debug.iter().find(|(name, _)| *name == id.name()).map_or(&[][..], |(_, data)| data);
        Ok(EndianSlice::new(data, LittleEndian))
    };
    let context = Context::from_dwarf(gimli::Dwarf::load(section).map_err(unreadable)?).map_err(unreadable)?;
    let mut frames = context.find_frames(offset).skip_all_loads().map_err(unreadable)?;
    // The first is the innermost of those that were inlined here.
    let frame = frames
        .next()
        .map_err(unreadable)?
        .ok_or_else(|| Fault::invalid(format!("offset {offset} is not in the debug information")))?;
    let function = match &frame.function {
        Some(function) => demangle(&function.raw_name().map_err(unreadable)?),
        None => name.map(demangle).unwrap_or_default(),
    };
    let (file, line) =
        frame.location.map(|place| (place.file.unwrap_or_default(), place.line.unwrap_or(0))).unwrap_or_default();
    Ok(Location { function, file: file.into(), line })
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_locate(module: View, function: u32, offset: u64, out: *mut LocationData) -> Status {
    // SAFETY: pointers and views are valid for the call, by the contract.
    unsafe {
        explained(std::ptr::null_mut(), || {
            let place = locate(module.bytes(), function, offset)?;
            out.write(LocationData {
                function: Buffer::of(place.function),
                file: Buffer::of(place.file),
                line: place.line,
            });
            Ok(())
        })
    }
}
