//! One file per command.

pub mod account;
pub mod admin;
pub mod ai;
pub mod all_in_one;
pub mod audit;
pub mod aws_sim;
pub mod backup;
pub mod config;
pub mod doctor;
pub mod documents;
mod handle;
pub mod healthcheck;
pub mod migrate;
pub mod publish;
pub mod secrets;
pub mod seed;
pub mod sync;
pub mod tiers;
