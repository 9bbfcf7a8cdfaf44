//! From places in a module's code to places in its source: what crosses the C boundary.

use wasmparser::{Parser, Payload};

use crate::dwarf::{self, Section};
use crate::ffi::{Buffer, Fault, Status, View, explained, fenced};
use crate::names::Demangler;

/// `ab_location`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct LocationView {
    pub frame: u32,
    pub line: u32,
    pub function: View,
    pub file: View,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Location {
    /// Index of the offset that it belongs to.
    pub frame: u32,
    pub line: u32,
    pub function: String,
    pub file: String,
}

/// `ab_locations`. The views point into `locations`, whose strings stay where they are.
pub struct Locations {
    views: Vec<LocationView>,
    _locations: Vec<Location>,
}

impl Locations {
    fn new(locations: Vec<Location>) -> Locations {
        let view = |location: &Location| LocationView {
            frame: location.frame,
            line: location.line,
            function: View::of(location.function.as_bytes()),
            file: View::of(location.file.as_bytes()),
        };
        Locations { views: locations.iter().map(view).collect(), _locations: locations }
    }
}

/// No toolchain writes half as many.
const SECTIONS_MAX: usize = 64;

pub fn debug_sections(module: &[u8]) -> Result<Vec<Section<'_>>, Fault> {
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload =
            payload.map_err(|error| Fault::invalid(format!("the debug information can't be read: {error}")))?;
        if let Payload::CustomSection(section) = payload
            && section.name().starts_with(".debug_")
            && found.len() < SECTIONS_MAX
        {
            found.push((section.name(), section.data()));
        }
    }
    Ok(found)
}

/// Those of all offsets that have any, in their order; of one, the innermost first.
pub fn locate(module: &[u8], offsets: &[u64]) -> Result<Vec<Location>, Fault> {
    let sections = debug_sections(module)?;
    if sections.is_empty() {
        return Err(Fault::invalid("the module has no debug information"));
    }
    let (places, _steps) = dwarf::places(&sections, offsets);
    let mut demangler = Demangler::new();
    let mut locations = Vec::new();
    for (frame, places) in places.into_iter().enumerate() {
        for place in places {
            let function = demangler.name(&place.function);
            locations.push(Location { frame: frame as u32, line: place.line, function, file: place.file });
        }
    }
    if locations.is_empty() {
        return Err(Fault::invalid("the offsets are not in the debug information"));
    }
    Ok(locations)
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_locate(
    module: View,
    offsets: *const u64,
    count: usize,
    out: *mut *mut Locations,
    error: *mut Buffer,
) -> Status {
    // SAFETY: pointers and views are valid for the call, by the contract.
    unsafe {
        explained(error, || {
            let offsets = if count == 0 { &[] } else { std::slice::from_raw_parts(offsets, count) };
            let locations = Locations::new(locate(module.bytes(), offsets)?);
            out.write(Box::into_raw(Box::new(locations)));
            Ok(())
        })
    }
}

/// `ab_location_list`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct LocationList {
    pub items: *const LocationView,
    pub count: usize,
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_locations_view(locations: *const Locations) -> LocationList {
    // SAFETY: alive, by the contract.
    let views = unsafe { &(*locations).views };
    LocationList { items: views.as_ptr(), count: views.len() }
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_locations_free(locations: *mut Locations) {
    if !locations.is_null() {
        // SAFETY: made by `ab_locate`, freed once.
        fenced((), || drop(unsafe { Box::from_raw(locations) }));
    }
}
