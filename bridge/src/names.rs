//! Names of functions as their authors wrote them.
//!
//! Names come from components that nobody vouches for, and both manglings refer back to what they said before: a few hundred
//! bytes can stand for terabytes, and a parser that goes back at each fork takes time exponential in how deep it is. So
//! everything here is bounded: what goes in, how deep, what comes out, and the time for all names of one report.

use std::fmt::{self, Write};
use std::time::{Duration, Instant};

use cpp_demangle::{DemangleOptions, ParseOptions, Symbol};

use crate::ffi::fenced;

/// The longest name that is taken apart; those of large programs in C++ and Rust are shorter.
const MANGLED_MAX: usize = 2048;
/// The longest text that is made of one. Also of names that are no mangled ones.
pub const NAME_MAX: usize = 1024;
/// Levels of a C++ name. Its parser takes time up to exponential in this; honest names need fewer than 60.
const LEVELS_MAX: u32 = 64;
/// Beyond this the names of one report stay as they are. Honest ones take some microseconds each.
const TIME_MAX: Duration = Duration::from_millis(10);

/// A text that takes so many bytes and refuses more.
pub struct Bounded {
    text: String,
    max: usize,
    is_cut: bool,
}

const CUT_MARK: &str = "...";

impl Bounded {
    pub fn new(max: usize) -> Bounded {
        Bounded { text: String::new(), max, is_cut: false }
    }

    /// What came in, with a mark at its end if that was too much.
    pub fn finish(mut self) -> String {
        if self.is_cut {
            let room = self.max.saturating_sub(CUT_MARK.len());
            self.text.truncate(char_boundary(&self.text, room));
            self.text.push_str(CUT_MARK);
        }
        self.text
    }
}

impl Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.max - self.text.len();
        if text.len() <= room {
            self.text.push_str(text);
            return Ok(());
        }
        self.text.push_str(&text[..char_boundary(text, room)]);
        self.is_cut = true;
        Err(fmt::Error)
    }
}

/// The last place at or before `at` where a character begins.
fn char_boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&place| text.is_char_boundary(place)).unwrap_or(0)
}

/// What `value` says of itself, up to `max` bytes; it is stopped there.
pub fn bounded(value: impl fmt::Display, max: usize) -> String {
    let mut text = Bounded::new(max);
    // An error is either the bound's own, which marks the text, or the value's, which then said what it could.
    let _ = write!(text, "{value}");
    text.finish()
}

/// Takes the names of one report apart.
pub struct Demangler {
    until: Option<Instant>,
    known: Vec<(String, String)>,
}

impl Demangler {
    pub fn new() -> Demangler {
        Demangler { until: None, known: Vec::new() }
    }

    /// At most `NAME_MAX` bytes. A name that is no mangled one, or too hard, comes back as it is.
    pub fn name(&mut self, name: &str) -> String {
        if name.len() > MANGLED_MAX || !looks_mangled(name) {
            return bounded(name, NAME_MAX);
        }
        if let Some((_, known)) = self.known.iter().find(|(mangled, _)| mangled == name) {
            return known.clone();
        }
        let now = Instant::now();
        if now > *self.until.get_or_insert(now + TIME_MAX) {
            return bounded(name, NAME_MAX);
        }
        // Whoever calls may be the C side, which no panic may reach.
        let readable = fenced(None, || demangled(name)).unwrap_or_else(|| bounded(name, NAME_MAX));
        self.known.push((name.into(), readable.clone()));
        readable
    }
}

fn looks_mangled(name: &str) -> bool {
    name.starts_with("_Z") || name.starts_with("_R") || name.starts_with("__Z") || name.starts_with("__R")
}

fn demangled(name: &str) -> Option<String> {
    if let Ok(rust) = rustc_demangle::try_demangle(name) {
        return Some(bounded(format_args!("{rust:#}"), NAME_MAX));
    }
    let symbol = Symbol::new_with_options(name, &ParseOptions::default().recursion_limit(LEVELS_MAX)).ok()?;
    let mut text = Bounded::new(NAME_MAX);
    let written = symbol.structured_demangle(&mut text, &DemangleOptions::default().recursion_limit(LEVELS_MAX));
    (written.is_ok() || text.is_cut).then(|| text.finish())
}
