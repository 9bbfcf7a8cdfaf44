//! The engine of one profile.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use wasmtime::{Config, Engine};

use crate::ffi::{Buffer, Fault, Status, View, explained, fenced};

/// `ab_engine_config`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct EngineConfig {
    pub size: u32,
    pub profile: u32,
    pub wasm_stack_bytes: u32,
    pub signals_traps: u8,
    pub untimed: u8,
}

#[cfg(test)]
pub const PROFILE_FAST: u32 = 0;
pub const PROFILE_DENSE: u32 = 1;

/// `ab_engine`.
pub struct AbEngine {
    pub engine: Engine,
    pub fingerprint: String,
    /// The ticks so far, for who runs no code of the engine and must know them: host calls.
    pub ticks: Arc<AtomicU64>,
}

const VERSION: &str =
    concat!("airssys-bridge ", env!("CARGO_PKG_VERSION"), ", wasmtime ", env!("AIRSSYS_WASMTIME_VERSION"));

impl AbEngine {
    pub fn new(config: &EngineConfig) -> Result<AbEngine, Fault> {
        if config.size as usize != size_of::<EngineConfig>() {
            return Err(Fault::invalid(format!(
                "engine configuration of {} bytes, expected {}",
                config.size,
                size_of::<EngineConfig>()
            )));
        }
        if config.profile > PROFILE_DENSE {
            return Err(Fault::invalid(format!("unknown engine profile {}", config.profile)));
        }
        let engine = Engine::new(&settings(config))
            .map_err(|error| Fault::invalid(format!("the engine refuses its configuration: {error:#}")))?;
        let fingerprint = fingerprint(&engine);
        Ok(AbEngine { engine, fingerprint, ticks: Arc::default() })
    }
}

fn settings(config: &EngineConfig) -> Config {
    let mut settings = Config::new();
    settings
        .wasm_component_model(true)
        .concurrency_support(false)
        .epoch_interruption(config.untimed == 0)
        .generate_address_map(true)
        // Registering unwind tables is quadratic when many modules load, and nothing here unwinds through guests by them.
        .native_unwind_info(false)
        .signals_based_traps(config.signals_traps != 0)
        // Without signals is how sanitizers run the engine, and they take its thread pool for races by the thousand.
        .parallel_compilation(config.signals_traps != 0)
        .max_wasm_stack(config.wasm_stack_bytes as usize);
    if config.profile == PROFILE_DENSE {
        settings.memory_reservation(0).memory_guard_size(0).memory_reservation_for_growth(0).memory_init_cow(false);
    }
    settings
}

/// The engine's own hash covers its version, settings and target; ours is added because the artifact has our header.
fn fingerprint(engine: &Engine) -> String {
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!("{:016x}-{}", hasher.finish(), env!("CARGO_PKG_VERSION"))
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_engine_new(
    config: *const EngineConfig,
    out: *mut *mut AbEngine,
    error: *mut Buffer,
) -> Status {
    // SAFETY: the caller's pointers are valid, by the contract.
    unsafe {
        explained(error, || {
            out.write(Box::into_raw(Box::new(AbEngine::new(&*config)?)));
            Ok(())
        })
    }
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_engine_free(engine: *mut AbEngine) {
    if !engine.is_null() {
        // SAFETY: made by `ab_engine_new`, freed once.
        fenced((), || drop(unsafe { Box::from_raw(engine) }));
    }
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_engine_tick(engine: *const AbEngine) {
    // SAFETY: alive, by the contract; the engine is shared.
    let engine = unsafe { &*engine };
    engine.ticks.fetch_add(1, Ordering::Relaxed);
    engine.engine.increment_epoch();
}

/// # Safety
/// As `bridge.h` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ab_engine_fingerprint(engine: *const AbEngine) -> Buffer {
    // SAFETY: alive, by the contract.
    fenced(Buffer::EMPTY, || Buffer::of(unsafe { &*engine }.fingerprint.as_bytes()))
}

#[unsafe(no_mangle)]
pub extern "C" fn ab_version() -> View {
    View::of(VERSION.as_bytes())
}
