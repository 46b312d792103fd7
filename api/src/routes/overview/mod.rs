//! The fleet in numbers.

pub mod fetch;
mod view;
