//! A component linked to our imports and checked, once, so that a spawn has nothing left to decide.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{
    Component, ComponentExportIndex, ComponentNamedList, Func, Instance, InstancePre, Lift, Lower, TypedFunc,
};
use wasmtime::{Engine, Store};

use crate::component::{AbComponent, CodeMap};
use crate::ffi::{Buffer, Fault, Status, brief, explained, fenced};
use crate::imports::{Imports, Offers};
use crate::instance::Host;
use crate::values::{Failure, Firing, Health, Message, ReplyArgument, RequestError, Response, StartReason};
use crate::views::Returned;
use crate::wasi;

const HANDLER: &str = "airssys:core/handler@0.1.0";
const REPLY_HANDLER: &str = "airssys:core/reply-handler@0.1.0";
const TIMER_HANDLER: &str = "airssys:core/timer-handler@0.1.0";
const HEALTH: &str = "airssys:core/health@0.1.0";
const STATE: &str = "airssys:core/state@0.1.0";
const SHUTDOWN: &str = "airssys:core/shutdown@0.1.0";

/// An export whose types were checked when the template was made: all that a spawn does is to find its function.
pub struct Export<Params, Return> {
    index: ComponentExportIndex,
    types: std::marker::PhantomData<fn(Params) -> Return>,
}

impl<Params, Return> Export<Params, Return>
where
    Params: ComponentNamedList + Lower,
    Return: ComponentNamedList + Lift,
{
    pub fn of(&self, store: &mut Store<Host>, instance: &Instance) -> Option<TypedFunc<Params, Return>> {
        let func: Func = instance.get_func(store, self.index)?;
        // SAFETY: `Checker::find` compared these types with those of this very export.
        Some(unsafe { TypedFunc::new_unchecked(func) })
    }
}

// `'static` stands for any lifetime: a `TypedFunc` is covariant in what it takes.
pub type Initialize = ((StartReason<'static>,), (Result<(), Failure>,));
pub type HandleMessage = ((Message<'static>,), (Result<Response, Failure>,));
pub type HandleReply = ((u64, u64, Result<ReplyArgument<'static>, RequestError<'static>>), (Result<(), Failure>,));
pub type HandleTimer = ((Firing,), (Result<(), Failure>,));
pub type Check = ((), (Health,));
pub type ExportPart = ((u32,), (Result<Option<Returned>, Failure>,));
pub type ImportPart = ((&'static str, u32, bool, &'static [u8]), (Result<(), Failure>,));
pub type Stop = ((), ());

type Found<Signature> = Export<<Signature as Call>::Params, <Signature as Call>::Return>;

/// Names the two halves of a signature.
pub trait Call {
    type Params;
    type Return;
}

impl<P, R> Call for (P, R) {
    type Params = P;
    type Return = R;
}

pub struct Exports {
    pub initialize: Found<Initialize>,
    pub handle_message: Found<HandleMessage>,
    pub handle_reply: Option<Found<HandleReply>>,
    pub handle_timer: Option<Found<HandleTimer>>,
    pub check: Option<Found<Check>>,
    pub export_part: Option<Found<ExportPart>>,
    pub import_part: Option<Found<ImportPart>>,
    pub stop: Option<Found<Stop>>,
}

/// `ab_template`.
pub struct AbTemplate {
    pub pre: InstancePre<Host>,
    pub exports: Exports,
    pub imports: Arc<Imports>,
    pub code: Arc<CodeMap>,
    pub has_wasi: bool,
    pub ticks: Arc<AtomicU64>,
}

impl AbTemplate {
    pub fn new(component: &AbComponent, imports: Imports) -> Result<AbTemplate, Fault> {
        let engine = component.component.engine().clone();
        let mut offers = Offers::new(&engine).map_err(|error| Fault {
            status: Status::Panic,
            text: format!("the linker refuses our own imports: {error:#}"),
        })?;
        let mut complaints = unknown_imports(&engine, &component.component, &offers);
        let has_wasi = wasi::offer(&mut offers, &component.component, &mut complaints)
            .map_err(|error| Fault::invalid(format!("{error:#}")))?;
        let mut checker = Checker { component: &component.component, complaints: &mut complaints };
        let exports = checker.exports();
        if complaints.is_empty() {
            // Now only a wrong type of something that we offer is left.
            match (offers.linker.instantiate_pre(&component.component), exports) {
                (Ok(pre), Some(exports)) => {
                    return Ok(AbTemplate {
                        pre,
                        exports,
                        imports: Arc::new(imports),
                        code: component.code.clone(),
                        has_wasi,
                        ticks: component.ticks.clone(),
                    });
                }
                (Err(error), _) => complaints.push(format!("wrong type: {error:#}")),
                (Ok(_), None) => complaints.push("its exports can't be used".into()),
            }
        }
        Err(Fault::invalid(listed(&complaints)))
    }

    /// Bits of `ab_export`.
    pub fn export_bits(&self) -> u32 {
        let exports = &self.exports;
        u32::from(exports.handle_reply.is_some())
            | u32::from(exports.handle_timer.is_some()) << 1
            | u32::from(exports.check.is_some()) << 2
            | u32::from(exports.export_part.is_some() && exports.import_part.is_some()) << 3
            | u32::from(exports.stop.is_some()) << 4
    }
}

/// A line each, bounded in number and length: names and number are the component's.
fn listed(complaints: &[String]) -> String {
    const MOST: usize = 20;
    let mut lines: Vec<_> = complaints.iter().take(MOST).map(|complaint| brief(complaint)).collect();
    if let Some(more) = complaints.len().checked_sub(MOST).filter(|more| *more != 0) {
        lines.push(format!("and {more} more").into());
    }
    lines.join("\n")
}

fn unknown_imports(engine: &Engine, component: &Component, offers: &Offers) -> Vec<String> {
    let mut complaints = Vec::new();
    for (name, item) in component.component_type().imports(engine) {
        if name.starts_with("wasi:") {
            continue; // `wasi::offer` looks at these.
        }
        let instance = match &item.ty {
            ComponentItem::ComponentInstance(instance) => instance,
            ComponentItem::Type(_) => continue, // A name for a type, as `use` in a world makes them.
            _ => {
                complaints.push(format!("imports `{name}`, which is not offered"));
                continue;
            }
        };
        for (inner, item) in instance.exports(engine) {
            let callable = !matches!(item.ty, ComponentItem::Type(_));
            if callable && !offers.names.iter().any(|offer| offer.1 == inner && same_interface(offer.0, name)) {
                complaints.push(format!("imports `{name} {inner}`, which is not offered"));
            }
        }
    }
    complaints
}

/// The engine links a component made for a later patch of 0.1 too; what matters then are the types.
fn same_interface(ours: &str, theirs: &str) -> bool {
    ours == theirs
        || ours.strip_suffix('0').is_some_and(|stem| {
            theirs
                .strip_prefix(stem)
                .is_some_and(|patch| !patch.is_empty() && patch.bytes().all(|digit| digit.is_ascii_digit()))
        })
}

struct Checker<'a> {
    component: &'a Component,
    complaints: &'a mut Vec<String>,
}

impl Checker<'_> {
    fn exports(&mut self) -> Option<Exports> {
        let initialize = self.required::<Initialize>(HANDLER, "initialize");
        let handle_message = self.required::<HandleMessage>(HANDLER, "handle-message");
        Some(Exports {
            handle_reply: self.find::<HandleReply>(REPLY_HANDLER, "handle-reply"),
            handle_timer: self.find::<HandleTimer>(TIMER_HANDLER, "handle-timer"),
            check: self.find::<Check>(HEALTH, "check"),
            export_part: self.find::<ExportPart>(STATE, "export-part"),
            import_part: self.find::<ImportPart>(STATE, "import-part"),
            stop: self.find::<Stop>(SHUTDOWN, "stop"),
            initialize: initialize?,
            handle_message: handle_message?,
        })
    }

    fn required<C: Call>(&mut self, interface: &str, name: &str) -> Option<Found<C>>
    where
        C::Params: ComponentNamedList + Lower,
        C::Return: ComponentNamedList + Lift,
    {
        let before = self.complaints.len();
        let found = self.find::<C>(interface, name);
        if found.is_none() && self.complaints.len() == before {
            self.complaints.push(format!("lacks the export `{interface} {name}`"));
        }
        found
    }

    /// Nothing and no complaint if there is no such interface; nothing and a complaint if it is not as it should be.
    fn find<C: Call>(&mut self, interface: &str, name: &str) -> Option<Found<C>>
    where
        C::Params: ComponentNamedList + Lower,
        C::Return: ComponentNamedList + Lift,
    {
        let parent = self.component.get_export_index(None, interface)?;
        let Some((item, index)) = self.component.get_export(Some(&parent), name) else {
            self.complaints.push(format!("exports `{interface}` without `{name}`"));
            return None;
        };
        let ComponentItem::ComponentFunc(func) = item else {
            self.complaints.push(format!("exports `{interface} {name}`, which is not a function"));
            return None;
        };
        let ty = self.component.component_type();
        match func.typecheck::<C::Params, C::Return>(&ty.instance_type()) {
            Ok(()) => Some(Export { index, types: std::marker::PhantomData }),
            Err(error) => {
                self.complaints.push(format!("exports `{interface} {name}` with other types: {error:#}"));
                None
            }
        }
    }
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_template_new(
    component: *const AbComponent,
    imports: *const Imports,
    out: *mut *mut AbTemplate,
    error: *mut Buffer,
) -> Status {
    // SAFETY: pointers are valid, by the contract.
    unsafe {
        explained(error, || {
            let imports = Imports::copy(imports)?;
            out.write(Box::into_raw(Box::new(AbTemplate::new(&*component, imports)?)));
            Ok(())
        })
    }
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_template_free(template: *mut AbTemplate) {
    if !template.is_null() {
        // SAFETY: made by `ab_template_new`, freed once; instances hold what they need by themselves.
        fenced((), || drop(unsafe { Box::from_raw(template) }));
    }
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_template_exports(template: *const AbTemplate) -> u32 {
    // SAFETY: alive, by the contract.
    unsafe { &*template }.export_bits()
}
