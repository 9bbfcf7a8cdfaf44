//! What crosses the C boundary as plain data: views, buffers, status, and the fence that no panic passes.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::names::bounded;

/// `ab_status`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Ok = 0,
    Invalid = 1,
    Incompatible = 2,
    Trap = 3,
    Dead = 4,
    Reentered = 5,
    NoExport = 6,
    Resources = 7,
    Panic = 8,
}

/// `ab_view`: borrowed bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct View {
    pub data: *const u8,
    pub size: usize,
}

impl View {
    pub const EMPTY: View = View { data: std::ptr::null(), size: 0 };

    pub fn of(bytes: &[u8]) -> View {
        View { data: bytes.as_ptr(), size: bytes.len() }
    }

    /// # Safety
    /// The view's owner keeps the bytes alive and unchanged for `'a`.
    pub unsafe fn bytes<'a>(self) -> &'a [u8] {
        if self.size == 0 {
            return &[];
        }
        // SAFETY: not empty, so by the contract `data` points to `size` bytes that live for `'a`.
        unsafe { std::slice::from_raw_parts(self.data, self.size) }
    }

    /// # Safety
    /// As `bytes`; the bytes are UTF-8, which the contract promises of every text and the caller has made sure of.
    pub unsafe fn trusted_text<'a>(self) -> &'a str {
        // SAFETY: the caller's promises are the ones asked for.
        unsafe {
            let bytes = self.bytes();
            debug_assert!(std::str::from_utf8(bytes).is_ok());
            std::str::from_utf8_unchecked(bytes)
        }
    }

    /// # Safety
    /// As `bytes`.
    pub unsafe fn text<'a>(self) -> Option<&'a str> {
        // SAFETY: the caller's promise is the one asked for.
        std::str::from_utf8(unsafe { self.bytes() }).ok()
    }
}

/// `ab_buffer`: bytes that the receiver owns. An empty one has no allocation.
#[repr(C)]
#[derive(Debug)]
pub struct Buffer {
    pub data: *mut u8,
    pub size: usize,
    pub capacity: usize,
}

impl Buffer {
    pub const EMPTY: Buffer = Buffer { data: std::ptr::null_mut(), size: 0, capacity: 0 };

    pub fn of(bytes: impl Into<Vec<u8>>) -> Buffer {
        let bytes: Vec<u8> = bytes.into();
        if bytes.is_empty() {
            return Buffer::EMPTY;
        }
        let mut bytes = std::mem::ManuallyDrop::new(bytes);
        Buffer { data: bytes.as_mut_ptr(), size: bytes.len(), capacity: bytes.capacity() }
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn ab_buffer_free(buffer: Buffer) {
    if !buffer.data.is_null() {
        // SAFETY: only `Buffer::of` makes a buffer with data, from a vector of these three parts; it is freed once.
        drop(unsafe { Vec::from_raw_parts(buffer.data, buffer.size, buffer.capacity) });
    }
}

/// The longest of these sentences: a component names its imports, at any length and in any number.
const FAULT_MAX: usize = 16 << 10;

/// Why something did not work out, for a status and its sentence.
#[derive(Debug)]
pub struct Fault {
    pub status: Status,
    pub text: String,
}

impl Fault {
    pub fn invalid(text: impl Into<String>) -> Fault {
        Fault { status: Status::Invalid, text: text.into() }
    }
}

/// A sentence with names of a component in it, which are as long as its author likes: its first 2,000 bytes.
pub fn brief(text: &str) -> std::borrow::Cow<'_, str> {
    const MOST: usize = 2_000;
    if text.len() <= MOST {
        return text.into();
    }
    format!("{} [cut]", &text[..text.floor_char_boundary(MOST)]).into()
}

/// Runs `body` so that no panic leaves it; a panic becomes `fallback`.
pub fn fenced<R>(fallback: R, body: impl FnOnce() -> R) -> R {
    // Unwind safety: what a panic may have left half done is dropped or marked dead by whoever called.
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(fallback)
}

/// Runs `body` behind the fence; a failure's sentence goes to `error`, if there is one.
///
/// # Safety
/// `error` is null or points to a buffer that may be overwritten without being freed.
pub unsafe fn explained(error: *mut Buffer, body: impl FnOnce() -> Result<(), Fault>) -> Status {
    let fault = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => return Status::Ok,
        Ok(Err(fault)) => fault,
        Err(payload) => Fault { status: Status::Panic, text: panic_text(payload.as_ref()) },
    };
    if !error.is_null() {
        // SAFETY: by the contract of this function.
        unsafe { error.write(Buffer::of(bounded(fault.text, FAULT_MAX))) };
    }
    fault.status
}

pub fn panic_text(payload: &(dyn std::any::Any + Send)) -> String {
    let said = payload
        .downcast_ref::<&str>()
        .map(|text| text.to_string())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".into());
    format!("a defect of the bridge or the engine: {said}")
}
