//! The arithmetic, written once in plain Rust over 16 lanes, so that every instruction set computes the same bits.
//!
//! Each function here is the *twin*: what the processor has no wide registers for runs as it stands, and what it has
//! them for is either this very body compiled again with them allowed, or (the whole-number products only) written by
//! hand in [`super::raw`], which is also the one place that chooses. Lanes are rows, positions or columns that never
//! meet; where they must (a norm, a dot product) they are added in one fixed order. So a token's numbers do not depend on
//! the machine, on how many tokens are computed together, or on which thread does it; tests compare the bits.
//! To add a kernel: its body here, a line in `raw`'s table, and a line in `raw`'s test of twins.

pub mod attend;
pub mod lanes;
pub mod multiply;
pub mod unpack;

pub use super::raw::Isa;
