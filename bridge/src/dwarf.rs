//! Places in the source, from debug information that nobody vouches for.
//!
//! Debug information is a program that expands: a table of lines is made by instructions, entries are described by others, a
//! string may be named a million times. So each read is paid for from a budget, nothing here calls itself, and what is kept is
//! the handful of places that were asked for. What is known when the budget is used up is the answer.

use std::borrow::Cow;
use std::cell::Cell;

use gimli::{AttributeValue, EndianSlice, LittleEndian, Reader, ReaderOffsetId, Section as _, SectionId};

use crate::names::{NAME_MAX, bounded};

/// Steps that one report may take, of some ten nanoseconds each. The largest debug information of a guest in this project, 2.6
/// MB, needs an eighth of them.
pub const STEPS: u64 = 8_000_000;
/// What a read of the table of lines, and of the descriptions of entries, costs: each may add to a list that is kept.
const LINE_PRICE: u64 = 2;
const ABBREVIATION_PRICE: u64 = 4;
/// Attributes that are passed over in one step.
const STEP_ATTRIBUTES: u64 = 8;
/// The longest list of files that is read, in bytes: it is kept as a whole, and takes a hundred times its size.
const FILES_MAX: usize = 256 << 10;
/// Functions that were inlined into each other at one place.
const INLINED_MAX: usize = 32;
/// How often one entry may refer to another for its name.
const REFERENCES_MAX: u32 = 8;

/// One function at a place, and the line it was in.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Place {
    /// As the linker knows it; empty: the debug information doesn't say.
    pub function: String,
    pub file: String,
    /// 0: unknown.
    pub line: u32,
}

/// The name and the bytes of a section.
pub type Section<'a> = (&'a str, &'a [u8]);

/// What is left of the steps that may be taken.
#[derive(Debug)]
struct Budget(Cell<u64>);

impl Budget {
    fn spend(&self, steps: u64) -> gimli::Result<()> {
        let left = self.0.get().checked_sub(steps);
        self.0.set(left.unwrap_or(0));
        left.map(|_| ()).ok_or(gimli::Error::Io)
    }
}

/// A slice whose reads are paid for.
#[derive(Clone, Debug)]
struct Metered<'a> {
    bytes: EndianSlice<'a, LittleEndian>,
    price: u64,
    budget: &'a Budget,
}

/// Bytes that are looked at in one step.
const STEP_BYTES: u64 = 16;

impl Metered<'_> {
    fn pay(&self, bytes: usize) -> gimli::Result<()> {
        self.budget.spend(self.price * (1 + bytes as u64 / STEP_BYTES))
    }
}

impl Reader for Metered<'_> {
    type Endian = LittleEndian;
    type Offset = usize;

    fn endian(&self) -> LittleEndian {
        self.bytes.endian()
    }
    fn len(&self) -> usize {
        self.bytes.len()
    }
    fn empty(&mut self) {
        self.bytes.empty();
    }
    fn truncate(&mut self, len: usize) -> gimli::Result<()> {
        self.bytes.truncate(len)
    }
    fn offset_from(&self, base: &Self) -> usize {
        self.bytes.offset_from(base.bytes)
    }
    fn offset_id(&self) -> ReaderOffsetId {
        self.bytes.offset_id()
    }
    fn lookup_offset_id(&self, id: ReaderOffsetId) -> Option<usize> {
        self.bytes.lookup_offset_id(id)
    }
    fn find(&self, byte: u8) -> gimli::Result<usize> {
        let found = Reader::find(&self.bytes, byte);
        self.pay(found.as_ref().copied().unwrap_or(self.bytes.len()))?;
        found
    }
    fn skip(&mut self, len: usize) -> gimli::Result<()> {
        self.pay(0)?;
        self.bytes.skip(len)
    }
    fn split(&mut self, len: usize) -> gimli::Result<Self> {
        self.pay(0)?;
        Ok(Metered { bytes: self.bytes.split(len)?, price: self.price, budget: self.budget })
    }
    fn to_slice(&self) -> gimli::Result<Cow<'_, [u8]>> {
        self.bytes.to_slice()
    }
    fn to_string(&self) -> gimli::Result<Cow<'_, str>> {
        self.pay(self.bytes.len())?;
        Reader::to_string(&self.bytes)
    }
    fn to_string_lossy(&self) -> gimli::Result<Cow<'_, str>> {
        self.pay(self.bytes.len())?;
        Reader::to_string_lossy(&self.bytes)
    }
    fn read_slice(&mut self, buf: &mut [u8]) -> gimli::Result<()> {
        self.pay(buf.len())?;
        Reader::read_slice(&mut self.bytes, buf)
    }
}

type Dwarf<'a> = gimli::Dwarf<Metered<'a>>;
type Unit<'a> = gimli::Unit<Metered<'a>>;
type Value<'a> = AttributeValue<Metered<'a>>;
type Attribute<'a> = gimli::Attribute<Metered<'a>>;

/// For each of `offsets` in a module's code section, the functions there, innermost first: more than one where some were
/// inlined into others, none where the debug information says nothing. And how many steps it took.
pub fn places(sections: &[Section<'_>], offsets: &[u64]) -> (Vec<Vec<Place>>, u64) {
    let budget = Budget(Cell::new(STEPS));
    let found = Search::of(sections, offsets, &budget).map(|search| search.run()).unwrap_or_default();
    (found, STEPS - budget.0.get())
}

/// Where a function's code is, as its entry says.
#[derive(Default)]
struct Extent<'a> {
    low: Option<Value<'a>>,
    high: Option<Value<'a>>,
    list: Option<Value<'a>>,
}

impl<'a> Extent<'a> {
    fn note(&mut self, attribute: &Attribute<'a>) {
        match attribute.name() {
            gimli::DW_AT_low_pc => self.low = Some(attribute.value()),
            gimli::DW_AT_high_pc => self.high = Some(attribute.value()),
            gimli::DW_AT_ranges => self.list = Some(attribute.value()),
            _ => {}
        }
    }

    fn is_known(&self) -> bool {
        self.list.is_some() || (self.low.is_some() && self.high.is_some())
    }
}

/// A function that has one of the offsets in it.
#[derive(Clone)]
struct Call<'a> {
    depth: isize,
    name: Naming<'a>,
    /// Where it was called, if it was inlined there.
    file: u64,
    line: u32,
}

impl<'a> Call<'a> {
    fn note(&mut self, attribute: &Attribute<'a>) {
        match attribute.name() {
            gimli::DW_AT_call_line => self.line = attribute.udata_value().unwrap_or(0) as u32,
            gimli::DW_AT_call_file => {
                if let AttributeValue::FileIndex(file) = attribute.value() {
                    self.file = file;
                }
            }
            _ => self.name.note(attribute),
        }
    }
}

/// What an entry says of its name: the name, or who knows it.
#[derive(Clone, Default)]
struct Naming<'a> {
    linkage_name: Option<Value<'a>>,
    name: Option<Value<'a>>,
    origin: Option<Value<'a>>,
}

impl<'a> Naming<'a> {
    fn note(&mut self, attribute: &Attribute<'a>) {
        match attribute.name() {
            gimli::DW_AT_linkage_name | gimli::DW_AT_MIPS_linkage_name => self.linkage_name = Some(attribute.value()),
            gimli::DW_AT_name => self.name = Some(attribute.value()),
            gimli::DW_AT_abstract_origin | gimli::DW_AT_specification => self.origin = Some(attribute.value()),
            _ => {}
        }
    }
}

/// What one unit knows of one offset.
#[derive(Clone, Default)]
struct Trail<'a> {
    /// Outermost first.
    calls: Vec<Call<'a>>,
    /// File and line.
    row: Option<(u64, u32)>,
}

impl<'a> Trail<'a> {
    fn enter(&mut self, call: &Call<'a>) {
        while self.calls.last().is_some_and(|last| last.depth >= call.depth) {
            self.calls.pop();
        }
        if self.calls.len() < INLINED_MAX {
            self.calls.push(call.clone());
        }
    }
}

struct Search<'a> {
    dwarf: Dwarf<'a>,
    budget: &'a Budget,
    offsets: &'a [u64],
}

impl<'a> Search<'a> {
    fn of(sections: &[Section<'a>], offsets: &'a [u64], budget: &'a Budget) -> gimli::Result<Search<'a>> {
        let section = |id: SectionId| -> gimli::Result<Metered<'a>> {
            let bytes = sections.iter().find(|(name, _)| *name == id.name()).map_or(&[][..], |(_, bytes)| bytes);
            let price = match id {
                SectionId::DebugLine => LINE_PRICE,
                SectionId::DebugAbbrev => ABBREVIATION_PRICE,
                _ => 1,
            };
            Ok(Metered { bytes: EndianSlice::new(bytes, LittleEndian), price, budget })
        };
        Ok(Search { dwarf: gimli::Dwarf::load(section)?, budget, offsets })
    }

    fn run(&self) -> Vec<Vec<Place>> {
        let mut found = vec![Vec::new(); self.offsets.len()];
        let mut headers = self.dwarf.units();
        while let Ok(Some(header)) = headers.next() {
            // A unit that is damaged says nothing of the others.
            if let Ok(unit) = self.unit(header) {
                let _ = self.search(&unit, &mut found);
            }
            if found.iter().all(|places| !places.is_empty()) {
                break;
            }
        }
        found
    }

    /// With its list of files, unless that is too long.
    fn unit(&self, header: gimli::UnitHeader<Metered<'a>>) -> gimli::Result<Unit<'a>> {
        let abbreviations = self.dwarf.abbreviations(&header)?;
        let mut entries = header.entries_raw(&abbreviations, None)?;
        if let Some(root) = entries.read_abbreviation()? {
            self.pay_for(root)?;
            for attribute in root.attributes() {
                if let AttributeValue::DebugLineRef(lines) = entries.read_attribute(*attribute)?.value() {
                    self.check_files(lines.0)?;
                }
            }
        }
        Unit::new_with_abbreviations(&self.dwarf, header, abbreviations)
    }

    fn check_files(&self, offset: usize) -> gimli::Result<()> {
        let mut lines = self.dwarf.debug_line.reader().clone();
        lines.skip(offset)?;
        let (_, format) = lines.read_initial_length()?;
        if lines.read_u16()? >= 5 {
            lines.skip(2)?; // the sizes of an address and of a segment's number
        }
        if lines.read_length(format)? > FILES_MAX { Err(gimli::Error::Io) } else { Ok(()) }
    }

    /// There are attributes without a byte, which no reader sees.
    fn pay_for(&self, abbreviation: &gimli::Abbreviation) -> gimli::Result<()> {
        self.budget.spend(abbreviation.attributes().len() as u64 / STEP_ATTRIBUTES)
    }

    fn search(&self, unit: &Unit<'a>, found: &mut [Vec<Place>]) -> gimli::Result<()> {
        let wanted = self.wanted(unit, found)?;
        if wanted.is_empty() {
            return Ok(());
        }
        let mut trails = vec![Trail::default(); self.offsets.len()];
        // Each half is worth having without the other.
        let calls = self.find_calls(unit, &wanted, &mut trails);
        let rows = self.find_rows(unit, &wanted, &mut trails);
        for index in wanted {
            found[index] = self.places_of(unit, &trails[index]);
        }
        calls.and(rows)
    }

    /// Which of the offsets that are not found yet are in this unit, or may be if it does not say where it is.
    fn wanted(&self, unit: &Unit<'a>, found: &[Vec<Place>]) -> gimli::Result<Vec<usize>> {
        let mut wanted: Vec<usize> = (0..found.len()).filter(|&index| found[index].is_empty()).collect();
        let mut extent = Extent::default();
        let mut entries = unit.entries_raw(None)?;
        if let Some(abbreviation) = entries.read_abbreviation()? {
            for attribute in abbreviation.attributes() {
                extent.note(&entries.read_attribute(*attribute)?);
            }
        }
        if extent.is_known() {
            let mut inside = vec![false; found.len()];
            self.each_inside(unit, &extent, &wanted, |index| inside[index] = true)?;
            wanted.retain(|&index| inside[index]);
        }
        Ok(wanted)
    }

    /// Calls `visit` for each of the wanted offsets that is in `extent`.
    fn each_inside(
        &self,
        unit: &Unit<'a>,
        extent: &Extent<'a>,
        wanted: &[usize],
        mut visit: impl FnMut(usize),
    ) -> gimli::Result<()> {
        let mut look = |begin: u64, end: u64| {
            // What begins at 0 was removed by the linker: no code is there.
            let inside = |index: &usize| begin != 0 && begin <= self.offsets[*index] && self.offsets[*index] < end;
            wanted.iter().copied().filter(inside).for_each(&mut visit);
        };
        if let Some(list) = &extent.list {
            let Some(mut ranges) = self.dwarf.attr_ranges(unit, list.clone())? else { return Ok(()) };
            while let Some(range) = ranges.next()? {
                look(range.begin, range.end);
            }
            return Ok(());
        }
        let (Some(low), Some(high)) = (&extent.low, &extent.high) else { return Ok(()) };
        let Some(begin) = self.dwarf.attr_address(unit, low.clone())? else { return Ok(()) };
        let end = match high.udata_value() {
            Some(size) => begin.saturating_add(size),
            None => self.dwarf.attr_address(unit, high.clone())?.unwrap_or(begin),
        };
        look(begin, end);
        Ok(())
    }

    /// Walks all entries of a unit in their order, which is that of the calls: a function before what was inlined into it.
    fn find_calls(&self, unit: &Unit<'a>, wanted: &[usize], trails: &mut [Trail<'a>]) -> gimli::Result<()> {
        let mut entries = unit.entries_raw(None)?;
        while !entries.is_empty() {
            let depth = entries.next_depth();
            let Some(abbreviation) = entries.read_abbreviation()? else { continue };
            self.pay_for(abbreviation)?;
            if !matches!(abbreviation.tag(), gimli::DW_TAG_subprogram | gimli::DW_TAG_inlined_subroutine) {
                entries.skip_attributes(abbreviation.attributes())?;
                continue;
            }
            let mut extent = Extent::default();
            let mut call = Call { depth, name: Naming::default(), file: 0, line: 0 };
            for attribute in abbreviation.attributes() {
                let attribute = entries.read_attribute(*attribute)?;
                extent.note(&attribute);
                call.note(&attribute);
            }
            self.each_inside(unit, &extent, wanted, |index| trails[index].enter(&call))?;
        }
        Ok(())
    }

    /// Runs the unit's table of lines and keeps the rows that have one of the offsets.
    fn find_rows(&self, unit: &Unit<'a>, wanted: &[usize], trails: &mut [Trail<'a>]) -> gimli::Result<()> {
        let Some(program) = unit.line_program.clone() else { return Ok(()) };
        let mut rows = program.rows();
        // The row before, unless it belongs to a sequence at 0: that code was removed by the linker.
        let mut before: Option<(u64, u64, u32)> = None;
        let mut is_first = true;
        let mut was_removed = false;
        while let Some((_, row)) = rows.next_row()? {
            was_removed = if is_first { row.address() == 0 } else { was_removed };
            if let Some((begin, file, line)) = before {
                for &index in wanted {
                    if begin <= self.offsets[index] && self.offsets[index] < row.address() {
                        trails[index].row = Some((file, line));
                    }
                }
            }
            is_first = row.end_sequence();
            let line = row.line().map_or(0, |line| line.get() as u32);
            before = (!is_first && !was_removed).then(|| (row.address(), row.file_index(), line));
        }
        Ok(())
    }

    /// Innermost first: the place of each but the innermost is where the one inside it was called.
    fn places_of(&self, unit: &Unit<'a>, trail: &Trail<'a>) -> Vec<Place> {
        let mut places = Vec::new();
        let (mut file, mut line) = trail.row.unwrap_or_default();
        for call in trail.calls.iter().rev() {
            let function = self.name_of(unit, call.name.clone()).unwrap_or_default();
            places.push(Place { function, ..self.place_at(unit, file, line) });
            (file, line) = (call.file, call.line);
        }
        if places.is_empty() && line != 0 {
            places.push(self.place_at(unit, file, line));
        }
        places
    }

    fn place_at(&self, unit: &Unit<'a>, file: u64, line: u32) -> Place {
        if line == 0 {
            return Place::default();
        }
        Place { function: String::new(), file: self.path_of(unit, file).unwrap_or_default(), line }
    }

    fn path_of(&self, unit: &Unit<'a>, index: u64) -> Option<String> {
        let header = unit.line_program.as_ref()?.header();
        let file = header.file(index)?;
        let name = self.text(unit, file.path_name())?;
        if name.starts_with('/') {
            return Some(name);
        }
        let mut folder = match file.directory_index() {
            // The folder of the compilation.
            0 => String::new(),
            _ => file.directory(header).and_then(|folder| self.text(unit, folder)).unwrap_or_default(),
        };
        if !folder.starts_with('/')
            && let Some(above) = unit.comp_dir.clone().and_then(cut_text)
        {
            folder = if folder.is_empty() { above } else { format!("{above}/{folder}") };
        }
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        // Of a path that is too long the name is what helps.
        Some(if path.len() > NAME_MAX { name } else { path })
    }

    fn text(&self, unit: &Unit<'a>, value: Value<'a>) -> Option<String> {
        cut_text(self.dwarf.attr_string(unit, value).ok()?)
    }

    /// The linker's name, else the plain one; from wherever the entry points to if it has none itself.
    fn name_of(&self, unit: &Unit<'a>, mut naming: Naming<'a>) -> Option<String> {
        let mut other: Option<Unit<'a>> = None;
        for _ in 0..REFERENCES_MAX {
            let here = other.as_ref().unwrap_or(unit);
            if let Some(name) = naming.linkage_name.or(naming.name) {
                return self.text(here, name);
            }
            let offset = match naming.origin? {
                AttributeValue::UnitRef(offset) => offset,
                AttributeValue::DebugInfoRef(offset) => {
                    let there = self.unit_of(offset)?;
                    let offset = offset.to_unit_offset(&there.header)?;
                    other = Some(there);
                    offset
                }
                _ => return None,
            };
            naming = self.naming_at(other.as_ref().unwrap_or(unit), offset).ok()?;
        }
        None
    }

    fn naming_at(&self, unit: &Unit<'a>, offset: gimli::UnitOffset) -> gimli::Result<Naming<'a>> {
        let mut naming = Naming::default();
        let mut entries = unit.entries_raw(Some(offset))?;
        if let Some(abbreviation) = entries.read_abbreviation()? {
            self.pay_for(abbreviation)?;
            for attribute in abbreviation.attributes() {
                naming.note(&entries.read_attribute(*attribute)?);
            }
        }
        Ok(naming)
    }

    /// The unit that an offset of all debug information is in.
    fn unit_of(&self, offset: gimli::DebugInfoOffset) -> Option<Unit<'a>> {
        let mut headers = self.dwarf.units();
        while let Ok(Some(header)) = headers.next() {
            if offset.to_unit_offset(&header).is_some() {
                return self.unit(header).ok();
            }
        }
        None
    }
}

/// A string of the debug information, no more of it than a report shows.
fn cut_text(mut text: Metered<'_>) -> Option<String> {
    let length = text.len().min(NAME_MAX + 1);
    text.truncate(length).ok()?;
    Some(bounded(text.to_string_lossy().ok()?, NAME_MAX))
}
