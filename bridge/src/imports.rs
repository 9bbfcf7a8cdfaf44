//! The interfaces of the WIT that a guest imports, as calls of the host's callbacks.
//!
//! What a guest passes goes to the callback as a view into its memory, of bounded length where it is text or a list (see
//! `views`). What a callback answers is lowered before anything
//! else can run for this turn: the guest's allocator, which lowering calls, may not call imports.

use std::collections::BTreeSet;
use std::ffi::c_void;

use wasmtime::StoreContextMut;
use wasmtime::component::{ComponentNamedList, Lift, Linker, Lower};

use crate::ffi::{Fault, View};
use crate::instance::Host;
use crate::trap::{Stop, TrapKind};
use crate::values::{
    AddressPage, FailureView, KeyPage, Level, Limit, Page, ReplyView, SendError, StorageError, TimerError, Usage,
};
use crate::views::{Bytes, First, NAME, TEXT, Text};

/// A name that a guest passes: of an actor, a topic, a key.
type Name = Text<NAME>;
/// What a guest says to people.
type Line = Text<TEXT>;
/// One more than the contract allows in a broadcast, so that the port sees that there are too many.
type Targets = First<Name, 1_001>;
/// Far more than a line has; the port is told how many there were beyond.
type Fields = First<(Line, Line), 64>;

/// `ab_send_error`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SendErrorData {
    pub kind: u32,
    pub limit: u32,
    pub number: u64,
    pub text: View,
}

/// `ab_storage_error`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct StorageErrorData {
    pub kind: u32,
    pub number: u64,
    pub text: View,
}

/// `ab_pair`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Pair {
    pub key: View,
    pub value: View,
}

/// `ab_refusal`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Refusal {
    pub index: u32,
    pub error: SendErrorData,
}

/// `ab_refusals`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Refusals {
    pub items: *const Refusal,
    pub count: usize,
}

/// `ab_page`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct PageData {
    pub names: *const View,
    pub values: *const View,
    pub count: usize,
    pub has_next: bool,
    pub next: View,
}

type Turn = *mut c_void;

/// `ab_imports`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Imports {
    pub size: u32,
    pub send: unsafe extern "C" fn(Turn, View, u32, View, *mut SendErrorData) -> bool,
    pub request: unsafe extern "C" fn(Turn, View, u32, View, u64, u64, *mut u64, *mut SendErrorData) -> bool,
    pub cancel: unsafe extern "C" fn(Turn, u64) -> bool,
    pub answer: unsafe extern "C" fn(Turn, u64, *const u32, u32, View, *mut bool, *mut SendErrorData) -> bool,
    pub broadcast: unsafe extern "C" fn(Turn, *const View, usize, u32, View, *mut Refusals, *mut SendErrorData) -> bool,
    pub publish: unsafe extern "C" fn(Turn, View, u32, View, *mut SendErrorData) -> bool,
    pub subscribe: unsafe extern "C" fn(Turn, View, *mut SendErrorData) -> bool,
    pub unsubscribe: unsafe extern "C" fn(Turn, View) -> bool,
    pub self_address: unsafe extern "C" fn(Turn) -> View,
    pub system_id: unsafe extern "C" fn(Turn) -> View,
    pub now_ms: unsafe extern "C" fn(Turn) -> u64,
    pub random_u64: unsafe extern "C" fn(Turn) -> u64,
    pub attempt: unsafe extern "C" fn(Turn) -> u32,
    pub sent_at_ms: unsafe extern "C" fn(Turn) -> u64,
    pub deadline_ms: unsafe extern "C" fn(Turn, *mut u64) -> bool,
    pub trace_parent: unsafe extern "C" fn(Turn) -> View,
    pub storage_get: unsafe extern "C" fn(Turn, View, *mut bool, *mut View, *mut StorageErrorData) -> bool,
    pub storage_set: unsafe extern "C" fn(Turn, View, View, *mut StorageErrorData) -> bool,
    pub storage_delete: unsafe extern "C" fn(Turn, View, *mut bool, *mut StorageErrorData) -> bool,
    pub storage_exists: unsafe extern "C" fn(Turn, View, *mut bool, *mut StorageErrorData) -> bool,
    pub storage_scan: unsafe extern "C" fn(Turn, View, *const View, u32, *mut PageData, *mut StorageErrorData) -> bool,
    pub storage_list_keys:
        unsafe extern "C" fn(Turn, View, *const View, u32, *mut PageData, *mut StorageErrorData) -> bool,
    pub storage_usage: unsafe extern "C" fn(Turn, *mut u64, *mut u64, *mut u64),
    pub timer_arm: unsafe extern "C" fn(Turn, u64, u64, *const u64) -> u32,
    pub timer_disarm: unsafe extern "C" fn(Turn, u64) -> bool,
    pub log_write: unsafe extern "C" fn(Turn, u32, View, *const Pair, usize, usize),
    pub log_enabled: unsafe extern "C" fn(Turn, u32) -> bool,
    pub config_get: unsafe extern "C" fn(Turn, View, *mut View) -> bool,
    pub secret_get: unsafe extern "C" fn(Turn, View, *mut View) -> bool,
    pub directory_find: unsafe extern "C" fn(Turn, View, *const View, u32, *mut PageData),
    pub epoch: unsafe extern "C" fn(Turn) -> u64,
}

impl Imports {
    /// Copies the caller's table; refuses one of another size or with a hole.
    ///
    /// # Safety
    /// `imports` points to as many bytes as its first field says.
    pub unsafe fn copy(imports: *const Imports) -> Result<Imports, Fault> {
        // SAFETY: the first field is always there, by the contract.
        let size = unsafe { imports.cast::<u32>().read() } as usize;
        if size != size_of::<Imports>() {
            return Err(Fault::invalid(format!("imports of {size} bytes, expected {}", size_of::<Imports>())));
        }
        // SAFETY: the table is whole, and after the first word it is nothing but pointers. It is looked at as words
        // because a null would not be a value of a function type.
        let words =
            unsafe { std::slice::from_raw_parts(imports.cast::<usize>(), size_of::<Imports>() / size_of::<usize>()) };
        if let Some(hole) = words[1..].iter().position(|&word| word == 0) {
            return Err(Fault::invalid(format!("callback {hole} of the imports is missing")));
        }
        // SAFETY: whole and without holes.
        Ok(unsafe { imports.read() })
    }
}

const NO_SEND_ERROR: SendErrorData = SendErrorData { kind: u32::MAX, limit: 0, number: 0, text: View::EMPTY };
const NO_STORAGE_ERROR: StorageErrorData = StorageErrorData { kind: u32::MAX, number: 0, text: View::EMPTY };
const NO_PAGE: PageData =
    PageData { names: std::ptr::null(), values: std::ptr::null(), count: 0, has_next: false, next: View::EMPTY };

fn host_defect(what: &str) -> wasmtime::Error {
    Stop::error(TrapKind::Other, format!("a defect of the host: {what}"))
}

/// # Safety
/// The view is a callback's result, and is used before the next callback.
unsafe fn lent_bytes(view: View) -> &'static [u8] {
    // SAFETY: long enough for the lowering that follows, which is all that happens to it.
    unsafe { view.bytes() }
}

/// # Safety
/// As `lent_bytes`.
unsafe fn lent_text(view: View) -> wasmtime::Result<&'static str> {
    // SAFETY: as `lent_bytes`.
    unsafe { view.text() }.ok_or_else(|| host_defect("it answered a text that is not UTF-8"))
}

/// # Safety
/// As `lent_bytes`.
unsafe fn send_error(error: &SendErrorData) -> wasmtime::Result<SendError> {
    Ok(match error.kind {
        0 => SendError::InvalidAddress,
        1 => SendError::Denied,
        2 => SendError::NotFound,
        3 => SendError::MailboxFull,
        4 => SendError::TooLarge(error.number),
        5 => SendError::CodecNotAccepted,
        6 => SendError::RateLimited,
        7 => SendError::InvalidTimeout,
        8 => SendError::DeadlinePassed,
        9 => SendError::LimitReached(limit(error.limit)?),
        // SAFETY: the caller's promise.
        10 => SendError::Unavailable(unsafe { lent_text(error.text) }?),
        // SAFETY: the caller's promise.
        11 => SendError::Other(unsafe { lent_text(error.text) }?),
        _ => return Err(host_defect("it refused without a known reason")),
    })
}

fn limit(index: u32) -> wasmtime::Result<Limit> {
    Ok(match index {
        0 => Limit::Requests,
        1 => Limit::Subscriptions,
        2 => Limit::Timers,
        3 => Limit::Deferred,
        4 => Limit::TurnEffects,
        5 => Limit::TurnBytes,
        _ => return Err(host_defect("it named an unknown limit")),
    })
}

/// # Safety
/// As `lent_bytes`.
unsafe fn storage_error(error: &StorageErrorData) -> wasmtime::Result<StorageError> {
    Ok(match error.kind {
        0 => StorageError::Denied,
        1 => StorageError::InvalidKey,
        2 => StorageError::ValueTooLarge(error.number),
        3 => StorageError::QuotaExceeded(error.number),
        4 => StorageError::TurnTooLarge(error.number),
        5 => StorageError::RateLimited,
        // SAFETY: the caller's promise.
        6 => StorageError::Unavailable(unsafe { lent_text(error.text) }?),
        // SAFETY: the caller's promise.
        7 => StorageError::Other(unsafe { lent_text(error.text) }?),
        _ => return Err(host_defect("it refused without a known reason")),
    })
}

/// # Safety
/// As `lent_bytes`, for everything that the page points to.
unsafe fn names(page: &PageData) -> wasmtime::Result<(Vec<&'static str>, Option<&'static str>)> {
    // SAFETY: the caller's promise; `names` has `count` views.
    unsafe {
        let views = if page.count == 0 { &[] } else { std::slice::from_raw_parts(page.names, page.count) };
        let names = views.iter().map(|view| lent_text(*view)).collect::<wasmtime::Result<Vec<_>>>()?;
        let next = if page.has_next { Some(lent_text(page.next)?) } else { None };
        Ok((names, next))
    }
}

/// # Safety
/// As `names`; `values` has as many views as `names`.
unsafe fn entries(page: &PageData) -> wasmtime::Result<Page> {
    // SAFETY: the caller's promise.
    unsafe {
        let (names, next) = names(page)?;
        if page.count != 0 && page.values.is_null() {
            return Err(host_defect("it answered entries without values"));
        }
        let values = if page.count == 0 { &[] } else { std::slice::from_raw_parts(page.values, page.count) };
        let entries = names.into_iter().zip(values.iter().map(|view| lent_bytes(*view))).collect();
        Ok(Page { entries, next })
    }
}

/// Defines functions of one interface in a linker and keeps a list of what is offered, for the complaints.
pub struct Offers {
    pub linker: Linker<Host>,
    pub names: BTreeSet<(&'static str, &'static str)>,
}

type Cx<'a> = StoreContextMut<'a, Host>;

/// A call of the host is a place where the guest is looked at, as the head of a loop is: else code without a loop could
/// call and call, and what the host does for it would be nobody's.
#[inline]
pub fn look_at_budget(cx: &mut Cx<'_>) -> wasmtime::Result<()> {
    if cx.data().is_to_be_looked_at() { ask_budget(cx) } else { Ok(()) }
}

#[cold]
fn ask_budget(cx: &mut Cx<'_>) -> wasmtime::Result<()> {
    match cx.data_mut().ask_budget() {
        0 => Err(wasmtime::Trap::Interrupt.into()),
        ticks => {
            cx.set_epoch_deadline(ticks);
            Ok(())
        }
    }
}

impl Offers {
    pub fn new(engine: &wasmtime::Engine) -> wasmtime::Result<Offers> {
        let mut offers = Offers { linker: Linker::new(engine), names: BTreeSet::new() };
        // Types only; components name it all the same.
        offers.linker.instance("airssys:core/types@0.1.0")?;
        context(&mut offers)?;
        messaging(&mut offers)?;
        storage(&mut offers)?;
        timers(&mut offers)?;
        log(&mut offers)?;
        settings(&mut offers)?;
        directory(&mut offers)?;
        Ok(offers)
    }

    fn always<Params, Return>(
        &mut self,
        interface: &'static str,
        name: &'static str,
        body: impl Fn(Cx<'_>, Params) -> wasmtime::Result<Return> + Send + Sync + 'static,
    ) -> wasmtime::Result<()>
    where
        Params: ComponentNamedList + Lift + 'static,
        Return: ComponentNamedList + Lower + 'static,
    {
        self.names.insert((interface, name));
        self.linker.instance(interface)?.func_wrap(name, move |mut cx: Cx<'_>, params: Params| {
            look_at_budget(&mut cx)?;
            body(cx, params)
        })
    }

    /// As `always`, but not while start functions run.
    fn in_turns<Params, Return>(
        &mut self,
        interface: &'static str,
        name: &'static str,
        body: impl Fn(Cx<'_>, Params) -> wasmtime::Result<Return> + Send + Sync + 'static,
    ) -> wasmtime::Result<()>
    where
        Params: ComponentNamedList + Lift + 'static,
        Return: ComponentNamedList + Lower + 'static,
    {
        self.always(interface, name, move |cx: Cx<'_>, params: Params| {
            if cx.data().starting {
                return Err(Stop::error(
                    TrapKind::Other,
                    format!("`{interface} {name}` was called by a start function: only `log` and `context` may be"),
                ));
            }
            body(cx, params)
        })
    }
}

fn context(offers: &mut Offers) -> wasmtime::Result<()> {
    const NAME: &str = "airssys:core/context@0.1.0";
    // SAFETY (all calls of callbacks in this file): the table is complete and its functions live as long as the process
    // uses them, by the contract; `turn` is what came with the running call; arguments are alive for the call; results are
    // lowered before the next callback.
    offers.always(NAME, "self-address", |cx: Cx<'_>, (): ()| {
        let host = cx.data();
        // SAFETY: see above.
        Ok((unsafe { lent_text((host.imports.self_address)(host.turn)) }?,))
    })?;
    offers.always(NAME, "system-id", |cx: Cx<'_>, (): ()| {
        let host = cx.data();
        // SAFETY: see above.
        Ok((unsafe { lent_text((host.imports.system_id)(host.turn)) }?,))
    })?;
    offers.always(NAME, "trace-parent", |cx: Cx<'_>, (): ()| {
        let host = cx.data();
        // SAFETY: see above.
        Ok((unsafe { lent_text((host.imports.trace_parent)(host.turn)) }?,))
    })?;
    offers.always(NAME, "now-ms", |cx: Cx<'_>, (): ()| Ok((cx.data().now_ms(),)))?;
    offers.always(NAME, "random-u64", |cx: Cx<'_>, (): ()| Ok((cx.data().random_u64(),)))?;
    offers.always(NAME, "attempt", |cx: Cx<'_>, (): ()| {
        let host = cx.data();
        // SAFETY: see above.
        Ok((unsafe { (host.imports.attempt)(host.turn) },))
    })?;
    offers.always(NAME, "sent-at-ms", |cx: Cx<'_>, (): ()| {
        let host = cx.data();
        // SAFETY: see above.
        Ok((unsafe { (host.imports.sent_at_ms)(host.turn) },))
    })?;
    offers.always(NAME, "deadline-ms", |cx: Cx<'_>, (): ()| {
        let host = cx.data();
        let mut deadline = 0;
        // SAFETY: see above.
        let some = unsafe { (host.imports.deadline_ms)(host.turn, &mut deadline) };
        Ok((some.then_some(deadline),))
    })
}

fn messaging(offers: &mut Offers) -> wasmtime::Result<()> {
    const NAME: &str = "airssys:core/messaging@0.1.0";
    offers.in_turns(NAME, "send", |cx: Cx<'_>, (to, codec, body): (Name, u32, Bytes)| {
        let host = cx.data();
        let mut error = NO_SEND_ERROR;
        // SAFETY: as in `context`.
        unsafe {
            let sent = (host.imports.send)(host.turn, View::of(to.as_bytes()), codec, View::of(&body), &mut error);
            Ok((if sent { Ok(()) } else { Err(send_error(&error)?) },))
        }
    })?;
    type Request = (Name, u32, Bytes, u64, u64);
    offers.in_turns(NAME, "request", |cx: Cx<'_>, (to, codec, body, timeout_ms, tag): Request| {
        let host = cx.data();
        let (mut id, mut error) = (0, NO_SEND_ERROR);
        // SAFETY: as in `context`.
        unsafe {
            let (to, body) = (View::of(to.as_bytes()), View::of(&body));
            let sent = (host.imports.request)(host.turn, to, codec, body, timeout_ms, tag, &mut id, &mut error);
            Ok((if sent { Ok(id) } else { Err(send_error(&error)?) },))
        }
    })?;
    offers.in_turns(NAME, "cancel", |cx: Cx<'_>, (id,): (u64,)| {
        let host = cx.data();
        // SAFETY: as in `context`.
        Ok((unsafe { (host.imports.cancel)(host.turn, id) },))
    })?;
    offers.in_turns(NAME, "answer", |cx: Cx<'_>, (id, outcome): (u64, Result<ReplyView, FailureView>)| {
        answer(cx.data(), id, &outcome)
    })?;
    offers.in_turns(NAME, "broadcast", |cx: Cx<'_>, (to, codec, body): (Targets, u32, Bytes)| {
        broadcast(cx.data(), &to.items, codec, &body)
    })?;
    offers.in_turns(NAME, "publish", |cx: Cx<'_>, (topic, codec, body): (Name, u32, Bytes)| {
        let host = cx.data();
        let mut error = NO_SEND_ERROR;
        // SAFETY: as in `context`.
        unsafe {
            let (topic, body) = (View::of(topic.as_bytes()), View::of(&body));
            let sent = (host.imports.publish)(host.turn, topic, codec, body, &mut error);
            Ok((if sent { Ok(()) } else { Err(send_error(&error)?) },))
        }
    })?;
    offers.in_turns(NAME, "subscribe", |cx: Cx<'_>, (pattern,): (Name,)| {
        let host = cx.data();
        let mut error = NO_SEND_ERROR;
        // SAFETY: as in `context`.
        unsafe {
            let done = (host.imports.subscribe)(host.turn, View::of(pattern.as_bytes()), &mut error);
            Ok((if done { Ok(()) } else { Err(send_error(&error)?) },))
        }
    })?;
    offers.in_turns(NAME, "unsubscribe", |cx: Cx<'_>, (pattern,): (Name,)| {
        let host = cx.data();
        // SAFETY: as in `context`.
        Ok((unsafe { (host.imports.unsubscribe)(host.turn, View::of(pattern.as_bytes())) },))
    })
}

fn answer(
    host: &Host,
    id: u64,
    outcome: &Result<ReplyView, FailureView>,
) -> wasmtime::Result<(Result<bool, SendError>,)> {
    let (kind, text) = match outcome {
        Ok(_) => (None, None),
        Err(FailureView::Rejected(text)) => (Some(0), Some(text)),
        Err(FailureView::Invalid(text)) => (Some(1), Some(text)),
        Err(FailureView::Internal(text)) => (Some(2), Some(text)),
        Err(FailureView::Busy) => (Some(3), None),
    };
    let (codec, body) = match (outcome, text) {
        (Ok(reply), _) => (reply.codec, &*reply.body),
        (_, Some(text)) => (0, text.as_bytes()),
        _ => (0, &[][..]),
    };
    let (mut waited_for, mut error) = (false, NO_SEND_ERROR);
    let failure = kind.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    // SAFETY: as in `context`.
    unsafe {
        let done = (host.imports.answer)(host.turn, id, failure, codec, View::of(body), &mut waited_for, &mut error);
        Ok((if done { Ok(waited_for) } else { Err(send_error(&error)?) },))
    }
}

type Refused = Vec<(u32, SendError)>;

fn broadcast(host: &Host, to: &[Name], codec: u32, body: &[u8]) -> wasmtime::Result<(Result<Refused, SendError>,)> {
    let views: Vec<View> = to.iter().map(|to| View::of(to.as_bytes())).collect();
    let mut refused = Refusals { items: std::ptr::null(), count: 0 };
    let mut error = NO_SEND_ERROR;
    // SAFETY: as in `context`; `items` has `count` refusals.
    unsafe {
        let sent = (host.imports.broadcast)(
            host.turn,
            views.as_ptr(),
            views.len(),
            codec,
            View::of(body),
            &mut refused,
            &mut error,
        );
        if !sent {
            return Ok((Err(send_error(&error)?),));
        }
        let items = if refused.count == 0 { &[] } else { std::slice::from_raw_parts(refused.items, refused.count) };
        let refused = items.iter().map(|item| Ok((item.index, send_error(&item.error)?)));
        Ok((Ok(refused.collect::<wasmtime::Result<Vec<_>>>()?),))
    }
}

fn storage(offers: &mut Offers) -> wasmtime::Result<()> {
    const NAME: &str = "airssys:core/storage@0.1.0";
    offers.in_turns(NAME, "get", |cx: Cx<'_>, (key,): (Name,)| {
        let host = cx.data();
        let (mut found, mut value, mut error) = (false, View::EMPTY, NO_STORAGE_ERROR);
        // SAFETY: as in `context`.
        unsafe {
            let key = View::of(key.as_bytes());
            let done = (host.imports.storage_get)(host.turn, key, &mut found, &mut value, &mut error);
            let value = found.then(|| lent_bytes(value));
            Ok((if done { Ok(value) } else { Err(storage_error(&error)?) },))
        }
    })?;
    offers.in_turns(NAME, "set", |cx: Cx<'_>, (key, value): (Name, Bytes)| {
        let host = cx.data();
        let mut error = NO_STORAGE_ERROR;
        // SAFETY: as in `context`.
        unsafe {
            let done = (host.imports.storage_set)(host.turn, View::of(key.as_bytes()), View::of(&value), &mut error);
            Ok((if done { Ok(()) } else { Err(storage_error(&error)?) },))
        }
    })?;
    offers.in_turns(NAME, "delete", |cx: Cx<'_>, (key,): (Name,)| {
        let host = cx.data();
        let (mut existed, mut error) = (false, NO_STORAGE_ERROR);
        // SAFETY: as in `context`.
        unsafe {
            let done = (host.imports.storage_delete)(host.turn, View::of(key.as_bytes()), &mut existed, &mut error);
            Ok((if done { Ok(existed) } else { Err(storage_error(&error)?) },))
        }
    })?;
    offers.in_turns(NAME, "exists", |cx: Cx<'_>, (key,): (Name,)| {
        let host = cx.data();
        let (mut exists, mut error) = (false, NO_STORAGE_ERROR);
        // SAFETY: as in `context`.
        unsafe {
            let done = (host.imports.storage_exists)(host.turn, View::of(key.as_bytes()), &mut exists, &mut error);
            Ok((if done { Ok(exists) } else { Err(storage_error(&error)?) },))
        }
    })?;
    type Range = (Name, Option<Name>, u32);
    offers.in_turns(NAME, "scan", |cx: Cx<'_>, (prefix, after, limit): Range| {
        let mut error = NO_STORAGE_ERROR;
        let (done, page) = paged(cx.data(), &prefix, after.as_ref(), |host, prefix, after, page| {
            // SAFETY: as in `context`.
            unsafe { (host.imports.storage_scan)(host.turn, prefix, after, limit, page, &mut error) }
        });
        // SAFETY: as in `context`.
        Ok((if done { Ok(unsafe { entries(&page) }?) } else { Err(unsafe { storage_error(&error) }?) },))
    })?;
    offers.in_turns(NAME, "list-keys", |cx: Cx<'_>, (prefix, after, limit): Range| {
        let mut error = NO_STORAGE_ERROR;
        let (done, page) = paged(cx.data(), &prefix, after.as_ref(), |host, prefix, after, page| {
            // SAFETY: as in `context`.
            unsafe { (host.imports.storage_list_keys)(host.turn, prefix, after, limit, page, &mut error) }
        });
        if !done {
            // SAFETY: as in `context`.
            return Ok((Err(unsafe { storage_error(&error) }?),));
        }
        // SAFETY: as in `context`.
        let (keys, next) = unsafe { names(&page) }?;
        Ok((Ok(KeyPage { keys, next }),))
    })?;
    offers.in_turns(NAME, "get-usage", |cx: Cx<'_>, (): ()| {
        let host = cx.data();
        let mut usage = Usage { bytes: 0, quota_bytes: 0, keys: 0 };
        // SAFETY: as in `context`.
        unsafe {
            (host.imports.storage_usage)(host.turn, &mut usage.bytes, &mut usage.quota_bytes, &mut usage.keys);
        }
        Ok((usage,))
    })
}

/// Calls something that fills a page, with the texts as views.
fn paged<R>(
    host: &Host,
    first: &Name,
    after: Option<&Name>,
    call: impl FnOnce(&Host, View, *const View, *mut PageData) -> R,
) -> (R, PageData) {
    let after = after.map(|after| View::of(after.as_bytes()));
    let mut page = NO_PAGE;
    let after = after.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    let result = call(host, View::of(first.as_bytes()), after, &mut page);
    (result, page)
}

fn timers(offers: &mut Offers) -> wasmtime::Result<()> {
    const NAME: &str = "airssys:core/timers@0.1.0";
    offers.in_turns(NAME, "arm", |cx: Cx<'_>, (tag, delay_ms, period_ms): (u64, u64, Option<u64>)| {
        let host = cx.data();
        let period = period_ms.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        // SAFETY: as in `context`.
        let refusal = unsafe { (host.imports.timer_arm)(host.turn, tag, delay_ms, period) };
        Ok((match refusal {
            0 => Ok(()),
            1 => Err(TimerError::Invalid),
            2 => Err(TimerError::LimitReached),
            3 => Err(TimerError::Unavailable),
            _ => return Err(host_defect("it refused a timer without a known reason")),
        },))
    })?;
    offers.in_turns(NAME, "disarm", |cx: Cx<'_>, (tag,): (u64,)| {
        let host = cx.data();
        // SAFETY: as in `context`.
        Ok((unsafe { (host.imports.timer_disarm)(host.turn, tag) },))
    })
}

fn log(offers: &mut Offers) -> wasmtime::Result<()> {
    const NAME: &str = "airssys:core/log@0.1.0";
    offers.always(NAME, "write", |cx: Cx<'_>, (level, text, fields): (Level, Line, Fields)| {
        let pairs: Vec<Pair> = fields
            .items
            .iter()
            .map(|(key, value)| Pair { key: View::of(key.as_bytes()), value: View::of(value.as_bytes()) })
            .collect();
        let (host, text) = (cx.data(), View::of(text.as_bytes()));
        let (level, left_out) = (level as u32, fields.left_out);
        // SAFETY: as in `context`.
        unsafe { (host.imports.log_write)(host.turn, level, text, pairs.as_ptr(), pairs.len(), left_out) };
        Ok(())
    })?;
    offers.always(NAME, "enabled", |cx: Cx<'_>, (level,): (Level,)| {
        let host = cx.data();
        // SAFETY: as in `context`.
        Ok((unsafe { (host.imports.log_enabled)(host.turn, level as u32) },))
    })
}

fn settings(offers: &mut Offers) -> wasmtime::Result<()> {
    offers.in_turns("airssys:core/config@0.1.0", "get", |cx: Cx<'_>, (key,): (Name,)| {
        let host = cx.data();
        let mut value = View::EMPTY;
        // SAFETY: as in `context`.
        unsafe {
            let found = (host.imports.config_get)(host.turn, View::of(key.as_bytes()), &mut value);
            Ok((if found { Some(lent_text(value)?) } else { None },))
        }
    })?;
    offers.in_turns("airssys:core/secrets@0.1.0", "get", |cx: Cx<'_>, (name,): (Name,)| {
        let host = cx.data();
        let mut value = View::EMPTY;
        // SAFETY: as in `context`.
        unsafe {
            let found = (host.imports.secret_get)(host.turn, View::of(name.as_bytes()), &mut value);
            Ok((found.then(|| lent_bytes(value)),))
        }
    })
}

fn directory(offers: &mut Offers) -> wasmtime::Result<()> {
    type Search = (Name, Option<Name>, u32);
    offers.in_turns("airssys:core/directory@0.1.0", "find", |cx: Cx<'_>, (pattern, after, limit): Search| {
        let ((), page) = paged(cx.data(), &pattern, after.as_ref(), |host, pattern, after, page| {
            // SAFETY: as in `context`.
            unsafe { (host.imports.directory_find)(host.turn, pattern, after, limit, page) }
        });
        // SAFETY: as in `context`.
        let (addresses, next) = unsafe { names(&page) }?;
        Ok((AddressPage { addresses, next },))
    })
}
