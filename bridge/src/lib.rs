//! The door of airssys to the WebAssembly engine. The contract is `include/airssys/bridge.h`; what is here is mechanical:
//! compile, link, instantiate, call, and hand imports to callbacks. Every decision is made by whoever calls.

mod component;
mod componentize;
mod dwarf;
mod engine;
mod ffi;
mod imports;
mod instance;
mod locate;
mod names;
mod template;
mod trap;
mod values;
mod views;
mod wasi;

#[cfg(test)]
mod tests;
