//! WASI 0.2 for components that import it: everything is denied but time and randomness, which are the host's own.
//!
//! No arguments, no environment, no files, no network. Input is at its end, output is dropped. Time stands still within a
//! turn, so a pollable is ready or will not be: waiting for one that is not ends the call. What can't be reached without a
//! file or a socket (their methods), and all of HTTP, is linked to a trap, so that components that merely mention it load:
//! a JavaScript engine does. So is what a later patch of 0.2 has more.
//!
//! Written here because an implementation meant for programs opens doors that would have to be closed one by one, sleeps
//! when it polls, and brings an executor along.

use wasmtime::StoreContextMut;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{
    Component, ComponentNamedList, ComponentType, Lift, LinkerInstance, Lower, Resource, ResourceType, Val,
};

use crate::imports::{Offers, look_at_budget};
use crate::instance::{HANDLES_MAX, Host};
use crate::trap::{Stop, TrapKind};
use crate::views::{Bytes, First};

const NANOS_PER_MS: u64 = 1_000_000;
/// What an output stream says it takes at once.
const WRITE_MAX: u64 = 64 * 1024;
/// Random bytes of one call: as many as a browser gives.
const RANDOM_MAX: u64 = 64 * 1024;
const PACKAGES: [&str; 7] =
    ["wasi:cli/", "wasi:clocks/", "wasi:filesystem/", "wasi:http/", "wasi:io/", "wasi:random/", "wasi:sockets/"];

/// What one instance keeps for WASI.
#[derive(Default)]
pub struct Wasi {
    /// By the number of a pollable: when it is ready, in monotonic nanoseconds. Bounded by the store's limit on handles.
    pollables: Vec<Option<u64>>,
    /// The latest reading of the clock: the next is not before it, though the wall clock may have been set back.
    latest: u64,
}

// Kinds of resources, as types of their own so that the engine tells their handles apart.
enum Pollable {}
enum InputStream {}
enum OutputStream {}
enum IoError {}
enum TerminalInput {}
enum TerminalOutput {}
enum Descriptor {}
enum Network {}

#[derive(ComponentType, Lower)]
#[component(variant)]
enum StreamError {
    #[component(name = "last-operation-failed")]
    #[allow(dead_code, reason = "it is a case of the type, and never happens")]
    LastOperationFailed(Resource<IoError>),
    #[component(name = "closed")]
    Closed,
}

#[derive(Clone, Copy, ComponentType, Lower)]
#[component(record)]
struct Datetime {
    seconds: u64,
    nanoseconds: u32,
}

/// `exit` takes a `result` without payloads.
type ExitStatus = Result<(), ()>;

type Cx<'a> = StoreContextMut<'a, Host>;
type Done<T> = wasmtime::Result<(T,)>;

/// Where functions of one interface are linked; each looks at the guest's budget first, as those of our own do.
struct At<'a>(LinkerInstance<'a, Host>);

impl At<'_> {
    fn func_wrap<Params, Return>(
        &mut self,
        name: &str,
        body: impl Fn(Cx<'_>, Params) -> wasmtime::Result<Return> + Send + Sync + 'static,
    ) -> wasmtime::Result<()>
    where
        Params: ComponentNamedList + Lift + 'static,
        Return: ComponentNamedList + Lower + 'static,
    {
        self.0.func_wrap(name, move |mut cx: Cx<'_>, params: Params| {
            look_at_budget(&mut cx)?;
            body(cx, params)
        })
    }
}

/// Links what `component` imports from WASI, if anything; what is not offered is among the complaints.
pub fn offer(offers: &mut Offers, component: &Component, complaints: &mut Vec<String>) -> wasmtime::Result<bool> {
    let engine = component.engine();
    let mut any = false;
    for (name, item) in component.component_type().imports(engine) {
        if !name.starts_with("wasi:") {
            continue;
        }
        any = true;
        let ComponentItem::ComponentInstance(instance) = &item.ty else {
            complaints.push(format!("imports `{name}`, which is not offered"));
            continue;
        };
        let Some(interface) = offered(name) else {
            complaints.push(format!("imports `{name}`, which is not offered"));
            continue;
        };
        let mut at = At(offers.linker.instance(name)?);
        for (inner, item) in instance.exports(engine) {
            match item.ty {
                ComponentItem::Resource(_) => resource(&mut at, inner)?,
                ComponentItem::ComponentFunc(_) => function(&mut at, interface, inner)?,
                _ => {}
            }
        }
    }
    Ok(any)
}

/// The interface without its version, if it is of WASI 0.2 and one of the packages that we have.
fn offered(name: &str) -> Option<&str> {
    let (interface, version) = name.split_once('@')?;
    let known = PACKAGES.iter().any(|package| interface.starts_with(package));
    (known && version.starts_with("0.2.")).then_some(interface)
}

fn resource(at: &mut At<'_>, name: &str) -> wasmtime::Result<()> {
    if name == "pollable" {
        return at.0.resource(name, ResourceType::host::<Pollable>(), |mut cx: Cx<'_>, number| {
            if let Some(slot) = wasi(&mut cx)?.pollables.get_mut(number as usize) {
                *slot = None;
            }
            Ok(())
        });
    }
    let ty = match name {
        "input-stream" => ResourceType::host::<InputStream>(),
        "output-stream" => ResourceType::host::<OutputStream>(),
        "error" => ResourceType::host::<IoError>(),
        "terminal-input" => ResourceType::host::<TerminalInput>(),
        "terminal-output" => ResourceType::host::<TerminalOutput>(),
        "descriptor" => ResourceType::host::<Descriptor>(),
        "network" => ResourceType::host::<Network>(),
        // Nobody ever gets one of the others, and their names are few: length and first letter tell them apart.
        _ => ResourceType::host_dynamic(name.len() as u32 * 256 + u32::from(name.as_bytes()[0])),
    };
    at.0.resource(name, ty, |_, _| Ok(()))
}

fn function(at: &mut At<'_>, interface: &str, name: &str) -> wasmtime::Result<()> {
    match interface {
        "wasi:cli/environment" => environment(at, interface, name),
        "wasi:cli/exit" => exit(at, interface, name),
        "wasi:io/streams" => streams(at, interface, name),
        "wasi:io/poll" => poll(at, interface, name),
        "wasi:clocks/monotonic-clock" | "wasi:clocks/wall-clock" => clocks(at, interface, name),
        "wasi:random/random" | "wasi:random/insecure" | "wasi:random/insecure-seed" => random(at, interface, name),
        _ => handles(at, interface, name),
    }
}

fn wasi<'a>(cx: &'a mut Cx<'_>) -> wasmtime::Result<&'a mut Wasi> {
    // Present in every store whose template imports WASI, and only those have these functions.
    cx.data_mut().wasi.as_deref_mut().ok_or_else(|| Stop::error(TrapKind::Other, "WASI without its state"))
}

/// A function that is there to be linked: what it works on can't be had.
fn denied(at: &mut At<'_>, interface: &str, name: &str) -> wasmtime::Result<()> {
    let text = format!("`{interface} {name}` is denied");
    at.0.func_new(name, move |_, _, _, _| Err(Stop::error(TrapKind::Other, text.clone())))
}

fn environment(at: &mut At<'_>, interface: &str, name: &str) -> wasmtime::Result<()> {
    match name {
        "get-environment" => at.func_wrap(name, |_: Cx<'_>, (): ()| Ok((Vec::<(String, String)>::new(),))),
        "get-arguments" => at.func_wrap(name, |_: Cx<'_>, (): ()| Ok((Vec::<String>::new(),))),
        "initial-cwd" => at.func_wrap(name, |_: Cx<'_>, (): ()| Ok((None::<String>,))),
        _ => denied(at, interface, name),
    }
}

fn exit(at: &mut At<'_>, interface: &str, name: &str) -> wasmtime::Result<()> {
    let stop = |code: u32| Stop::error(TrapKind::Exit, format!("the guest called exit with status {code}"));
    match name {
        "exit" => at.func_wrap(name, move |_: Cx<'_>, (status,): (ExitStatus,)| -> wasmtime::Result<()> {
            Err(stop(u32::from(status.is_err())))
        }),
        "exit-with-code" => {
            at.func_wrap(name, move |_: Cx<'_>, (code,): (u8,)| -> wasmtime::Result<()> { Err(stop(u32::from(code))) })
        }
        _ => denied(at, interface, name),
    }
}

/// What hands out a handle, or says that there is none.
fn handles(at: &mut At<'_>, interface: &str, name: &str) -> wasmtime::Result<()> {
    match (interface, name) {
        ("wasi:cli/stdin", "get-stdin") => {
            at.func_wrap(name, |_: Cx<'_>, (): ()| Ok((Resource::<InputStream>::new_own(0),)))
        }
        ("wasi:cli/stdout", "get-stdout") | ("wasi:cli/stderr", "get-stderr") => {
            at.func_wrap(name, |_: Cx<'_>, (): ()| Ok((Resource::<OutputStream>::new_own(0),)))
        }
        ("wasi:cli/terminal-stdin", "get-terminal-stdin") => {
            at.func_wrap(name, |_: Cx<'_>, (): ()| Ok((None::<Resource<TerminalInput>>,)))
        }
        ("wasi:cli/terminal-stdout", "get-terminal-stdout") | ("wasi:cli/terminal-stderr", "get-terminal-stderr") => {
            at.func_wrap(name, |_: Cx<'_>, (): ()| Ok((None::<Resource<TerminalOutput>>,)))
        }
        ("wasi:filesystem/preopens", "get-directories") => {
            at.func_wrap(name, |_: Cx<'_>, (): ()| Ok((Vec::<(Resource<Descriptor>, String)>::new(),)))
        }
        ("wasi:sockets/instance-network", "instance-network") => {
            at.func_wrap(name, |_: Cx<'_>, (): ()| Ok((Resource::<Network>::new_own(0),)))
        }
        ("wasi:sockets/tcp-create-socket", "create-tcp-socket")
        | ("wasi:sockets/udp-create-socket", "create-udp-socket")
        | ("wasi:sockets/ip-name-lookup", "resolve-addresses") => refused(at, name),
        _ => denied(at, interface, name),
    }
}

/// Answers `access-denied`. Untyped: the error code has some twenty cases, of which this one is ever used.
fn refused(at: &mut At<'_>, name: &str) -> wasmtime::Result<()> {
    at.0.func_new(name, |mut cx, _, params, results| {
        look_at_budget(&mut cx)?;
        for param in params {
            if let Val::Resource(handle) = param {
                handle.resource_drop(&mut cx)?;
            }
        }
        results[0] = Val::Result(Err(Some(Box::new(Val::Enum("access-denied".into())))));
        Ok(())
    })
}

fn closed<T>() -> Done<Result<T, StreamError>> {
    Ok((Err(StreamError::Closed),))
}

fn dropped() -> Done<Result<(), StreamError>> {
    Ok((Ok(()),))
}

type In = Resource<InputStream>;
type Out = Resource<OutputStream>;

fn streams(at: &mut At<'_>, interface: &str, name: &str) -> wasmtime::Result<()> {
    match name {
        "[method]input-stream.read" | "[method]input-stream.blocking-read" => {
            at.func_wrap(name, |_: Cx<'_>, (_, _): (In, u64)| closed::<Vec<u8>>())
        }
        "[method]input-stream.skip" | "[method]input-stream.blocking-skip" => {
            at.func_wrap(name, |_: Cx<'_>, (_, _): (In, u64)| closed::<u64>())
        }
        "[method]input-stream.subscribe" => {
            at.func_wrap(name, |mut cx: Cx<'_>, (_,): (In,)| Ok((subscribe(&mut cx, 0)?,)))
        }
        "[method]output-stream.check-write" => {
            at.func_wrap(name, |_: Cx<'_>, (_,): (Out,)| Ok((Ok::<_, StreamError>(WRITE_MAX),)))
        }
        "[method]output-stream.write" | "[method]output-stream.blocking-write-and-flush" => {
            at.func_wrap(name, |_: Cx<'_>, (_, _): (Out, Bytes)| dropped())
        }
        "[method]output-stream.write-zeroes" | "[method]output-stream.blocking-write-zeroes-and-flush" => {
            at.func_wrap(name, |_: Cx<'_>, (_, _): (Out, u64)| dropped())
        }
        "[method]output-stream.flush" | "[method]output-stream.blocking-flush" => {
            at.func_wrap(name, |_: Cx<'_>, (_,): (Out,)| dropped())
        }
        "[method]output-stream.subscribe" => {
            at.func_wrap(name, |mut cx: Cx<'_>, (_,): (Out,)| Ok((subscribe(&mut cx, 0)?,)))
        }
        "[method]output-stream.splice" | "[method]output-stream.blocking-splice" => {
            at.func_wrap(name, |_: Cx<'_>, (_, _, _): (Out, In, u64)| closed::<u64>())
        }
        _ => denied(at, interface, name),
    }
}

/// Nanoseconds since an arbitrary beginning; never back.
fn monotonic(cx: &mut Cx<'_>) -> wasmtime::Result<u64> {
    let now = cx.data().now_ms().saturating_mul(NANOS_PER_MS);
    let wasi = wasi(cx)?;
    wasi.latest = wasi.latest.max(now);
    Ok(wasi.latest)
}

fn subscribe(cx: &mut Cx<'_>, ready_at: u64) -> wasmtime::Result<Resource<Pollable>> {
    let pollables = &mut wasi(cx)?.pollables;
    let number = pollables.iter().position(Option::is_none).unwrap_or_else(|| {
        pollables.push(None);
        pollables.len() - 1
    });
    pollables[number] = Some(ready_at);
    Ok(Resource::new_own(number as u32))
}

fn is_ready(cx: &mut Cx<'_>, pollable: &Resource<Pollable>) -> wasmtime::Result<bool> {
    let now = monotonic(cx)?;
    let ready_at = wasi(cx)?.pollables.get(pollable.rep() as usize).copied().flatten();
    Ok(ready_at.is_some_and(|ready_at| ready_at <= now))
}

/// As many as there can be.
type Polled = First<Resource<Pollable>, HANDLES_MAX>;

fn would_block() -> wasmtime::Error {
    Stop::error(TrapKind::WouldBlock, "the guest waits for something that is not ready; a turn never waits")
}

fn poll(at: &mut At<'_>, interface: &str, name: &str) -> wasmtime::Result<()> {
    match name {
        "[method]pollable.ready" => at
            .func_wrap(name, |mut cx: Cx<'_>, (pollable,): (Resource<Pollable>,)| Ok((is_ready(&mut cx, &pollable)?,))),
        "[method]pollable.block" => {
            at.func_wrap(
                name,
                |mut cx: Cx<'_>, (pollable,): (Resource<Pollable>,)| {
                    if is_ready(&mut cx, &pollable)? { Ok(()) } else { Err(would_block()) }
                },
            )
        }
        "poll" => at.func_wrap(name, |mut cx: Cx<'_>, (pollables,): (Polled,)| {
            if pollables.left_out != 0 {
                return Err(Stop::error(TrapKind::Abi, "the guest polls more than it can have"));
            }
            let mut ready = Vec::new();
            for (index, pollable) in pollables.items.iter().enumerate() {
                if is_ready(&mut cx, pollable)? {
                    ready.push(index as u32);
                }
            }
            if ready.is_empty() { Err(would_block()) } else { Ok((ready,)) }
        }),
        _ => denied(at, interface, name),
    }
}

fn clocks(at: &mut At<'_>, interface: &str, name: &str) -> wasmtime::Result<()> {
    match (interface, name) {
        ("wasi:clocks/monotonic-clock", "now") => {
            at.func_wrap(name, |mut cx: Cx<'_>, (): ()| Ok((monotonic(&mut cx)?,)))
        }
        ("wasi:clocks/monotonic-clock", "resolution") => at.func_wrap(name, |_: Cx<'_>, (): ()| Ok((NANOS_PER_MS,))),
        ("wasi:clocks/monotonic-clock", "subscribe-instant") => {
            at.func_wrap(name, |mut cx: Cx<'_>, (when,): (u64,)| Ok((subscribe(&mut cx, when)?,)))
        }
        ("wasi:clocks/monotonic-clock", "subscribe-duration") => {
            at.func_wrap(name, |mut cx: Cx<'_>, (span,): (u64,)| {
                let when = monotonic(&mut cx)?.saturating_add(span);
                Ok((subscribe(&mut cx, when)?,))
            })
        }
        ("wasi:clocks/wall-clock", "now") => at.func_wrap(name, |cx: Cx<'_>, (): ()| {
            let now = cx.data().now_ms();
            Ok((Datetime { seconds: now / 1_000, nanoseconds: (now % 1_000 * NANOS_PER_MS) as u32 },))
        }),
        ("wasi:clocks/wall-clock", "resolution") => {
            at.func_wrap(name, |_: Cx<'_>, (): ()| Ok((Datetime { seconds: 0, nanoseconds: NANOS_PER_MS as u32 },)))
        }
        _ => denied(at, interface, name),
    }
}

fn random(at: &mut At<'_>, interface: &str, name: &str) -> wasmtime::Result<()> {
    match name {
        "get-random-bytes" | "get-insecure-random-bytes" => at.func_wrap(name, |cx: Cx<'_>, (count,): (u64,)| {
            let host = cx.data();
            if count > RANDOM_MAX {
                return Err(Stop::error(
                    TrapKind::Abi,
                    format!("{count} random bytes in one call are too many: at most {RANDOM_MAX}"),
                ));
            }
            let mut bytes = Vec::with_capacity(count as usize + 7);
            while bytes.len() < count as usize {
                bytes.extend_from_slice(&host.random_u64().to_le_bytes());
            }
            bytes.truncate(count as usize);
            Ok((bytes,))
        }),
        "get-random-u64" | "get-insecure-random-u64" => {
            at.func_wrap(name, |cx: Cx<'_>, (): ()| Ok((cx.data().random_u64(),)))
        }
        // Named `insecure-seed` up to 0.2.x and `get-insecure-seed` after.
        "insecure-seed" | "get-insecure-seed" => at.func_wrap(name, |cx: Cx<'_>, (): ()| {
            let host = cx.data();
            Ok(((host.random_u64(), host.random_u64()),))
        }),
        _ => denied(at, interface, name),
    }
}
