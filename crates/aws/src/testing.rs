//! Tests of the whole way, from [`crate::Connector`] over real HTTP to a small server that misbehaves as told (`fake`) and
//! to the simulated AWS (`simulator`).

mod fake;
mod faults;
mod roles;
mod simulator;
