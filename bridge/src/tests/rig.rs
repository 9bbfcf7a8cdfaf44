//! A host for the tests: callbacks that write down what they are told and answer fixed things.

use std::ffi::c_void;
use std::path::PathBuf;
use std::process::Command;
use std::ptr::null_mut;

use crate::component::{AbComponent, ab_compile, ab_component_free, ab_component_load};
use crate::componentize::{ab_componentize, ab_wat_to_wasm};
use crate::engine::{
    AbEngine, EngineConfig, PROFILE_DENSE, PROFILE_FAST, ab_engine_free, ab_engine_new, ab_engine_tick,
};
use crate::ffi::{Buffer, Status, View, ab_buffer_free};
use crate::imports::{Imports, PageData, Pair, Refusal, Refusals, SendErrorData, StorageErrorData};
use crate::instance::{
    AbInstance, Limits, MessageData, ResponseData, ab_handle_message, ab_instance_free, ab_instance_new,
    ab_instance_trap,
};
use crate::template::{AbTemplate, ab_template_free, ab_template_new};
use crate::trap::{TrapReport, ab_trap_free};

pub const WIT: &str = include_str!("../../../wit/airssys.wit");
pub const HANDLER: &str = include_str!("guests/handler.wat");

/// What the callbacks of one call see and leave.
pub struct Turn {
    pub log: Vec<String>,
    pub bytes_seen: usize,
    pub items_seen: (usize, usize),
    /// Whose clock goes on by one whenever the guest asks for the time.
    pub ticks_on_now: *const AbEngine,
    pub send_error: Option<SendErrorData>,
    pub epoch_answer: u64,
    pub epochs: u32,
    pub reenter: *mut AbInstance,
    pub reentered: Option<Status>,
    pub lie: bool,
}

impl Default for Turn {
    fn default() -> Turn {
        Turn {
            log: Vec::new(),
            bytes_seen: 0,
            items_seen: (0, 0),
            ticks_on_now: std::ptr::null(),
            send_error: None,
            epoch_answer: 0,
            epochs: 0,
            reenter: null_mut(),
            reentered: None,
            lie: false,
        }
    }
}

impl Turn {
    pub fn token(&mut self) -> *mut c_void {
        std::ptr::from_mut(self).cast()
    }
}

fn turn<'a>(token: *mut c_void) -> &'a mut Turn {
    // SAFETY: the tests pass a `Turn` that lives through the call, from one thread.
    unsafe { &mut *token.cast::<Turn>() }
}

fn said(view: View) -> String {
    // SAFETY: a callback's argument lives until it returns.
    unsafe { view.text() }.expect("guests' texts are checked").to_string()
}

fn lent(text: &'static str) -> View {
    View::of(text.as_bytes())
}

macro_rules! note {
    ($token:expr, $($arg:tt)*) => { turn($token).log.push(format!($($arg)*)) };
}

unsafe extern "C" fn send(token: *mut c_void, to: View, codec: u32, body: View, error: *mut SendErrorData) -> bool {
    note!(token, "send to={} codec={codec} bytes={}", said(to), body.size);
    let turn = turn(token);
    turn.bytes_seen = body.size;
    if !turn.reenter.is_null() {
        turn.reentered = Some(call(turn.reenter, turn, &message(1, b"")).0);
    }
    match turn.send_error {
        // SAFETY: the bridge passes a place for it.
        Some(refusal) => unsafe {
            error.write(refusal);
            false
        },
        None => true,
    }
}

fn refusal(kind: u32, limit: u32, number: u64, text: &'static str) -> SendErrorData {
    SendErrorData { kind, limit, number, text: lent(text) }
}

unsafe extern "C" fn request(
    token: *mut c_void,
    to: View,
    codec: u32,
    body: View,
    timeout_ms: u64,
    tag: u64,
    id: *mut u64,
    _: *mut SendErrorData,
) -> bool {
    note!(token, "request {} {codec} {} {timeout_ms} {tag}", said(to), said(body));
    // SAFETY: the bridge passes a place for it.
    unsafe { id.write(4242) };
    true
}

unsafe extern "C" fn cancel(token: *mut c_void, id: u64) -> bool {
    note!(token, "cancel {id}");
    true
}

unsafe extern "C" fn answer(
    token: *mut c_void,
    id: u64,
    failure: *const u32,
    codec: u32,
    body: View,
    waited_for: *mut bool,
    _: *mut SendErrorData,
) -> bool {
    // SAFETY: null or one number.
    let failure = unsafe { failure.as_ref() };
    note!(token, "answer {id} {failure:?} {codec} {}", said(body));
    // SAFETY: the bridge passes a place for it.
    unsafe { waited_for.write(failure.is_none()) };
    true
}

static REFUSED: std::sync::LazyLock<usize> = std::sync::LazyLock::new(|| {
    let items = Box::new([Refusal { index: 1, error: refusal(11, 0, 0, "not today") }]);
    Box::leak(items).as_ptr() as usize
});

unsafe extern "C" fn broadcast(
    token: *mut c_void,
    to: *const View,
    count: usize,
    codec: u32,
    body: View,
    refused: *mut Refusals,
    _: *mut SendErrorData,
) -> bool {
    // SAFETY: the bridge passes `count` views.
    let to: Vec<String> = unsafe { std::slice::from_raw_parts(to, count) }.iter().map(|view| said(*view)).collect();
    note!(token, "broadcast {to:?} {codec} {}", said(body));
    turn(token).items_seen.0 = count;
    // SAFETY: the bridge passes a place for it.
    unsafe { refused.write(Refusals { items: *REFUSED as *const Refusal, count: 1 }) };
    true
}

unsafe extern "C" fn publish(
    token: *mut c_void,
    topic: View,
    codec: u32,
    body: View,
    error: *mut SendErrorData,
) -> bool {
    note!(token, "publish {} {codec} {}", said(topic), said(body));
    // SAFETY: the bridge passes a place for it.
    unsafe { error.write(refusal(9, 4, 0, "")) };
    false
}

unsafe extern "C" fn subscribe(token: *mut c_void, pattern: View, error: *mut SendErrorData) -> bool {
    note!(token, "subscribe {}", said(pattern));
    // SAFETY: the bridge passes a place for it.
    unsafe { error.write(refusal(4, 0, 123_456_789_012, "")) };
    false
}

unsafe extern "C" fn unsubscribe(token: *mut c_void, pattern: View) -> bool {
    note!(token, "unsubscribe {}", said(pattern));
    true
}

unsafe extern "C" fn self_address(_: *mut c_void) -> View {
    lent("test/guest/1")
}

unsafe extern "C" fn system_id(token: *mut c_void) -> View {
    if turn(token).lie { View::of(b"\xff\xff") } else { lent("5e5f") }
}

unsafe extern "C" fn now_ms(token: *mut c_void) -> u64 {
    let turn = turn(token);
    turn.items_seen.0 += 1;
    if !turn.ticks_on_now.is_null() {
        // SAFETY: a test that names an engine keeps it.
        unsafe { ab_engine_tick(turn.ticks_on_now) };
    }
    1_700_000_000_123
}

unsafe extern "C" fn random_u64(_: *mut c_void) -> u64 {
    0x0123_4567_89ab_cdef
}

unsafe extern "C" fn attempt(_: *mut c_void) -> u32 {
    2
}

unsafe extern "C" fn sent_at_ms(_: *mut c_void) -> u64 {
    1_700_000_000_001
}

unsafe extern "C" fn deadline_ms(_: *mut c_void, out: *mut u64) -> bool {
    // SAFETY: the bridge passes a place for it.
    unsafe { out.write(1_700_000_009_999) };
    true
}

unsafe extern "C" fn trace_parent(_: *mut c_void) -> View {
    lent("00-aa-bb-01")
}

unsafe extern "C" fn storage_get(
    token: *mut c_void,
    key: View,
    found: *mut bool,
    value: *mut View,
    _: *mut StorageErrorData,
) -> bool {
    let key = said(key);
    note!(token, "get {key}");
    // SAFETY: the bridge passes places for them.
    unsafe {
        found.write(key == "here");
        value.write(lent("stored"));
    }
    true
}

unsafe extern "C" fn storage_set(token: *mut c_void, key: View, value: View, error: *mut StorageErrorData) -> bool {
    note!(token, "set {}={}", said(key), said(value));
    // SAFETY: the bridge passes a place for it.
    unsafe { error.write(StorageErrorData { kind: 3, number: 987_654_321_098, text: View::EMPTY }) };
    false
}

unsafe extern "C" fn storage_delete(
    token: *mut c_void,
    key: View,
    existed: *mut bool,
    _: *mut StorageErrorData,
) -> bool {
    note!(token, "delete {}", said(key));
    // SAFETY: the bridge passes a place for it.
    unsafe { existed.write(true) };
    true
}

unsafe extern "C" fn storage_exists(token: *mut c_void, key: View, _: *mut bool, error: *mut StorageErrorData) -> bool {
    note!(token, "exists {}", said(key));
    // SAFETY: the bridge passes a place for it.
    unsafe { error.write(StorageErrorData { kind: 6, number: 0, text: lent("disk on fire") }) };
    false
}

/// Two views as a page; leaked, as the tests are short.
fn views(texts: [&'static str; 2]) -> *const View {
    Box::leak(Box::new(texts.map(lent))).as_ptr()
}

fn optional(view: *const View) -> Option<String> {
    // SAFETY: null or one view.
    unsafe { view.as_ref() }.map(|view| said(*view))
}

unsafe extern "C" fn storage_scan(
    token: *mut c_void,
    prefix: View,
    after: *const View,
    limit: u32,
    page: *mut PageData,
    _: *mut StorageErrorData,
) -> bool {
    note!(token, "scan {} after {:?} limit {limit}", said(prefix), optional(after));
    let filled = PageData {
        names: views(["p2", "p3"]),
        values: views(["two", "three"]),
        count: 2,
        has_next: true,
        next: lent("p3"),
    };
    // SAFETY: the bridge passes a place for it.
    unsafe { page.write(filled) };
    true
}

unsafe extern "C" fn storage_list_keys(
    token: *mut c_void,
    prefix: View,
    after: *const View,
    limit: u32,
    page: *mut PageData,
    _: *mut StorageErrorData,
) -> bool {
    note!(token, "list {} after {:?} limit {limit}", said(prefix), optional(after));
    let filled =
        PageData { names: views(["p1", "p2"]), values: std::ptr::null(), count: 2, has_next: false, next: View::EMPTY };
    // SAFETY: the bridge passes a place for it.
    unsafe { page.write(filled) };
    true
}

unsafe extern "C" fn storage_usage(_: *mut c_void, bytes: *mut u64, quota_bytes: *mut u64, keys: *mut u64) {
    // SAFETY: the bridge passes places for them.
    unsafe {
        bytes.write(1);
        quota_bytes.write(2);
        keys.write(3);
    }
}

unsafe extern "C" fn timer_arm(token: *mut c_void, tag: u64, delay_ms: u64, period_ms: *const u64) -> u32 {
    // SAFETY: null or one number.
    let period = unsafe { period_ms.as_ref() };
    note!(token, "arm {tag} {delay_ms} {period:?}");
    if period.is_some() { 0 } else { 2 }
}

unsafe extern "C" fn timer_disarm(token: *mut c_void, tag: u64) -> bool {
    note!(token, "disarm {tag}");
    true
}

unsafe extern "C" fn log_write(
    token: *mut c_void,
    level: u32,
    text: View,
    fields: *const Pair,
    count: usize,
    more: usize,
) {
    let turn = turn(token);
    turn.bytes_seen = text.size;
    turn.items_seen = (count, more);
    // SAFETY: the bridge passes `count` pairs.
    let fields = unsafe { std::slice::from_raw_parts(fields, count) };
    let fields: Vec<String> = fields.iter().map(|pair| format!("{}={}", said(pair.key), said(pair.value))).collect();
    turn.log.push(format!("log {level} {} {fields:?}", said(text)));
}

unsafe extern "C" fn log_enabled(token: *mut c_void, level: u32) -> bool {
    note!(token, "enabled {level}");
    true
}

unsafe extern "C" fn config_get(token: *mut c_void, key: View, value: *mut View) -> bool {
    let key = said(key);
    note!(token, "config {key}");
    // SAFETY: the bridge passes a place for it.
    unsafe { value.write(lent("10")) };
    key == "top"
}

unsafe extern "C" fn secret_get(token: *mut c_void, name: View, value: *mut View) -> bool {
    note!(token, "secret {}", said(name));
    // SAFETY: the bridge passes a place for it.
    unsafe { value.write(lent("hush")) };
    true
}

unsafe extern "C" fn directory_find(
    token: *mut c_void,
    pattern: View,
    after: *const View,
    limit: u32,
    page: *mut PageData,
) {
    note!(token, "find {} after {:?} limit {limit}", said(pattern), optional(after));
    let filled = PageData {
        names: views(["a/b/c", "a/b/d"]),
        values: std::ptr::null(),
        count: 2,
        has_next: true,
        next: lent("a/b/d"),
    };
    // SAFETY: the bridge passes a place for it.
    unsafe { page.write(filled) };
}

unsafe extern "C" fn epoch(token: *mut c_void) -> u64 {
    let turn = turn(token);
    turn.epochs += 1;
    if turn.epochs < 3 && turn.epoch_answer != 0 { turn.epoch_answer } else { 0 }
}

pub fn imports() -> Imports {
    Imports {
        size: size_of::<Imports>() as u32,
        send,
        request,
        cancel,
        answer,
        broadcast,
        publish,
        subscribe,
        unsubscribe,
        self_address,
        system_id,
        now_ms,
        random_u64,
        attempt,
        sent_at_ms,
        deadline_ms,
        trace_parent,
        storage_get,
        storage_set,
        storage_delete,
        storage_exists,
        storage_scan,
        storage_list_keys,
        storage_usage,
        timer_arm,
        timer_disarm,
        log_write,
        log_enabled,
        config_get,
        secret_get,
        directory_find,
        epoch,
    }
}

pub fn take(buffer: Buffer) -> Vec<u8> {
    // SAFETY: a buffer of the bridge.
    let bytes = unsafe { View { data: buffer.data, size: buffer.size }.bytes() }.to_vec();
    ab_buffer_free(buffer);
    bytes
}

pub fn text(buffer: Buffer) -> String {
    String::from_utf8(take(buffer)).expect("texts are UTF-8")
}

/// Status and either what was made or the sentence.
fn made(status: Status, out: Buffer, error: Buffer) -> Result<Vec<u8>, (Status, String)> {
    if status == Status::Ok { Ok(take(out)) } else { Err((status, text(error))) }
}

pub fn wat(source: &str) -> Result<Vec<u8>, (Status, String)> {
    let (mut wasm, mut error) = (Buffer::EMPTY, Buffer::EMPTY);
    // SAFETY: all arguments live.
    let status = unsafe { ab_wat_to_wasm(View::of(source.as_bytes()), &mut wasm, &mut error) };
    made(status, wasm, error)
}

pub fn componentized(module: &[u8]) -> Result<Vec<u8>, (Status, String)> {
    let (mut component, mut error) = (Buffer::EMPTY, Buffer::EMPTY);
    // SAFETY: all arguments live.
    let status = unsafe { ab_componentize(View::of(module), View::of(WIT.as_bytes()), &mut component, &mut error) };
    made(status, component, error)
}

pub fn module_wat_to_component(source: &str) -> Vec<u8> {
    componentized(&wat(source).expect("the text is valid")).expect("the module follows the contract")
}

/// Compiles C without a library to a core module, with debug information if `extra` says so.
pub fn compile_c(source: &str, name: &str, extra: &[&str]) -> Vec<u8> {
    let folder = scratch(name);
    let (input, output) = (folder.join(format!("{name}.c")), folder.join(format!("{name}.wasm")));
    std::fs::write(&input, source).expect("scratch is writable");
    let status = Command::new("clang-22")
        .current_dir(&folder)
        .args(["--target=wasm32", "-nostdlib", "-Wl,--no-entry", "-fno-builtin", "-Wno-unused"])
        .args(extra)
        .arg("-o")
        .arg(&output)
        .arg(&input)
        .status()
        .expect("these tests need clang-22 and lld-22 (Debian: clang-22 lld-22)");
    assert!(status.success(), "clang-22 refused {name}.c");
    std::fs::read(&output).expect("clang-22 wrote it")
}

pub fn scratch(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("airssys-bridge-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder is writable");
    folder
}

pub struct Engine(pub *mut AbEngine);

impl Engine {
    pub fn new(profile: u32, signals_traps: u8) -> Engine {
        Engine::timed_or_not(profile, signals_traps, 0)
    }

    pub fn timed_or_not(profile: u32, signals_traps: u8, untimed: u8) -> Engine {
        let config = EngineConfig {
            size: size_of::<EngineConfig>() as u32,
            profile,
            wasm_stack_bytes: 256 * 1024,
            signals_traps,
            untimed,
        };
        let (mut engine, mut error) = (null_mut(), Buffer::EMPTY);
        // SAFETY: all arguments live.
        let status = unsafe { ab_engine_new(&config, &mut engine, &mut error) };
        assert_eq!(status, Status::Ok, "{}", text(error));
        Engine(engine)
    }

    pub fn fast() -> Engine {
        Engine::new(PROFILE_FAST, 1)
    }

    /// Every kind of engine there is.
    pub fn all() -> Vec<Engine> {
        vec![
            Engine::new(PROFILE_FAST, 1),
            Engine::new(PROFILE_DENSE, 1),
            Engine::new(PROFILE_FAST, 0),
            Engine::new(PROFILE_DENSE, 0),
        ]
    }

    pub fn compile(&self, wasm: &[u8]) -> Result<Vec<u8>, (Status, String)> {
        let (mut artifact, mut error) = (Buffer::EMPTY, Buffer::EMPTY);
        // SAFETY: all arguments live.
        let status = unsafe { ab_compile(self.0, View::of(wasm), &mut artifact, &mut error) };
        made(status, artifact, error)
    }

    pub fn load(&self, artifact: &[u8]) -> Result<Component, (Status, String)> {
        let (mut component, mut error) = (null_mut(), Buffer::EMPTY);
        // SAFETY: all arguments live, and the tests make their artifacts themselves.
        let status = unsafe { ab_component_load(self.0, View::of(artifact), &mut component, &mut error) };
        if status == Status::Ok { Ok(Component(component)) } else { Err((status, text(error))) }
    }

    pub fn component(&self, wasm: &[u8]) -> Component {
        self.load(&self.compile(wasm).expect("the component compiles")).expect("its artifact loads")
    }

    pub fn template(&self, wasm: &[u8]) -> Template {
        self.component(wasm).template().expect("the component links")
    }

    pub fn handler(&self) -> Instance {
        self.template(&module_wat_to_component(HANDLER)).instance()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // SAFETY: made by the bridge, freed once.
        unsafe { ab_engine_free(self.0) };
    }
}

pub struct Component(pub *mut AbComponent);

impl Component {
    pub fn template(&self) -> Result<Template, (Status, String)> {
        let (mut template, mut error) = (null_mut(), Buffer::EMPTY);
        // SAFETY: all arguments live.
        let status = unsafe { ab_template_new(self.0, &imports(), &mut template, &mut error) };
        if status == Status::Ok { Ok(Template(template)) } else { Err((status, text(error))) }
    }
}

impl Drop for Component {
    fn drop(&mut self) {
        // SAFETY: made by the bridge, freed once.
        unsafe { ab_component_free(self.0) };
    }
}

#[derive(Debug)]
pub struct Template(pub *mut AbTemplate);

pub const LIMITS: Limits = Limits {
    size: size_of::<Limits>() as u32,
    memory_bytes: 16 << 20,
    table_elements: 10_000,
    hostcall_bytes: 4 << 20,
    unlimited: 0,
};

impl Template {
    pub fn spawn(&self, limits: &Limits, turn: &mut Turn) -> Result<Instance, (Status, Option<Report>)> {
        let (mut instance, mut trap) = (null_mut(), null_mut());
        // SAFETY: all arguments live.
        let status = unsafe { ab_instance_new(self.0, limits, turn.token(), 1_000, &mut instance, &mut trap) };
        if status == Status::Ok {
            return Ok(Instance(instance));
        }
        Err((status, (!trap.is_null()).then_some(Report(trap))))
    }

    pub fn instance(&self) -> Instance {
        self.spawn(&LIMITS, &mut Turn::default()).map_err(|(status, _)| status).expect("it starts")
    }
}

impl Drop for Template {
    fn drop(&mut self) {
        // SAFETY: made by the bridge, freed once.
        unsafe { ab_template_free(self.0) };
    }
}

pub struct Report(pub *mut TrapReport);

impl Drop for Report {
    fn drop(&mut self) {
        // SAFETY: handed out by `ab_instance_new`, freed once.
        unsafe { ab_trap_free(self.0) };
    }
}

#[derive(Debug)]
pub struct Instance(pub *mut AbInstance);

impl Drop for Instance {
    fn drop(&mut self) {
        // SAFETY: made by the bridge, freed once.
        unsafe { ab_instance_free(self.0) };
    }
}

pub fn message(codec: u32, body: &[u8]) -> MessageData {
    MessageData {
        id: 1,
        kind: 1,
        codec,
        sender: lent("test/sender/1"),
        has_topic: false,
        topic: View::EMPTY,
        body: View::of(body),
    }
}

/// Kind, failure, codec and bytes.
pub type Response = (u32, u32, u32, Vec<u8>);

fn call(instance: *mut AbInstance, turn: &mut Turn, message: &MessageData) -> (Status, Option<Response>) {
    let mut out = ResponseData { kind: 99, failure: 99, codec: 99, bytes: Buffer::EMPTY, size: 0 };
    // SAFETY: all arguments live.
    let status = unsafe { ab_handle_message(instance, turn.token(), 1_000, message, &mut out) };
    let response = (status == Status::Ok).then(|| (out.kind, out.failure, out.codec, take(out.bytes)));
    (status, response)
}

impl Instance {
    pub fn call(&self, turn: &mut Turn, message: &MessageData) -> (Status, Option<Response>) {
        call(self.0, turn, message)
    }

    /// Kind, failure, codec and bytes of the response to a message with this codec and body.
    pub fn ask(&self, codec: u32, body: &[u8]) -> Response {
        let (status, response) = self.call(&mut Turn::default(), &message(codec, body));
        assert_eq!(status, Status::Ok, "{:?}", self.report().map(|report| &report.message));
        response.expect("an answered call has a response")
    }

    pub fn report(&self) -> Option<&TrapReport> {
        // SAFETY: alive as long as the instance.
        unsafe { ab_instance_trap(self.0).as_ref() }
    }
}
