//! The types of the WIT as Rust types: what is lowered into a guest borrows from the host, what is lifted out of a call's
//! result is owned, and what a guest passes to an import is a view into its memory.

use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicU64, Ordering};

use wasmtime::ValRaw;
use wasmtime::component::__internal::{CanonicalAbiInfo, InstanceType, InterfaceType, LowerContext};
use wasmtime::component::{ComponentType, Lift, Lower};

use crate::views::{Bytes, Returned, Said, TEXT, Text};

// ---- into the guest, as arguments of its exports

/// A body on its way into a guest. Its size stands in `noted` while it is copied: a guest without room for it dies in its own
/// allocator, and the report must say of what.
#[derive(Clone, Copy, Debug)]
pub struct Body<'a> {
    pub bytes: &'a [u8],
    pub noted: &'a AtomicU64,
}

impl Body<'_> {
    fn noting(&self, lower: impl FnOnce() -> wasmtime::Result<()>) -> wasmtime::Result<()> {
        self.noted.store(self.bytes.len() as u64, Ordering::Relaxed);
        let lowered = lower();
        if lowered.is_ok() {
            self.noted.store(0, Ordering::Relaxed);
        }
        lowered
    }
}

// SAFETY: passed and kept as a slice of bytes is, which does the work.
unsafe impl ComponentType for Body<'_> {
    type Lower = [ValRaw; 2];
    const ABI: CanonicalAbiInfo = <[u8]>::ABI;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> wasmtime::Result<()> {
        <[u8]>::typecheck(ty, types)
    }
}

// SAFETY: as above.
unsafe impl Lower for Body<'_> {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        dst: &mut MaybeUninit<Self::Lower>,
    ) -> wasmtime::Result<()> {
        self.noting(|| self.bytes.linear_lower_to_flat(cx, ty, dst))
    }

    fn linear_lower_to_memory<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        offset: usize,
    ) -> wasmtime::Result<()> {
        self.noting(|| self.bytes.linear_lower_to_memory(cx, ty, offset))
    }
}

#[derive(Clone, Copy, Debug, ComponentType, Lower)]
#[component(enum)]
#[repr(u8)]
pub enum MessageKind {
    #[component(name = "send")]
    Send,
    #[component(name = "request")]
    Request,
    #[component(name = "event")]
    Event,
}

#[derive(Clone, Copy, Debug, ComponentType, Lower)]
#[component(record)]
pub struct Message<'a> {
    pub id: u64,
    pub kind: MessageKind,
    pub sender: &'a str,
    pub topic: Option<&'a str>,
    pub codec: u32,
    pub body: Body<'a>,
}

#[derive(Clone, Copy, Debug, ComponentType, Lower)]
#[component(record)]
pub struct ReplyArgument<'a> {
    pub codec: u32,
    pub body: Body<'a>,
}

#[derive(Clone, Copy, Debug, ComponentType, Lower)]
#[component(variant)]
pub enum FailureArgument<'a> {
    #[component(name = "rejected")]
    Rejected(&'a str),
    #[component(name = "invalid")]
    Invalid(&'a str),
    #[component(name = "internal")]
    Internal(&'a str),
    #[component(name = "busy")]
    Busy,
}

#[derive(Clone, Copy, Debug, ComponentType, Lower)]
#[component(variant)]
pub enum RequestError<'a> {
    #[component(name = "timeout")]
    Timeout,
    #[component(name = "target-gone")]
    TargetGone,
    #[component(name = "interrupted")]
    Interrupted,
    #[component(name = "failed")]
    Failed(FailureArgument<'a>),
    #[component(name = "answered")]
    Answered(FailureArgument<'a>),
    #[component(name = "reply-refused")]
    ReplyRefused,
    #[component(name = "other")]
    Other(&'a str),
}

#[derive(Clone, Copy, Debug, ComponentType, Lower)]
#[component(variant)]
pub enum StartReason<'a> {
    #[component(name = "first")]
    First,
    #[component(name = "restarted")]
    Restarted(u32),
    #[component(name = "resumed")]
    Resumed,
    #[component(name = "upgraded")]
    Upgraded(&'a str),
}

#[derive(Clone, Copy, Debug, ComponentType, Lower)]
#[component(record)]
pub struct Firing {
    pub tag: u64,
    #[component(name = "due-ms")]
    pub due_ms: u64,
    pub missed: u64,
}

// ---- out of the guest, as results of its exports

#[derive(Clone, Debug, ComponentType, Lift)]
#[component(record)]
pub struct Reply {
    pub codec: u32,
    pub body: Returned,
}

#[derive(Clone, Debug, ComponentType, Lift)]
#[component(variant)]
pub enum Response {
    #[component(name = "done")]
    Done,
    #[component(name = "reply")]
    Reply(Reply),
    #[component(name = "later")]
    Later,
}

#[derive(Clone, Debug, ComponentType, Lift)]
#[component(variant)]
pub enum Failure {
    #[component(name = "rejected")]
    Rejected(Said),
    #[component(name = "invalid")]
    Invalid(Said),
    #[component(name = "internal")]
    Internal(Said),
    #[component(name = "busy")]
    Busy,
}

#[derive(Clone, Debug, ComponentType, Lift)]
#[component(variant)]
pub enum Health {
    #[component(name = "healthy")]
    Healthy,
    #[component(name = "degraded")]
    Degraded(Said),
    #[component(name = "unhealthy")]
    Unhealthy(Said),
}

// ---- out of the guest, as arguments of its imports: views

#[derive(ComponentType, Lift)]
#[component(record)]
pub struct ReplyView {
    pub codec: u32,
    pub body: Bytes,
}

#[derive(ComponentType, Lift)]
#[component(variant)]
pub enum FailureView {
    #[component(name = "rejected")]
    Rejected(Text<TEXT>),
    #[component(name = "invalid")]
    Invalid(Text<TEXT>),
    #[component(name = "internal")]
    Internal(Text<TEXT>),
    #[component(name = "busy")]
    Busy,
}

#[derive(Clone, Copy, Debug, ComponentType, Lift)]
#[component(enum)]
#[repr(u8)]
#[allow(dead_code, reason = "lifted by number, never named")]
pub enum Level {
    #[component(name = "trace")]
    Trace,
    #[component(name = "debug")]
    Debug,
    #[component(name = "info")]
    Info,
    #[component(name = "warn")]
    Warn,
    #[component(name = "error")]
    Error,
}

// ---- into the guest, as results of its imports. `'static` because the engine asks for it: the bytes are the callback's,
// which keeps them until its next call, and they are copied into the guest before that.

#[derive(Clone, Copy, Debug, ComponentType, Lower)]
#[component(enum)]
#[repr(u8)]
pub enum Limit {
    #[component(name = "requests")]
    Requests,
    #[component(name = "subscriptions")]
    Subscriptions,
    #[component(name = "timers")]
    Timers,
    #[component(name = "deferred")]
    Deferred,
    #[component(name = "turn-effects")]
    TurnEffects,
    #[component(name = "turn-bytes")]
    TurnBytes,
}

#[derive(Clone, Copy, Debug, ComponentType, Lower)]
#[component(variant)]
pub enum SendError {
    #[component(name = "invalid-address")]
    InvalidAddress,
    #[component(name = "denied")]
    Denied,
    #[component(name = "not-found")]
    NotFound,
    #[component(name = "mailbox-full")]
    MailboxFull,
    #[component(name = "too-large")]
    TooLarge(u64),
    #[component(name = "codec-not-accepted")]
    CodecNotAccepted,
    #[component(name = "rate-limited")]
    RateLimited,
    #[component(name = "invalid-timeout")]
    InvalidTimeout,
    #[component(name = "deadline-passed")]
    DeadlinePassed,
    #[component(name = "limit-reached")]
    LimitReached(Limit),
    #[component(name = "unavailable")]
    Unavailable(&'static str),
    #[component(name = "other")]
    Other(&'static str),
}

#[derive(Clone, Copy, Debug, ComponentType, Lower)]
#[component(variant)]
pub enum StorageError {
    #[component(name = "denied")]
    Denied,
    #[component(name = "invalid-key")]
    InvalidKey,
    #[component(name = "value-too-large")]
    ValueTooLarge(u64),
    #[component(name = "quota-exceeded")]
    QuotaExceeded(u64),
    #[component(name = "turn-too-large")]
    TurnTooLarge(u64),
    #[component(name = "rate-limited")]
    RateLimited,
    #[component(name = "unavailable")]
    Unavailable(&'static str),
    #[component(name = "other")]
    Other(&'static str),
}

#[derive(Clone, Copy, Debug, ComponentType, Lower)]
#[component(record)]
pub struct Usage {
    pub bytes: u64,
    #[component(name = "quota-bytes")]
    pub quota_bytes: u64,
    pub keys: u64,
}

#[derive(Debug, ComponentType, Lower)]
#[component(record)]
pub struct Page {
    pub entries: Vec<(&'static str, &'static [u8])>,
    pub next: Option<&'static str>,
}

#[derive(Debug, ComponentType, Lower)]
#[component(record)]
pub struct KeyPage {
    pub keys: Vec<&'static str>,
    pub next: Option<&'static str>,
}

#[derive(Debug, ComponentType, Lower)]
#[component(record)]
pub struct AddressPage {
    pub addresses: Vec<&'static str>,
    pub next: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, ComponentType, Lower)]
#[component(enum)]
#[repr(u8)]
pub enum TimerError {
    #[component(name = "invalid")]
    Invalid,
    #[component(name = "limit-reached")]
    LimitReached,
    #[component(name = "unavailable")]
    Unavailable,
}
