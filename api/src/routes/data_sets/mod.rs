//! Data sets: how fresh and complete what was read from AWS is.

mod error;
pub mod list;
pub mod view;
