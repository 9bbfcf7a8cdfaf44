//! What a guest passes to an import: views into its memory, of which only the beginning is looked at where there is much.
//! So what a call costs the host is bounded, whatever the guest passes.
//!
//! A view is good until the import's function returns. No code of the guest runs between the lifting of the arguments and
//! that, so its memory neither moves nor changes.

use std::borrow::Cow;
use std::ops::Deref;

use wasmtime::ValRaw;
use wasmtime::component::__internal::wasmtime_environ::component::StringEncoding;
use wasmtime::component::__internal::{CanonicalAbiInfo, InstanceType, InterfaceType, LiftContext, bad_type_info};
use wasmtime::component::{ComponentType, Lift, WasmList, WasmStr};

use crate::trap::{Stop, TrapKind};

/// The beginning of a name (an address, a topic, a key) that is looked at. No port takes one as long as this.
pub const NAME: usize = 1_024;
/// The beginning of a text for people that is looked at: more than the 4 KiB that are kept of it, so that the cut is seen.
pub const TEXT: usize = 5 * 1_024;

/// Marks the length of a text that is UTF-16 where others are Latin-1.
const UTF16_TAG: usize = 1 << 31;

fn refused(what: &'static str) -> wasmtime::Error {
    wasmtime::Error::msg(what)
}

#[cold]
fn no_memory_for(length: usize) -> wasmtime::Error {
    Stop::error(TrapKind::Other, format!("the host has no memory for its answer of {length} bytes"))
}

/// Pointer and length of a text or a list that is kept in memory.
fn pair_in_memory(bytes: &[u8]) -> wasmtime::Result<(usize, usize)> {
    let word = |at: usize| bytes.get(at..at + 4).and_then(|word| word.try_into().ok()).map(u32::from_le_bytes);
    match (word(0), word(4)) {
        (Some(data), Some(size)) => Ok((data as usize, size as usize)),
        _ => Err(refused("a pointer and a length are cut short")),
    }
}

/// `count` items of `size` bytes, all of which are in the guest's memory.
fn span<'a>(cx: &LiftContext<'a>, at: usize, count: usize, size: usize) -> wasmtime::Result<&'a [u8]> {
    let bytes =
        count.checked_mul(size).and_then(|bytes| at.checked_add(bytes)).and_then(|end| cx.memory().get(at..end));
    bytes.ok_or_else(|| refused("pointer and length are out of bounds of memory"))
}

/// Lets a type of this file stand where a guest passes what the engine's own type `$model` would take.
macro_rules! passed_as {
    ([$($generics:tt)*] $type:ty, $model:ty) => {
        // SAFETY: passed and kept as the engine's own type is, from which layout and check of the type are taken.
        unsafe impl<$($generics)*> ComponentType for $type {
            type Lower = [ValRaw; 2];
            const ABI: CanonicalAbiInfo = <$model>::ABI;

            fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> wasmtime::Result<()> {
                <$model>::typecheck(ty, types)
            }
        }

        // SAFETY: as above; `lift` looks at nothing but what it found to be in the guest's memory.
        unsafe impl<$($generics)*> Lift for $type {
            fn linear_lift_from_flat(
                cx: &mut LiftContext<'_>,
                ty: InterfaceType,
                src: &Self::Lower,
            ) -> wasmtime::Result<Self> {
                Self::lift(cx, ty, (src[0].get_u32() as usize, src[1].get_u32() as usize))
            }

            fn linear_lift_from_memory(
                cx: &mut LiftContext<'_>,
                ty: InterfaceType,
                bytes: &[u8],
            ) -> wasmtime::Result<Self> {
                Self::lift(cx, ty, pair_in_memory(bytes)?)
            }
        }
    };
}

passed_as!([const MOST: usize] Text<MOST>, WasmStr);
passed_as!([] Said, WasmStr);
passed_as!([] Bytes, WasmList<u8>);
passed_as!([] Returned, WasmList<u8>);
passed_as!([T: Lift, const MOST: usize] First<T, MOST>, WasmList<T>);

// ---- texts

/// The bytes up to `most` that do not end within a character.
fn beginning(bytes: &[u8], most: usize) -> &[u8] {
    if bytes.len() <= most {
        return bytes;
    }
    let longest = (most.saturating_sub(3)..=most).rev();
    let end = longest.into_iter().find(|&end| bytes[end] & 0xC0 != 0x80).unwrap_or(most);
    &bytes[..end]
}

fn utf16(bytes: &[u8], most: usize) -> wasmtime::Result<String> {
    let (units, _) = bytes.as_chunks::<2>();
    let mut units: &[[u8; 2]] = units.get(..most).unwrap_or(units);
    let was_cut = units.len() * 2 < bytes.len();
    if let Some((last, rest)) = units.split_last()
        && was_cut
        && (0xD8..0xDC).contains(&last[1])
    {
        units = rest;
    }
    Ok(char::decode_utf16(units.iter().map(|unit| u16::from_le_bytes(*unit))).collect::<Result<String, _>>()?)
}

/// The beginning of a text: `MOST` units of the guest's encoding. What follows is neither read nor checked.
pub struct Text<const MOST: usize>(Cow<'static, str>);

impl<const MOST: usize> Deref for Text<MOST> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MOST: usize> Text<MOST> {
    fn lift(cx: &mut LiftContext<'_>, _: InterfaceType, (at, length): (usize, usize)) -> wasmtime::Result<Self> {
        let encoding = cx.options().string_encoding;
        let wide = match encoding {
            StringEncoding::Utf8 => false,
            StringEncoding::Utf16 => true,
            StringEncoding::CompactUtf16 => length & UTF16_TAG != 0,
        };
        let length = if encoding == StringEncoding::CompactUtf16 { length & !UTF16_TAG } else { length };
        if encoding != StringEncoding::Utf8 && !at.is_multiple_of(2) {
            return Err(refused("a text's pointer is not aligned"));
        }
        let bytes = span(cx, at, length, if wide { 2 } else { 1 })?;
        Ok(Text(match (encoding, wide) {
            (StringEncoding::Utf8, _) => {
                let text = std::str::from_utf8(beginning(bytes, MOST))?;
                // SAFETY: a view, see the head of this file; nobody keeps a `Text` beyond the call it was lifted for.
                Cow::Borrowed(unsafe { std::mem::transmute::<&str, &'static str>(text) })
            }
            (_, true) => Cow::Owned(utf16(bytes, MOST)?),
            (_, false) => Cow::Owned(bytes.iter().take(MOST).map(|&byte| char::from(byte)).collect()),
        }))
    }
}

/// A text that an export returned, which must outlive the call: a copy of its beginning.
#[derive(Clone, Debug)]
pub struct Said(pub String);

impl Said {
    fn lift(cx: &mut LiftContext<'_>, ty: InterfaceType, at: (usize, usize)) -> wasmtime::Result<Self> {
        Ok(Said(Text::<TEXT>::lift(cx, ty, at)?.0.into_owned()))
    }
}

// ---- bodies

/// Bytes that a guest passes, all of them: looked at by nobody here, so that their number costs nothing.
pub struct Bytes(&'static [u8]);

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.0
    }
}

impl Bytes {
    fn lift(cx: &mut LiftContext<'_>, _: InterfaceType, (at, length): (usize, usize)) -> wasmtime::Result<Self> {
        // SAFETY: a view, see the head of this file; nobody keeps `Bytes` beyond the call they were lifted for.
        Ok(Bytes(unsafe { std::mem::transmute::<&[u8], &'static [u8]>(span(cx, at, length, 1)?) }))
    }
}

/// Bytes that an export returned: a copy, unless they are more than the store allows a call to copy.
#[derive(Clone, Debug)]
pub enum Returned {
    Copied(Vec<u8>),
    TooLarge(usize),
}

/// What is no larger is like anything small that the host makes: where there is no room for it, there is none for anything.
const SMALL: usize = 4096;

impl Returned {
    fn lift(cx: &mut LiftContext<'_>, _: InterfaceType, (at, length): (usize, usize)) -> wasmtime::Result<Self> {
        let bytes = span(cx, at, length, 1)?;
        if cx.consume_fuel(length).is_err() {
            return Ok(Returned::TooLarge(length));
        }
        if length <= SMALL {
            return Ok(Returned::Copied(bytes.to_vec()));
        }
        // The guest says how many: that the host has no room for them must not be the host's end.
        let mut copy = Vec::new();
        copy.try_reserve_exact(length).map_err(|_| no_memory_for(length))?;
        copy.extend_from_slice(bytes);
        Ok(Returned::Copied(copy))
    }
}

// ---- lists

/// The first `MOST` items of a list, and how many more there are, of which nothing is known.
pub struct First<T, const MOST: usize> {
    pub items: Vec<T>,
    pub left_out: usize,
}

impl<T: Lift, const MOST: usize> First<T, MOST> {
    fn lift(cx: &mut LiftContext<'_>, ty: InterfaceType, (at, length): (usize, usize)) -> wasmtime::Result<Self> {
        let InterfaceType::List(list) = ty else { bad_type_info() };
        let element = cx.types[list].element;
        if !at.is_multiple_of(T::ALIGN32 as usize) {
            return Err(refused("a list's pointer is not aligned"));
        }
        let bytes = span(cx, at, length, T::SIZE32)?;
        let items = bytes
            .chunks_exact(T::SIZE32)
            .take(MOST)
            .map(|item| T::linear_lift_from_memory(cx, element, item))
            .collect::<wasmtime::Result<Vec<T>>>()?;
        Ok(First { left_out: length - items.len(), items })
    }
}

#[cfg(test)]
mod tests {
    use super::{beginning, utf16};

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(beginning("abc".as_bytes(), 3), b"abc");
        assert_eq!(beginning("abcd".as_bytes(), 3), b"abc");
        assert_eq!(beginning("ab\u{e9}".as_bytes(), 3), b"ab");
        assert_eq!(beginning("\u{1f600}\u{1f600}".as_bytes(), 7), "\u{1f600}".as_bytes());
        assert_eq!(beginning(&[0x80; 9], 5).len(), 5);
        let wide: Vec<u8> = "ab\u{1f600}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(utf16(&wide, 4).expect("whole"), "ab\u{1f600}");
        assert_eq!(utf16(&wide, 3).expect("cut"), "ab");
    }
}
