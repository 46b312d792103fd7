//! Tests of the whole way, from [`crate::Connector`] over real HTTP to a small server that misbehaves as told (`fake`) and
//! to the simulated AWS (`simulator`).

mod costs;
mod fake;
mod faults;
mod metrics;
mod prices;
mod reach;
mod roles;
mod simulated_metrics;
mod simulator;
mod simulator_data;
mod trail;
