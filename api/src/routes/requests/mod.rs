//! Requests of people with desktops: list, make, one of them, withdraw.

pub mod create;
mod error;
pub mod fetch;
pub mod list;
mod view;
pub mod withdraw;
