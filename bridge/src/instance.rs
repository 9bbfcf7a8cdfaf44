//! One store with one instance, and the calls of its exports.

use std::cell::{Cell, UnsafeCell};
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rustix::io::Errno;
use wasmtime::component::TypedFunc;
use wasmtime::{OutOfMemory, ResourceLimiter, Store, StoreContextMut, UpdateDeadline};

use crate::component::CodeMap;
use crate::ffi::{Buffer, Status, View, fenced, panic_text};
use crate::imports::Imports;
use crate::template::{
    AbTemplate, Call, Check, ExportPart, HandleMessage, HandleReply, HandleTimer, ImportPart, Initialize, Stop,
};
use crate::trap::{TrapKind, TrapReport};
use crate::values::{
    Body as BodyArgument, Failure, FailureArgument, Firing, Health, Message, MessageKind, ReplyArgument, RequestError,
    Response, StartReason,
};
use crate::views::{Returned, Said};
use crate::wasi::Wasi;

/// `ab_limits`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Limits {
    pub size: u32,
    pub memory_bytes: u64,
    pub table_elements: u64,
    pub hostcall_bytes: u64,
    pub unlimited: u8,
}

/// `ab_message`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct MessageData {
    pub id: u64,
    pub kind: u32,
    pub codec: u32,
    pub sender: View,
    pub has_topic: bool,
    pub topic: View,
    pub body: View,
}

/// `ab_response`.
#[repr(C)]
#[derive(Debug)]
pub struct ResponseData {
    pub kind: u32,
    pub failure: u32,
    pub codec: u32,
    pub bytes: Buffer,
    pub size: u64,
}

pub const RESPONSE_DONE: u32 = 0;
pub const RESPONSE_REPLY: u32 = 1;
pub const RESPONSE_LATER: u32 = 2;
pub const RESPONSE_FAILED: u32 = 3;
pub const RESPONSE_TOO_LARGE: u32 = 4;

/// `ab_outcome`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct OutcomeData {
    pub id: u64,
    pub tag: u64,
    pub error: u32,
    pub failure: u32,
    pub codec: u32,
    pub body: View,
}

/// What a store carries for its imports.
pub struct Host {
    pub imports: Arc<Imports>,
    /// The token of the running call; null between calls.
    pub turn: *mut c_void,
    /// Start functions are running: most imports are closed to them.
    pub starting: bool,
    pub wasi: Option<Box<Wasi>>,
    limiter: Limiter,
    ticks: Arc<AtomicU64>,
    /// The tick at which a host call asks whether the guest may go on; where its own code does, too.
    next_look: u64,
}

impl Host {
    pub fn now_ms(&self) -> u64 {
        // SAFETY: the callback and the turn are the caller's, good for this call.
        unsafe { (self.imports.now_ms)(self.turn) }
    }

    fn look_after(&mut self, ticks: u64) {
        self.next_look = self.ticks.load(Ordering::Relaxed).saturating_add(ticks);
    }

    #[inline]
    pub fn is_to_be_looked_at(&self) -> bool {
        self.ticks.load(Ordering::Relaxed) >= self.next_look
    }

    /// The ticks until the next look; none if the guest has had enough.
    pub fn ask_budget(&mut self) -> u64 {
        // SAFETY: the callback and the turn are the caller's, good for this call.
        let ticks = unsafe { (self.imports.epoch)(self.turn) };
        self.look_after(ticks);
        ticks
    }

    pub fn random_u64(&self) -> u64 {
        // SAFETY: the callback and the turn are the caller's, good for this call.
        unsafe { (self.imports.random_u64)(self.turn) }
    }
}

/// What can be asked of an instance even while it runs.
#[derive(Default)]
struct Gauges {
    memory_bytes: AtomicU64,
    growth_refused: AtomicBool,
    table_refused: AtomicBool,
    /// The size of the body that is being copied into the guest; 0 between.
    handed_in: AtomicU64,
}

/// Ceilings of the whole instance: memories and tables are summed up.
struct Limiter {
    memory_bytes: u64,
    table_elements: u64,
    gauges: Arc<Gauges>,
    /// Elements of all tables.
    elements: u64,
    /// The growth allowed last, to take it back if the engine then fails to do it.
    pending: u64,
    /// In this call: what gives up after that gives up for want of memory.
    refused_now: bool,
}

/// A component is a handful of core instances and one memory; these bounds only stop the absurd.
const INSTANCES_MAX: usize = 256;
const TABLES_MAX: usize = 256;
const MEMORIES_MAX: usize = 32;
/// Handles of resources, the guest's own and those of WASI: each costs the host some memory.
pub const HANDLES_MAX: usize = 4_096;

impl Limiter {
    fn refuse(&self) -> wasmtime::Result<bool> {
        self.gauges.growth_refused.store(true, Ordering::Relaxed);
        Ok(false)
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let more = (desired - current) as u64;
        if self.gauges.memory_bytes.load(Ordering::Relaxed).saturating_add(more) > self.memory_bytes {
            self.refused_now = true;
            return self.refuse();
        }
        self.pending = more;
        self.gauges.memory_bytes.fetch_add(more, Ordering::Relaxed);
        Ok(true)
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.gauges.memory_bytes.fetch_sub(self.pending, Ordering::Relaxed);
        self.pending = 0;
        self.refused_now = true;
        self.gauges.growth_refused.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn table_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let more = (desired - current) as u64;
        if self.elements.saturating_add(more) > self.table_elements {
            self.gauges.table_refused.store(true, Ordering::Relaxed);
            return self.refuse();
        }
        self.pending = more;
        self.elements += more;
        Ok(true)
    }

    fn table_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.elements -= self.pending;
        self.pending = 0;
        Ok(())
    }

    fn instances(&self) -> usize {
        INSTANCES_MAX
    }

    fn tables(&self) -> usize {
        TABLES_MAX
    }

    fn memories(&self) -> usize {
        MEMORIES_MAX
    }
}

type Typed<C> = TypedFunc<<C as Call>::Params, <C as Call>::Return>;

struct Calls {
    initialize: Typed<Initialize>,
    handle_message: Typed<HandleMessage>,
    handle_reply: Option<Typed<HandleReply>>,
    handle_timer: Option<Typed<HandleTimer>>,
    check: Option<Typed<Check>>,
    export_part: Option<Typed<ExportPart>>,
    import_part: Option<Typed<ImportPart>>,
    stop: Option<Typed<Stop>>,
}

struct Body {
    store: Store<Host>,
    calls: Calls,
}

/// `ab_instance`.
///
/// A callback may enter the instance that is running below it, with a pointer to the same object. So everything outside
/// `body` is only ever shared, and `body` is borrowed for a call only after `running` has been looked at and set.
pub struct AbInstance {
    running: Cell<bool>,
    dead: Cell<bool>,
    gauges: Arc<Gauges>,
    code: Arc<CodeMap>,
    trap: UnsafeCell<Option<Box<TrapReport>>>,
    body: UnsafeCell<Body>,
}

/// How an instantiation ended, if not well.
pub struct Stillborn {
    pub status: Status,
    pub report: Option<Box<TrapReport>>,
}

impl AbInstance {
    pub fn new(
        template: &AbTemplate,
        limits: &Limits,
        turn: *mut c_void,
        epoch_ticks: u64,
    ) -> Result<AbInstance, Stillborn> {
        if limits.size as usize != size_of::<Limits>() {
            return Err(Stillborn { status: Status::Invalid, report: None });
        }
        let gauges = Arc::new(Gauges::default());
        let mut store = new_store(template, limits, turn, &gauges);
        set_deadline(&mut store, epoch_ticks);
        let made = template.pre.instantiate(&mut store).and_then(|instance| {
            calls(template, &mut store, &instance).ok_or_else(|| wasmtime::Error::msg("an export has gone"))
        });
        match made {
            Ok(calls) => {
                let host = store.data_mut();
                host.turn = std::ptr::null_mut();
                host.starting = false;
                Ok(AbInstance {
                    running: Cell::new(false),
                    dead: Cell::new(false),
                    gauges,
                    code: template.code.clone(),
                    trap: UnsafeCell::new(None),
                    body: UnsafeCell::new(Body { store, calls }),
                })
            }
            Err(error) => Err(stillborn(&error, &gauges, &template.code)),
        }
    }

    /// Runs one call of an export, if it has it. Whatever goes wrong in there kills the instance.
    fn enter<R>(
        &self,
        turn: *mut c_void,
        epoch_ticks: u64,
        call: impl FnOnce(&mut Body) -> Option<wasmtime::Result<R>>,
    ) -> Result<R, Status> {
        if self.running.get() {
            return Err(Status::Reentered);
        }
        if self.dead.get() {
            return Err(Status::Dead);
        }
        self.running.set(true);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            // SAFETY: `running` was false, so nobody below on this stack has the body, and the contract allows one thread
            // at a time.
            let body = unsafe { &mut *self.body.get() };
            let host = body.store.data_mut();
            host.turn = turn;
            host.limiter.refused_now = false;
            set_deadline(&mut body.store, epoch_ticks);
            let outcome = call(body);
            body.store.data_mut().turn = std::ptr::null_mut();
            outcome
        }));
        self.running.set(false);
        match outcome {
            Ok(Some(Ok(value))) => Ok(value),
            Ok(Some(Err(error))) => {
                // SAFETY: the call has returned, and `running` was false before it.
                let refused = unsafe { &*self.body.get() }.store.data().limiter.refused_now;
                let mut report = TrapReport::new(&error, &self.code).after_refusal(refused);
                report.handed_in = self.gauges.handed_in.load(Ordering::Relaxed);
                self.die(report);
                Err(Status::Trap)
            }
            Ok(None) => Err(Status::NoExport),
            Err(payload) => {
                self.die(TrapReport::plain(TrapKind::Other, panic_text(payload.as_ref())));
                Err(Status::Panic)
            }
        }
    }

    #[cold]
    fn die(&self, report: TrapReport) {
        self.dead.set(true);
        // SAFETY: written once, before which nobody can have a reference: `trap` gives none while there is no report.
        unsafe { *self.trap.get() = Some(Box::new(report)) };
    }

    pub fn trap(&self) -> Option<&TrapReport> {
        // SAFETY: written at most once and not after a reference was given.
        unsafe { (*self.trap.get()).as_deref() }
    }
}

fn new_store(template: &AbTemplate, limits: &Limits, turn: *mut c_void, gauges: &Arc<Gauges>) -> Store<Host> {
    let host = Host {
        imports: template.imports.clone(),
        turn,
        starting: true,
        wasi: template.has_wasi.then(Box::default),
        limiter: Limiter {
            memory_bytes: limits.memory_bytes,
            table_elements: limits.table_elements,
            gauges: gauges.clone(),
            elements: 0,
            pending: 0,
            refused_now: false,
        },
        ticks: template.ticks.clone(),
        next_look: u64::MAX,
    };
    let mut store = Store::new(template.pre.engine(), host);
    if limits.unlimited == 0 {
        store.limiter(|host| &mut host.limiter);
    }
    store.set_hostcall_fuel(usize::try_from(limits.hostcall_bytes).unwrap_or(usize::MAX));
    store.set_max_component_handles(HANDLES_MAX);
    store.epoch_deadline_callback(|mut cx: StoreContextMut<'_, Host>| {
        Ok(match cx.data_mut().ask_budget() {
            0 => UpdateDeadline::Interrupt,
            ticks => UpdateDeadline::Continue(ticks),
        })
    });
    store
}

/// For the guest's code and for its calls of the host.
fn set_deadline(store: &mut Store<Host>, ticks: u64) {
    store.set_epoch_deadline(ticks);
    store.data_mut().look_after(ticks);
}

fn calls(template: &AbTemplate, store: &mut Store<Host>, instance: &wasmtime::component::Instance) -> Option<Calls> {
    let exports = &template.exports;
    Some(Calls {
        initialize: exports.initialize.of(store, instance)?,
        handle_message: exports.handle_message.of(store, instance)?,
        handle_reply: exports.handle_reply.as_ref().and_then(|export| export.of(store, instance)),
        handle_timer: exports.handle_timer.as_ref().and_then(|export| export.of(store, instance)),
        check: exports.check.as_ref().and_then(|export| export.of(store, instance)),
        export_part: exports.export_part.as_ref().and_then(|export| export.of(store, instance)),
        import_part: exports.import_part.as_ref().and_then(|export| export.of(store, instance)),
        stop: exports.stop.as_ref().and_then(|export| export.of(store, instance)),
    })
}

fn stillborn(error: &wasmtime::Error, gauges: &Gauges, code: &CodeMap) -> Stillborn {
    let out_of_room =
        error.chain().any(|cause| cause.is::<Errno>() || cause.is::<std::io::Error>() || cause.is::<OutOfMemory>());
    if out_of_room {
        return Stillborn { status: Status::Resources, report: None };
    }
    let refused = gauges.growth_refused.load(Ordering::Relaxed);
    let mut report = TrapReport::new(error, code).after_refusal(refused);
    // The engine refuses a too large beginning with words only.
    if report.kind == TrapKind::Abi {
        report.kind = if gauges.table_refused.load(Ordering::Relaxed) {
            TrapKind::Table
        } else if refused {
            TrapKind::OutOfMemory
        } else {
            TrapKind::Other
        };
    }
    Stillborn { status: Status::Trap, report: Some(Box::new(report)) }
}

fn failed(failure: Failure) -> ResponseData {
    let (failure, text) = match failure {
        Failure::Rejected(Said(text)) => (0, text),
        Failure::Invalid(Said(text)) => (1, text),
        Failure::Internal(Said(text)) => (2, text),
        Failure::Busy => (3, String::new()),
    };
    ResponseData { failure, bytes: Buffer::of(text), ..empty(RESPONSE_FAILED) }
}

fn empty(kind: u32) -> ResponseData {
    ResponseData { kind, failure: 0, codec: 0, bytes: Buffer::EMPTY, size: 0 }
}

fn returned(kind: u32, bytes: Returned) -> ResponseData {
    match bytes {
        Returned::Copied(bytes) => ResponseData { size: bytes.len() as u64, bytes: Buffer::of(bytes), ..empty(kind) },
        Returned::TooLarge(size) => ResponseData { size: size as u64, ..empty(RESPONSE_TOO_LARGE) },
    }
}

impl From<Result<(), Failure>> for ResponseData {
    fn from(result: Result<(), Failure>) -> ResponseData {
        result.map_or_else(failed, |()| empty(RESPONSE_DONE))
    }
}

impl From<Result<Response, Failure>> for ResponseData {
    fn from(result: Result<Response, Failure>) -> ResponseData {
        match result {
            Ok(Response::Done) => empty(RESPONSE_DONE),
            Ok(Response::Later) => empty(RESPONSE_LATER),
            Ok(Response::Reply(reply)) => ResponseData { codec: reply.codec, ..returned(RESPONSE_REPLY, reply.body) },
            Err(failure) => failed(failure),
        }
    }
}

/// Writes a response, if there is one, and says how the call went.
///
/// # Safety
/// `out` may be overwritten.
unsafe fn answered(outcome: Result<ResponseData, Status>, out: *mut ResponseData) -> Status {
    match outcome {
        Ok(response) => {
            // SAFETY: by the contract of this function.
            unsafe { out.write(response) };
            Status::Ok
        }
        Err(status) => status,
    }
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_instance_new(
    template: *const AbTemplate,
    limits: *const Limits,
    turn: *mut c_void,
    epoch_ticks: u64,
    out: *mut *mut AbInstance,
    trap: *mut *mut TrapReport,
) -> Status {
    // SAFETY: pointers are valid, by the contract.
    let made = catch_unwind(AssertUnwindSafe(|| unsafe { AbInstance::new(&*template, &*limits, turn, epoch_ticks) }));
    let dead = match made {
        Ok(Ok(instance)) => {
            // SAFETY: valid, by the contract.
            unsafe { out.write(Box::into_raw(Box::new(instance))) };
            return Status::Ok;
        }
        Ok(Err(dead)) => dead,
        Err(payload) => Stillborn {
            status: Status::Panic,
            report: Some(Box::new(TrapReport::plain(TrapKind::Other, panic_text(payload.as_ref())))),
        },
    };
    if !trap.is_null() {
        // SAFETY: valid, by the contract.
        unsafe { trap.write(dead.report.map_or(std::ptr::null_mut(), Box::into_raw)) };
    }
    dead.status
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_instance_free(instance: *mut AbInstance) {
    // SAFETY: made by `ab_instance_new`, freed once.
    unsafe {
        // Freed from one of its own callbacks it would vanish under the running guest: rather leak it.
        if !instance.is_null() && !(*instance).running.get() {
            fenced((), || drop(Box::from_raw(instance)));
        }
    }
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_instance_memory(instance: *const AbInstance) -> u64 {
    // SAFETY: alive, by the contract.
    unsafe { &*instance }.gauges.memory_bytes.load(Ordering::Relaxed)
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_instance_growth_refused(instance: *const AbInstance) -> bool {
    // SAFETY: alive, by the contract.
    unsafe { &*instance }.gauges.growth_refused.load(Ordering::Relaxed)
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_instance_trap(instance: *const AbInstance) -> *const TrapReport {
    // SAFETY: alive, by the contract.
    unsafe { &*instance }.trap().map_or(std::ptr::null(), std::ptr::from_ref)
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_initialize(
    instance: *mut AbInstance,
    turn: *mut c_void,
    epoch_ticks: u64,
    reason: u32,
    restarts: u32,
    version: View,
    out: *mut ResponseData,
) -> Status {
    // SAFETY: pointers and views are valid for the call, by the contract.
    unsafe {
        let reason = match reason {
            0 => StartReason::First,
            1 => StartReason::Restarted(restarts),
            2 => StartReason::Resumed,
            3 => match version.text() {
                Some(version) => StartReason::Upgraded(version),
                None => return Status::Invalid,
            },
            _ => return Status::Invalid,
        };
        let outcome =
            (*instance).enter(turn, epoch_ticks, |body| Some(body.calls.initialize.call(&mut body.store, (reason,))));
        answered(outcome.map(|(result,)| result.into()), out)
    }
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_handle_message(
    instance: *mut AbInstance,
    turn: *mut c_void,
    epoch_ticks: u64,
    message: *const MessageData,
    out: *mut ResponseData,
) -> Status {
    // SAFETY: pointers and views are valid for the call and texts are UTF-8, by the contract.
    unsafe {
        let (instance, data) = (&*instance, &*message);
        let kind = match data.kind {
            0 => MessageKind::Send,
            1 => MessageKind::Request,
            2 => MessageKind::Event,
            _ => return Status::Invalid,
        };
        let message = Message {
            id: data.id,
            kind,
            sender: data.sender.trusted_text(),
            topic: if data.has_topic { Some(data.topic.trusted_text()) } else { None },
            codec: data.codec,
            body: BodyArgument { bytes: data.body.bytes(), noted: &instance.gauges.handed_in },
        };
        let outcome =
            instance.enter(turn, epoch_ticks, |body| Some(body.calls.handle_message.call(&mut body.store, (message,))));
        answered(outcome.map(|(result,)| result.into()), out)
    }
}

/// `None` if the numbers or the text are not what the contract says.
fn outcome_argument<'a>(
    data: &OutcomeData,
    body: BodyArgument<'a>,
) -> Option<Result<ReplyArgument<'a>, RequestError<'a>>> {
    if data.error == 0 {
        return Some(Ok(ReplyArgument { codec: data.codec, body }));
    }
    let text = std::str::from_utf8(body.bytes).ok()?;
    let failure = || {
        Some(match data.failure {
            0 => FailureArgument::Rejected(text),
            1 => FailureArgument::Invalid(text),
            2 => FailureArgument::Internal(text),
            3 => FailureArgument::Busy,
            _ => return None,
        })
    };
    Some(Err(match data.error {
        1 => RequestError::Timeout,
        2 => RequestError::TargetGone,
        3 => RequestError::Interrupted,
        4 => RequestError::Failed(failure()?),
        5 => RequestError::Answered(failure()?),
        6 => RequestError::ReplyRefused,
        7 => RequestError::Other(text),
        _ => return None,
    }))
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_handle_reply(
    instance: *mut AbInstance,
    turn: *mut c_void,
    epoch_ticks: u64,
    outcome: *const OutcomeData,
    out: *mut ResponseData,
) -> Status {
    // SAFETY: pointers and views are valid for the call, by the contract.
    unsafe {
        let (instance, data) = (&*instance, &*outcome);
        let body = BodyArgument { bytes: data.body.bytes(), noted: &instance.gauges.handed_in };
        let Some(argument) = outcome_argument(data, body) else { return Status::Invalid };
        let outcome = instance.enter(turn, epoch_ticks, |body| {
            Some(body.calls.handle_reply?.call(&mut body.store, (data.id, data.tag, argument)))
        });
        answered(outcome.map(|(result,)| result.into()), out)
    }
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_handle_timer(
    instance: *mut AbInstance,
    turn: *mut c_void,
    epoch_ticks: u64,
    tag: u64,
    due_ms: u64,
    missed: u64,
    out: *mut ResponseData,
) -> Status {
    // SAFETY: pointers are valid, by the contract.
    unsafe {
        let outcome = (*instance).enter(turn, epoch_ticks, |body| {
            Some(body.calls.handle_timer?.call(&mut body.store, (Firing { tag, due_ms, missed },)))
        });
        answered(outcome.map(|(result,)| result.into()), out)
    }
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_stop(instance: *mut AbInstance, turn: *mut c_void, epoch_ticks: u64) -> Status {
    // SAFETY: alive, by the contract.
    let outcome =
        unsafe { &*instance }.enter(turn, epoch_ticks, |body| Some(body.calls.stop?.call(&mut body.store, ())));
    outcome.err().unwrap_or(Status::Ok)
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_check(
    instance: *mut AbInstance,
    turn: *mut c_void,
    epoch_ticks: u64,
    status: *mut u32,
    text: *mut Buffer,
) -> Status {
    // SAFETY: pointers are valid, by the contract.
    unsafe {
        let outcome = (*instance).enter(turn, epoch_ticks, |body| Some(body.calls.check?.call(&mut body.store, ())));
        let (number, said) = match outcome {
            Ok((Health::Healthy,)) => (0, String::new()),
            Ok((Health::Degraded(Said(said)),)) => (1, said),
            Ok((Health::Unhealthy(Said(said)),)) => (2, said),
            Err(status) => return status,
        };
        status.write(number);
        text.write(Buffer::of(said));
        Status::Ok
    }
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_export_part(
    instance: *mut AbInstance,
    turn: *mut c_void,
    epoch_ticks: u64,
    part: u32,
    some: *mut bool,
    out: *mut ResponseData,
) -> Status {
    // SAFETY: pointers are valid, by the contract.
    unsafe {
        let outcome =
            (*instance).enter(turn, epoch_ticks, |body| Some(body.calls.export_part?.call(&mut body.store, (part,))));
        if let Ok((Ok(bytes),)) = &outcome {
            some.write(bytes.is_some());
        }
        let response = outcome.map(|(result,)| match result {
            Ok(Some(bytes)) => returned(RESPONSE_DONE, bytes),
            Ok(None) => empty(RESPONSE_DONE),
            Err(failure) => failed(failure),
        });
        answered(response, out)
    }
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_import_part(
    instance: *mut AbInstance,
    turn: *mut c_void,
    epoch_ticks: u64,
    from_version: View,
    part: u32,
    last: bool,
    bytes: View,
    out: *mut ResponseData,
) -> Status {
    // SAFETY: pointers and views are valid for the call, by the contract.
    unsafe {
        let Some(version) = from_version.text() else { return Status::Invalid };
        let bytes = bytes.bytes();
        let outcome = (*instance).enter(turn, epoch_ticks, |body| {
            Some(body.calls.import_part?.call(&mut body.store, (version, part, last, bytes)))
        });
        answered(outcome.map(|(result,)| result.into()), out)
    }
}

#[cfg(test)]
impl AbInstance {
    pub fn panic_for_test(&self) -> Status {
        self.enter::<()>(std::ptr::null_mut(), 1, |_| panic!("made to panic")).expect_err("a panic is no result")
    }
}
