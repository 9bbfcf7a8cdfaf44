//! Real components on the real engine, through the C functions.

mod bounds;
mod calls;
mod componentizing;
mod components;
mod header;
mod locating;
mod rig;
mod traps;
mod wasi;
